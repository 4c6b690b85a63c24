import { z } from 'zod';

/** Half of a context window. Each line of such a text becomes a comment, which is much work for a million of them. */
const longestText = 256 * 1024;

export const toolDescription = z.string().max(longestText);

export const grammarDefinition = z.string().max(longestText);

/** Characters of all names and texts of one schema: more than any context window has room for. */
const longestSchema = 1024 * 1024;

/** A JSON Schema as the client wrote it. */
export const jsonSchema = z.record(z.string(), z.unknown()).refine((schema) => leftOf(schema, longestSchema) >= 0, {
  error: `expected a schema with at most ${longestSchema} characters of names and texts`,
});

/** What is left of `characters` behind the names and texts in a value; less than 0: there are more. */
function leftOf(value: unknown, characters: number): number {
  if (typeof value === 'string') return characters - value.length;
  if (typeof value !== 'object' || value === null) return characters;
  let left = characters;
  for (const [name, member] of Object.entries(value)) {
    if (left < 0) break;
    left = leftOf(member, Array.isArray(value) ? left : left - name.length);
  }
  return left;
}
