import { z } from 'zod';
import { mostAnswers } from '../answers.ts';
import { effort } from '../effort.ts';
import { optional } from '../parse.ts';
import { stopTexts } from '../stop-texts.ts';
import { streamOptions } from '../stream-options.ts';
import { jsonSchema, toolDescription } from '../tool-parts.ts';
import { message } from './message-schema.ts';
import { functionCall, legacyFunction, name, tool, toolChoice } from './tool-schema.ts';

const responseFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    json_schema: z.object({
      name,
      description: optional(toolDescription),
      schema: optional(jsonSchema),
      strict: optional(z.boolean()),
    }),
  }),
]);

/**
 * The body of `POST /v1/chat/completions`, as far as its fields are honoured; support.ts says what becomes of the
 * others. null is absent.
 */
export const chatRequest = z.object({
  model: z.string().min(1).max(256),
  messages: z.array(message).min(1),
  tools: optional(z.array(tool)),
  tool_choice: optional(toolChoice),
  parallel_tool_calls: optional(z.boolean()),
  functions: optional(z.array(legacyFunction)),
  function_call: optional(functionCall),
  reasoning_effort: optional(effort),
  response_format: optional(responseFormat),
  max_completion_tokens: optional(z.int().min(1)),
  max_tokens: optional(z.int().min(1)),
  n: optional(z.int().min(1).max(mostAnswers)),
  temperature: optional(z.number().min(0).max(2)),
  stop: stopTexts,
  prompt_cache_key: optional(z.string()),
  service_tier: optional(z.string()),
  store: optional(z.boolean()),
  // Read by stored-messages.ts, and only where they are stored: some clients send other things than texts.
  metadata: optional(z.unknown()),
  stream: optional(z.boolean()),
  stream_options: optional(streamOptions),
});

export type ChatRequest = z.infer<typeof chatRequest>;
export type ResponseFormat = z.infer<typeof responseFormat>;
