import { failures } from '../../core/errors.ts';
import type { JsonSchema } from '../../dialects/json-schema.ts';

const text = { type: 'string' } as const;
const count = { type: 'integer', minimum: 0 } as const;
/** Seconds since 1970. */
const time = { type: 'integer', minimum: 0 } as const;
const orNull = (schema: JsonSchema) => ({ anyOf: [schema, { type: 'null' }] });
const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const arrayOf = (items: JsonSchema) => ({ type: 'array', items });
const metadata = { type: 'object', additionalProperties: text } as const;

/** An object that has all of these members, and maybe others. */
function objectOf(properties: { readonly [name: string]: JsonSchema }, description?: string) {
  const described = description === undefined ? {} : { description };
  return { type: 'object', properties, required: Object.keys(properties), ...described };
}

const listOf = (items: JsonSchema) =>
  objectOf({
    object: { const: 'list' },
    data: arrayOf(items),
    first_id: orNull(text),
    last_id: orNull(text),
    has_more: { type: 'boolean' },
  });

const deleted = (object: string) => objectOf({ id: text, object: { const: object }, deleted: { const: true } });

/** An item of a response or a conversation, or a message of a stored completion: the forms are those of OpenAI's SDK. */
const item = objectOf({ id: text });

/** A turn, to whoever watches; durations in milliseconds. */
const turn = objectOf({
  id: text,
  route: text,
  model: text,
  stage: text,
  duration: { type: 'number' },
  outputTokens: count,
});

/** What the gateway answers, as JSON Schema: what clients can rely on, in the forms of OpenAI's SDK. */
export const answerSchemas = {
  Response: objectOf({
    id: text,
    object: { const: 'response' },
    created_at: time,
    status: { enum: ['queued', 'in_progress', 'completed', 'incomplete', 'failed', 'cancelled'] },
    error: orNull(objectOf({ code: text, message: text })),
    incomplete_details: orNull(objectOf({ reason: text })),
    model: text,
    output: arrayOf(objectOf({ id: text, type: text })),
    usage: orNull(
      objectOf({
        input_tokens: count,
        input_tokens_details: objectOf({ cached_tokens: count }),
        output_tokens: count,
        output_tokens_details: objectOf({ reasoning_tokens: count }),
        total_tokens: count,
      }),
    ),
  }),
  InputTokens: objectOf({ object: { const: 'response.input_tokens' }, input_tokens: count }),
  CompactedResponse: objectOf({
    id: text,
    object: { const: 'response.compaction' },
    created_at: time,
    output: arrayOf(item),
  }),
  ResponseDeleted: deleted('response'),
  ItemList: listOf(item),
  Item: item,
  Conversation: objectOf({ id: text, object: { const: 'conversation' }, created_at: time, metadata }),
  ConversationDeleted: deleted('conversation.deleted'),
  ChatCompletion: objectOf({
    id: text,
    object: { const: 'chat.completion' },
    created: time,
    model: text,
    choices: arrayOf(
      objectOf({ index: count, message: objectOf({ role: { const: 'assistant' } }), finish_reason: orNull(text) }),
    ),
    usage: objectOf({ prompt_tokens: count, completion_tokens: count, total_tokens: count }),
  }),
  ChatCompletionList: listOf(reference('ChatCompletion')),
  ChatCompletionDeleted: deleted('chat.completion.deleted'),
  Completion: objectOf({
    id: text,
    object: { const: 'text_completion' },
    created: time,
    model: text,
    choices: arrayOf(objectOf({ index: count, text, finish_reason: orNull(text) })),
    usage: objectOf({ prompt_tokens: count, completion_tokens: count, total_tokens: count }),
  }),
  Model: objectOf({ id: text, object: { const: 'model' }, created: time, owned_by: text }),
  ModelList: objectOf({ object: { const: 'list' }, data: arrayOf(reference('Model')) }),
  Health: objectOf({ status: { const: 'ok' } }),
  GatewayState: objectOf({
    at: count,
    since: count,
    backend: objectOf({ name: text, health: { enum: ['well', 'failing', 'unknown'] } }),
    engines: arrayOf(objectOf({ model: text, running: count, queued: count })),
    totals: objectOf({ turns: count, completed: count, cancelled: count, failed: count }),
    running: arrayOf(turn),
    recent: arrayOf(turn),
  }),
  Prefill: objectOf({
    object: { const: 'gateway.prefill' },
    tokens: count,
    pieces: arrayOf(objectOf({ control: { type: 'boolean' }, text, ids: arrayOf(count) })),
    warnings: arrayOf(text),
  }),
  Document: objectOf({ openapi: text, info: { type: 'object' }, paths: { type: 'object' } }),
  Error: objectOf({
    error: objectOf({
      message: text,
      type: { enum: [...new Set(Object.values(failures).map(({ type }) => type))] },
      param: orNull(text),
      code: { enum: Object.keys(failures) },
    }),
  }),
} as const satisfies Record<string, JsonSchema>;

export type AnswerSchemaName = keyof typeof answerSchemas;
