import { z } from 'zod';
import { optional } from '../parse.ts';

/**
 * The body of `POST /v1/completions`, as far as its fields are honoured; support.ts says what becomes of the others.
 * null is absent.
 */
export const completionRequest = z.object({
  model: z.string().min(1).max(256),
  /** Several texts and token ids are well-formed too, though no model here can take them. */
  prompt: z.union([z.string(), z.array(z.unknown()).min(1)], { error: 'expected a string' }),
  echo: optional(z.boolean()),
  max_tokens: optional(z.int().min(1)),
  temperature: optional(z.number().min(0).max(2)),
  stop: optional(
    z.preprocess(
      (value) => (typeof value === 'string' ? [value] : value),
      z.array(z.string(), { error: 'expected a string or an array' }).max(4),
    ),
  ),
  stream: optional(z.boolean()),
  stream_options: optional(z.object({ include_usage: optional(z.boolean()) })),
});

export type CompletionRequest = z.infer<typeof completionRequest>;
