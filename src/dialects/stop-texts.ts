import { z } from 'zod';
import { orText } from './json-schema.ts';
import { optional } from './parse.ts';

/** `stop`: a string is short for one text, and an empty text, which would be met before the first letter, is none. */
export const stopTexts = optional(
  z
    .preprocess(
      (value) => (typeof value === 'string' ? [value] : value),
      z.array(z.string().max(1000), { error: expectedStringOrArray }).max(4),
    )
    .meta(orText),
).transform((texts) => (texts ?? []).filter((text) => text !== ''));

/** For arrays that a string is short for. */
export function expectedStringOrArray(issue: { readonly code?: string | undefined }): string | undefined {
  return issue.code === 'invalid_type' ? 'expected a string or an array' : undefined;
}
