import { z } from 'zod';
import { configSchema } from '../../src/config-schema.ts';

type Schema = z.core.JSONSchema.JSONSchema;

const root = z.toJSONSchema(configSchema, { io: 'input' });

/** The values that a setting, or a field of its entries, may have: `integer, 1 to 65535`, `` `auto`, `off` ``. */
export function valuesAt(key: string, field?: string): string {
  const schema = key.split('.').reduce((node, name) => node.properties![name] as Schema, root as Schema);
  if (field === undefined) return describe(schema);
  const entry = parts(parts(schema)[0]!.items as Schema).find(({ properties }) => properties !== undefined)!;
  return describe(entry.properties![field] as Schema);
}

/** The alternatives of a schema, itself where there are none. */
const parts = (schema: Schema): Schema[] => (schema.anyOf ?? schema.oneOf ?? [schema]) as Schema[];

function describe(schema: Schema): string {
  return parts(schema)
    .map((part) => {
      const { type, enum: choices, const: only, items } = part;
      if (choices !== undefined) return choices.map((choice) => `\`${String(choice)}\``).join(', ');
      if (only !== undefined) return `\`${String(only)}\``;
      if (type === 'array') return `list of ${[...new Set(parts(items as Schema).map(several))].join(' or ')}`;
      if (type === 'integer' || type === 'number') return type + range(part);
      return String(type);
    })
    .join(' or ');
}

const several = (part: Schema) => kinds[describe(part)] ?? describe(part);

const kinds: { readonly [kind: string]: string } = { string: 'strings', object: 'entries' };

function range({ minimum, exclusiveMinimum, maximum }: Schema): string {
  const least = minimum ?? (exclusiveMinimum === undefined ? null : `more than ${exclusiveMinimum}`);
  const most = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? null : maximum;
  if (least === null || least === Number.MIN_SAFE_INTEGER) return most === null ? '' : `, up to ${most}`;
  if (most === null) return minimum === undefined ? `, ${least}` : `, from ${least}`;
  return minimum === undefined ? `, ${least}, up to ${most}` : `, ${least} to ${most}`;
}
