import { z } from 'zod';
import { dictionary, double, tokensMarker, uint64 } from '../../xpc/value.ts';
import type { XpcDictionary, XpcValue } from '../../xpc/value.ts';
import type { SessionRequest } from '../backend.ts';
import { conversationJson, typedMessages } from './typed-conversation.ts';

/** The forms in which the daemon takes a prompt: our tokens, typed messages, or a conversation in JSON. */
export type Input = 'tokens' | 'messages' | 'conversation';

const envelope = (requestId: string, type: string) => ({
  service: 'codexpc',
  proto_version: uint64(1),
  req_id: requestId,
  type,
});

/** A message without fields of its own; `cancel` carries the session's id as its `req_id`. */
export function plainMessage(type: 'health' | 'handshake' | 'cancel', requestId: string): XpcDictionary {
  return dictionary(envelope(requestId, type));
}

/**
 * Asks for a session on a prompt in one of the daemon's forms. Tokens travel beside the message. It is the fields that
 * decide, so a message has those of its own form alone.
 *
 * `tools` stays out: the tools are in the prefill, and the daemon answers declared ones by itself (quirk 5). The
 * temperature is said twice, since the daemon overwrites the first with the flat second (quirk 10).
 */
export function createMessage(
  request: SessionRequest,
  requestId: string,
  input: Input,
  options: { readonly askForTokens: boolean },
): XpcDictionary {
  return dictionary({
    ...envelope(requestId, createTypes[input]),
    model: request.model,
    checkpoint_path: request.checkpoint,
    ...promptFields(request, input),
    sampling: dictionary({ temperature: double(request.temperature) }),
    temperature: double(request.temperature),
    max_output_tokens: uint64(request.maxOutputTokens ?? 0),
    ...(options.askForTokens ? { emit_token_ids: true } : {}),
  });
}

const createTypes: { readonly [input in Input]: string } = {
  tokens: 'create_from_tokens',
  messages: 'create_from_messages',
  conversation: 'create',
};

function promptFields(request: SessionRequest, input: Input): { readonly [key: string]: XpcValue } {
  switch (input) {
    case 'tokens':
      return { prefill_tokens: tokensMarker, prime_final: request.primeFinal };
    case 'messages':
      return { messages: typedMessages(messagesOf(request)) };
    case 'conversation':
      return { harmony_conversation: conversationJson(messagesOf(request)) };
  }
}

/** XPC data as the shim writes it: base64 in `$data`. */
const data = z.object({ $data: z.string() });
const count = z.number().int().nonnegative();

/** What a daemon sends, as far as the gateway listens. Other types are left unread. */
export const daemonMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('health.ok'), req_id: z.string(), sessions: z.array(z.string()).optional() }),
  z.object({
    type: z.literal('handshake.ok'),
    req_id: z.string(),
    harmony_semver: z.string(),
    encoding_name: z.string(),
    special_tokens: z.array(z.string()),
    stop_tokens_for_assistant_actions: z.array(count),
  }),
  z.object({ type: z.literal('handshake.error'), req_id: z.string(), code: z.string(), message: z.string() }),
  z.object({ type: z.literal('created'), req_id: z.string(), features: z.array(z.string()) }),
  z.object({ type: z.literal('output_text.delta'), req_id: z.string(), text: z.string() }),
  z.object({ type: z.literal('output_token_ids.delta'), req_id: z.string(), tokens: data }),
  z.object({
    type: z.literal('output_item.done'),
    req_id: z.string(),
    item: z.object({ type: z.string(), status: z.string(), name: z.string(), input: z.unknown() }),
  }),
  z.object({ type: z.literal('metrics'), req_id: z.string(), text: z.string() }),
  z.object({
    type: z.literal('completed'),
    req_id: z.string(),
    token_usage: z.object({ input_tokens: count, output_tokens: count, total_tokens: count }),
  }),
  z.object({ type: z.literal('error'), req_id: z.string(), code: z.string(), message: z.string() }),
]);

export type DaemonMessage = z.infer<typeof daemonMessage>;

const knownTypes = new Set<string>(daemonMessage.options.map((option) => option.shape.type.value));

/** The parts of a message that are needed to know whose it is. */
export const messageHead = z.object({ type: z.string(), req_id: z.string() });

export const isKnownType = (type: string): boolean => knownTypes.has(type);

/** Token ids of `output_token_ids.delta`: u32 little-endian. */
export function tokenIds(tokens: z.infer<typeof data>): number[] {
  const bytes = Buffer.from(tokens.$data, 'base64');
  const ids: number[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4) ids.push(bytes.readUInt32LE(at));
  return ids;
}

function messagesOf({ messages }: SessionRequest) {
  if (messages === null) throw new Error('A raw prompt has no messages.');
  return messages();
}
