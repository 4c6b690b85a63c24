import type { XpcDictionary, XpcValue } from '../xpc/value.ts';
import { asDictionary, dictionariesField, dictionaryField, stringField } from './fields.ts';

type Schema = { readonly [keyword: string]: unknown };

/** The `tools` of a request, which make the daemon judge calls by itself (quirk 5). */
export type DeclaredTools = {
  readonly names: readonly string[];
  /** What is wrong with a call; null: nothing. The name is compared as sampled, prefix and all. */
  faultOf(name: string, input: string): string | null;
};

/** Tools without a JSON Schema don't count. Null: none is left. */
export function readDeclaredTools(request: XpcDictionary): DeclaredTools | null {
  const schemas = new Map<string, Schema>();
  for (const tool of dictionariesField(request, 'tools') ?? []) {
    const name = stringField(tool, 'name');
    const schema = schemaOf(tool);
    if (name !== null && schema !== null) schemas.set(name, schema);
  }
  if (schemas.size === 0) return null;
  return {
    names: [...schemas.keys()],
    faultOf(name, input) {
      const schema = schemas.get(name);
      if (schema === undefined) return `unknown tool: ${name}`;
      const parsed = parseJson(input);
      return parsed === undefined ? 'invalid json' : faultIn(parsed, schema);
    },
  };
}

/** Undefined: the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function schemaOf(tool: XpcDictionary): Schema | null {
  const text = stringField(tool, 'json_schema');
  const schema = text === null ? plain(dictionaryField(tool, 'json_schema')) : parseJson(text);
  return isObject(schema) ? schema : null;
}

function plain(value: XpcValue | null): unknown {
  const dictionary = asDictionary(value);
  if (dictionary !== null) return Object.fromEntries([...dictionary].map(([key, entry]) => [key, plain(entry)]));
  if (Array.isArray(value)) return value.map((entry: XpcValue) => plain(entry));
  if (typeof value === 'object' && value !== null && 'value' in value) return Number(value.value);
  return value;
}

/** The daemon looks at types, required and unexpected members, and items; at nothing else. */
function faultIn(value: unknown, schema: Schema): string | null {
  switch (schema['type']) {
    case 'object':
      return isObject(value) ? faultInMembers(value, schema) : 'expected object';
    case 'array': {
      if (!Array.isArray(value)) return 'expected array';
      const items = schema['items'];
      if (!isObject(items)) return null;
      for (const [index, item] of value.entries()) {
        const fault = faultIn(item, items);
        if (fault !== null) return `invalid item ${index}: ${fault}`;
      }
      return null;
    }
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === schema['type'] ? null : `expected ${schema['type']}`;
    case 'integer':
      return Number.isInteger(value) ? null : 'expected integer';
    default:
      return null;
  }
}

function faultInMembers(value: Schema, schema: Schema): string | null {
  const required = schema['required'];
  const missing = Array.isArray(required) ? required.find((name) => !Object.hasOwn(value, String(name))) : undefined;
  if (missing !== undefined) return `missing required: ${String(missing)}`;
  const properties = schema['properties'];
  if (!isObject(properties)) return null;
  for (const [name, property] of Object.entries(properties)) {
    const fault = Object.hasOwn(value, name) && isObject(property) ? faultIn(value[name], property) : null;
    if (fault !== null) return `invalid field ${name}: ${fault}`;
  }
  if (schema['additionalProperties'] !== false) return null;
  const unexpected = Object.keys(value).find((name) => !Object.hasOwn(properties, name));
  return unexpected === undefined ? null : `unexpected field: ${unexpected}`;
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
