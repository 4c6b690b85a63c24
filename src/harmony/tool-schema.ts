import { jsonText } from './json-text.ts';

/** Deeper schemas print `any`; the reference implementation can't read them. */
const deepest = 128;

type Schema = { readonly [keyword: string]: unknown };

/**
 * A JSON Schema as the TypeScript-like text that GPT-OSS was trained on, character by character what the reference
 * implementation prints, its odd corners included. Any JSON value is accepted: what it can't express prints `any`.
 *
 * The reference knows `type`, `enum` (of strings), `oneOf`, `nullable`, `properties`, `required`, `items`, `title`,
 * `description`, `examples` (strings) and `default`. `anyOf`, `allOf`, `$ref` and `const` print `any`.
 */
export function schemaText(schema: unknown): string {
  const text = createText();
  addType(text, schema, '', 0);
  return text.whole();
}

/** A text that is put together piece by piece: a part of it that was joined at every level would be copied at each. */
type Text = {
  add(...pieces: readonly string[]): void;
  /** In how many pieces the word `null` stands. No two pieces make that word together: marks stand between words. */
  nulls(): number;
  whole(): string;
};

function createText(): Text {
  const all: string[] = [];
  let nulls = 0;
  return {
    add(...pieces) {
      for (const piece of pieces) {
        all.push(piece);
        if (piece.includes('null')) nulls++;
      }
    },
    nulls: () => nulls,
    whole: () => all.join(''),
  };
}

/** `indent` stands before each line of an object or a union, except the first. */
function addType(text: Text, schema: unknown, indent: string, depth: number): void {
  if (!isObject(schema) || depth >= deepest) return text.add('any');
  const variants = keyword(schema, 'oneOf');
  if (Array.isArray(variants)) return addUnion(text, variants, indent, depth);
  const type = keyword(schema, 'type');
  if (Array.isArray(type)) {
    const names = type.filter((name) => typeof name === 'string');
    return text.add(names.length > 0 ? names.map((name) => (name === 'integer' ? 'number' : name)).join(' | ') : 'any');
  }
  switch (type) {
    case 'object':
      return addObject(text, schema, indent, depth);
    case 'array': {
      const items = keyword(schema, 'items');
      if (items === undefined) return text.add('Array<any>');
      addType(text, items, indent, depth + 1);
      return text.add('[]');
    }
    case 'string': {
      const values = keyword(schema, 'enum');
      const texts = Array.isArray(values) ? values.filter((value) => typeof value === 'string') : [];
      return text.add(texts.length > 0 ? texts.map((each) => `"${each}"`).join(' | ') : 'string');
    }
    case 'number':
    case 'integer':
      return text.add('number');
    case 'boolean':
      return text.add('boolean');
    default:
      return text.add('any');
  }
}

/** A `oneOf` that is no property: each variant on a line of its own, the first one too. */
function addUnion(text: Text, variants: readonly unknown[], indent: string, depth: number): void {
  for (const variant of variants) {
    text.add(`\n${indent} | `);
    addNullable(text, variant, `${indent}   `, depth + 1);
    const comments: string[] = [];
    const description = stringKeyword(variant, 'description');
    if (description !== null) comments.push(description);
    const fallback = keyword(variant, 'default');
    if (fallback !== undefined) {
      const bare = typeof fallback === 'string' && !isEnum(variant);
      comments.push(bare ? `default: "${fallback}"` : `default: ${jsonText(fallback)}`);
    }
    if (comments.length > 0) text.add(` // ${comments.join(' ')}`);
  }
}

function addObject(text: Text, schema: Schema, indent: string, depth: number): void {
  const description = stringKeyword(schema, 'description');
  text.add(description === null ? '{\n' : `${indent}// ${description}\n{\n`);
  const required = keyword(schema, 'required');
  const needed = new Set<unknown>(Array.isArray(required) ? required : []);
  const properties = keyword(schema, 'properties');
  if (isObject(properties)) {
    for (const [name, property] of Object.entries(properties)) {
      const label = `${indent}${name}${needed.has(name) ? '' : '?'}:`;
      addComments(text, property, indent);
      const variants = keyword(property, 'oneOf');
      if (Array.isArray(variants)) addUnionProperty(text, label, property, variants, indent, depth);
      else addPlainProperty(text, label, property, indent, depth);
    }
  }
  text.add(`${indent}}`);
}

/** Title, description and examples above a property. A `oneOf` property's description has its own place. */
function addComments(text: Text, property: unknown, indent: string): void {
  const title = stringKeyword(property, 'title');
  if (title !== null) text.add(`${indent}// ${title}\n${indent}//\n`);
  const description = stringKeyword(property, 'description');
  if (description !== null && keyword(property, 'oneOf') === undefined) text.add(`${indent}// ${description}\n`);
  const examples = keyword(property, 'examples');
  if (Array.isArray(examples) && examples.length > 0) {
    text.add(`${indent}// Examples:\n`);
    for (const example of examples) if (typeof example === 'string') text.add(`${indent}// - "${example}"\n`);
  }
}

function addPlainProperty(text: Text, label: string, property: unknown, indent: string, depth: number): void {
  text.add(`${label} `);
  addNullable(text, property, `${indent}    `, depth + 1);
  const fallback = keyword(property, 'oneOf') === undefined ? defaultText(property) : null;
  text.add(fallback === null ? ',\n' : `, // ${fallback}\n`);
}

function addUnionProperty(
  text: Text,
  label: string,
  property: unknown,
  variants: readonly unknown[],
  indent: string,
  depth: number,
): void {
  const description = stringKeyword(property, 'description');
  const above = description !== null && description !== stringKeyword(variants[0], 'description');
  if (above) text.add(`${indent}// ${description}\n`);
  const fallback = defaultText(property);
  if (fallback !== null) text.add(`${indent}// ${fallback}\n`);
  text.add(`${label}\n`);
  for (const [index, variant] of variants.entries()) {
    text.add(`${indent} | `);
    addNullable(text, variant, `${indent}   `, depth + 1);
    const comments: string[] = [];
    const own = stringKeyword(variant, 'description');
    // A description above the property silences that of the first variant, even when the two differ.
    if (own !== null && own !== description && !(index === 0 && above)) comments.push(own);
    const ownDefault = defaultText(variant);
    if (ownDefault !== null) comments.push(ownDefault);
    text.add(comments.length > 0 ? ` // ${comments.join(' ')}\n` : '\n');
  }
  text.add(`${indent},\n`);
}

function addNullable(text: Text, schema: unknown, indent: string, depth: number): void {
  const before = text.nulls();
  addType(text, schema, indent, depth);
  // The word `null` anywhere in the type's text counts, also inside a name or a comment.
  if (keyword(schema, 'nullable') === true && text.nulls() === before) text.add(' | null');
}

/** `default: …`; a string stands in quotes but unescaped, and bare when the schema is an enum. Null: no default. */
function defaultText(schema: unknown): string | null {
  const fallback = keyword(schema, 'default');
  if (fallback === undefined) return null;
  if (typeof fallback !== 'string') return `default: ${jsonText(fallback)}`;
  return isEnum(schema) ? `default: ${fallback}` : `default: "${fallback}"`;
}

function isEnum(schema: unknown): boolean {
  const values = keyword(schema, 'enum');
  return Array.isArray(values) && values.length > 0;
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Own members only: a schema that lacks a keyword must not find it on a prototype. */
function keyword(schema: unknown, name: string): unknown {
  return isObject(schema) && Object.hasOwn(schema, name) ? schema[name] : undefined;
}

function stringKeyword(schema: unknown, name: string): string | null {
  const value = keyword(schema, name);
  return typeof value === 'string' ? value : null;
}
