import { z } from 'zod';
import { mostAnswers } from '../answers.ts';
import { writtenAs } from '../json-schema.ts';
import { optional } from '../parse.ts';
import { stopTexts } from '../stop-texts.ts';
import { streamOptions } from '../stream-options.ts';

const answers = optional(z.int().min(1).max(mostAnswers));

const ids = { type: 'array', items: { type: 'integer', minimum: 0 }, minItems: 1 };
const text = { type: 'string' };
const promptForms = {
  anyOf: [text, ids, { type: 'array', items: { anyOf: [text, ids] }, minItems: 1 }, { type: 'null' }],
};

/**
 * The body of `POST /v1/completions`, as far as its fields are honoured; support.ts says what becomes of the others.
 * null is absent.
 */
export const completionRequest = z.object({
  model: z.string().min(1).max(256),
  // Read by prompts.ts, which knows which element is at fault; a union of arrays doesn't.
  prompt: z.unknown().meta(writtenAs(() => promptForms)),
  best_of: answers,
  echo: optional(z.boolean()),
  max_tokens: optional(z.int().min(1)),
  n: answers,
  temperature: optional(z.number().min(0).max(2)),
  stop: stopTexts,
  stream: optional(z.boolean()),
  stream_options: optional(streamOptions),
});

export type CompletionRequest = z.infer<typeof completionRequest>;
