import { z } from 'zod';
import { orText } from '../json-schema.ts';
import { optional } from '../parse.ts';
import { expectedStringOrArray } from '../stop-texts.ts';

const part = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('refusal'), refusal: z.string() }),
  z.object({ type: z.literal('image_url'), image_url: z.object({ url: z.string() }) }),
  z.object({ type: z.literal('input_audio'), input_audio: z.object({ data: z.string() }) }),
  z.object({ type: z.literal('file'), file: z.object({}) }),
]);

export type Part = z.infer<typeof part>;

/** A string is short for one text part. */
const parts = z.preprocess(
  (value) => (typeof value === 'string' ? [{ type: 'text', text: value }] : value),
  z.array(part, { error: expectedStringOrArray }),
);
const content = parts.meta(orText);

/** Only a function's name is of use, but the log should say when another was given. */
const name = optional(z.string());

const call = z.object({ name: z.string().min(1), arguments: z.string() });

const toolCall = z.discriminatedUnion('type', [
  z.object({ type: z.literal('function'), id: z.string().min(1), function: call }),
  z.object({
    type: z.literal('custom'),
    id: z.string().min(1),
    custom: z.object({ name: z.string().min(1), input: z.string() }),
  }),
]);

const assistant = z.object({
  role: z.literal('assistant'),
  content: optional(content),
  name,
  refusal: optional(z.string()),
  audio: optional(z.object({ id: z.string() })),
  tool_calls: optional(z.array(toolCall)),
  function_call: optional(call),
  reasoning_content: optional(z.string()),
  // Some routers put an object here; only a text is reasoning that can be given back to the model.
  reasoning: optional(z.unknown()).transform((value) => (typeof value === 'string' ? value : undefined)),
});

export type AssistantMessage = z.infer<typeof assistant>;

export const message = z.discriminatedUnion('role', [
  z.object({ role: z.literal('developer'), content, name }),
  z.object({ role: z.literal('system'), content, name }),
  z.object({ role: z.literal('user'), content, name }),
  assistant,
  z.object({ role: z.literal('tool'), tool_call_id: z.string(), content }),
  z.object({ role: z.literal('function'), name: z.string(), content: optional(content) }),
]);

export type Message = z.infer<typeof message>;
