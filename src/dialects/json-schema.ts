import { z } from 'zod';

export type JsonSchema = { readonly [keyword: string]: unknown };

/** Metadata of a schema that takes more than it shows: the form of what clients may write, made of what it shows. */
export function writtenAs(form: (shown: JsonSchema) => JsonSchema): { readonly writtenAs: typeof form } {
  return { writtenAs: form };
}

/** A text may stand for the whole. */
export const orText = writtenAs((shown) => ({ anyOf: [{ type: 'string' }, shown] }));

/** One of these words may stand for the whole. */
export const orWord = (...words: readonly string[]) =>
  writtenAs((shown) => ({ anyOf: [{ type: 'string', enum: words }, shown] }));

/** What clients may write for this schema to take it, as JSON Schema 2020-12. What is left open there is open here. */
export function requestSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...written } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      // A check of the raw value stands before some schemas and shows nothing.
      if (zodSchema instanceof z.ZodPipe && zodSchema.in instanceof z.ZodUnknown) {
        replace(jsonSchema, requestSchema(zodSchema.out as z.ZodType));
      }
      const { writtenAs: form, ...shown } = jsonSchema as JsonSchema & Partial<ReturnType<typeof writtenAs>>;
      if (form !== undefined) replace(jsonSchema, form(shown));
    },
  });
  return written;
}

function replace(target: object, by: object): void {
  for (const key of Object.keys(target)) delete (target as Record<string, unknown>)[key];
  Object.assign(target, by);
}
