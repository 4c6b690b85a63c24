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
  return typeText(schema, '', 0);
}

/** `indent` stands before each line of an object or a union, except the first. */
function typeText(schema: unknown, indent: string, depth: number): string {
  if (!isObject(schema) || depth >= deepest) return 'any';
  const variants = keyword(schema, 'oneOf');
  if (Array.isArray(variants)) return unionText(variants, indent, depth);
  const type = keyword(schema, 'type');
  if (Array.isArray(type)) {
    const names = type.filter((name) => typeof name === 'string');
    return names.length > 0 ? names.map((name) => (name === 'integer' ? 'number' : name)).join(' | ') : 'any';
  }
  switch (type) {
    case 'object':
      return objectText(schema, indent, depth);
    case 'array': {
      const items = keyword(schema, 'items');
      return items === undefined ? 'Array<any>' : `${typeText(items, indent, depth + 1)}[]`;
    }
    case 'string': {
      const values = keyword(schema, 'enum');
      const texts = Array.isArray(values) ? values.filter((value) => typeof value === 'string') : [];
      return texts.length > 0 ? texts.map((text) => `"${text}"`).join(' | ') : 'string';
    }
    case 'number':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    default:
      return 'any';
  }
}

/** A `oneOf` that is no property: each variant on a line of its own, the first one too. */
function unionText(variants: readonly unknown[], indent: string, depth: number): string {
  let text = '';
  for (const variant of variants) {
    text += `\n${indent} | ${nullableText(variant, `${indent}   `, depth + 1)}`;
    const comments: string[] = [];
    const description = stringKeyword(variant, 'description');
    if (description !== null) comments.push(description);
    const fallback = keyword(variant, 'default');
    if (fallback !== undefined) {
      const bare = typeof fallback === 'string' && !isEnum(variant);
      comments.push(bare ? `default: "${fallback}"` : `default: ${jsonText(fallback)}`);
    }
    if (comments.length > 0) text += ` // ${comments.join(' ')}`;
  }
  return text;
}

function objectText(schema: Schema, indent: string, depth: number): string {
  const description = stringKeyword(schema, 'description');
  let text = description === null ? '{\n' : `${indent}// ${description}\n{\n`;
  const required = keyword(schema, 'required');
  const needed = new Set<unknown>(Array.isArray(required) ? required : []);
  const properties = keyword(schema, 'properties');
  if (isObject(properties)) {
    for (const [name, property] of Object.entries(properties)) {
      const label = `${indent}${name}${needed.has(name) ? '' : '?'}:`;
      text += commentsAbove(property, indent);
      const variants = keyword(property, 'oneOf');
      text += Array.isArray(variants)
        ? unionProperty(label, property, variants, indent, depth)
        : plainProperty(label, property, indent, depth);
    }
  }
  return `${text}${indent}}`;
}

/** Title, description and examples of a property. A `oneOf` property's description has its own place. */
function commentsAbove(property: unknown, indent: string): string {
  let text = '';
  const title = stringKeyword(property, 'title');
  if (title !== null) text += `${indent}// ${title}\n${indent}//\n`;
  const description = stringKeyword(property, 'description');
  if (description !== null && keyword(property, 'oneOf') === undefined) text += `${indent}// ${description}\n`;
  const examples = keyword(property, 'examples');
  if (Array.isArray(examples) && examples.length > 0) {
    text += `${indent}// Examples:\n`;
    for (const example of examples) if (typeof example === 'string') text += `${indent}// - "${example}"\n`;
  }
  return text;
}

function plainProperty(label: string, property: unknown, indent: string, depth: number): string {
  const text = `${label} ${nullableText(property, `${indent}    `, depth + 1)},`;
  const fallback = keyword(property, 'oneOf') === undefined ? defaultText(property) : null;
  return fallback === null ? `${text}\n` : `${text} // ${fallback}\n`;
}

function unionProperty(
  label: string,
  property: unknown,
  variants: readonly unknown[],
  indent: string,
  depth: number,
): string {
  const description = stringKeyword(property, 'description');
  const above = description !== null && description !== stringKeyword(variants[0], 'description');
  let text = above ? `${indent}// ${description}\n` : '';
  const fallback = defaultText(property);
  if (fallback !== null) text += `${indent}// ${fallback}\n`;
  text += `${label}\n`;
  for (const [index, variant] of variants.entries()) {
    text += `${indent} | ${nullableText(variant, `${indent}   `, depth + 1)}`;
    const comments: string[] = [];
    const own = stringKeyword(variant, 'description');
    // A description above the property silences that of the first variant, even when the two differ.
    if (own !== null && own !== description && !(index === 0 && above)) comments.push(own);
    const ownDefault = defaultText(variant);
    if (ownDefault !== null) comments.push(ownDefault);
    if (comments.length > 0) text += ` // ${comments.join(' ')}`;
    text += '\n';
  }
  return `${text}${indent},\n`;
}

function nullableText(schema: unknown, indent: string, depth: number): string {
  const text = typeText(schema, indent, depth);
  // The word `null` anywhere in the text counts, also inside a name or a comment.
  return keyword(schema, 'nullable') === true && !text.includes('null') ? `${text} | null` : text;
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
