import type { Encoding } from '../harmony/encoding.ts';
import type { HarmonyMessage, HarmonyRole } from '../harmony/message.ts';
import { completionSegments, encodeSegments } from '../harmony/render.ts';
import type { XpcDictionary } from '../xpc/value.ts';
import { messagesOfJson, roleOf } from './conversation-json.ts';
import { boolField, dataField, dictionariesField, stringField } from './fields.ts';

/** What a session is to continue. */
export type Prompt = {
  readonly tokens: Uint32Array;
  /** Whether the reader of sampled tokens is told that they begin inside the final channel. */
  readonly primed: boolean;
  /** The paths of messages and texts report tools that they don't carry out by a placeholder item. */
  readonly placeholder: boolean;
};

/**
 * The prompt of a create message. The field decides, not the type: `prefill_tokens`, else `messages`, else
 * `harmony_conversation`, else `instructions` and `input` (quirk 11: an absent field falls through, empty data does
 * not). All but tokens are rendered here, primed to assistant/final.
 *
 * @throws Error when `harmony_conversation` is no conversation.
 */
export function readPrompt(request: XpcDictionary, encoding: Encoding): Prompt {
  const prefill = dataField(request, 'prefill_tokens');
  if (prefill !== null) {
    return { tokens: readTokens(prefill), primed: boolField(request, 'prime_final'), placeholder: false };
  }
  const render = (messages: readonly HarmonyMessage[]) =>
    encodeSegments(completionSegments(messages, { primeFinal: true }), encoding.encode);
  const typed = dictionariesField(request, 'messages');
  if (typed !== null) {
    // No messages are no tokens, not even the header to go on from.
    const tokens = typed.length === 0 ? new Uint32Array() : render(typed.map(typedMessage));
    return { tokens, primed: true, placeholder: true };
  }
  const json = stringField(request, 'harmony_conversation');
  if (json !== null) return { tokens: render(messagesOfJson(json)), primed: true, placeholder: false };
  return { tokens: render(plainMessages(request)), primed: true, placeholder: true };
}

/** u32 little-endian, of any alignment; bytes that make no whole token are passed over. */
export function readTokens(data: Uint8Array): Uint32Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const tokens = new Uint32Array(Math.floor(data.byteLength / 4));
  for (let index = 0; index < tokens.length; index++) tokens[index] = view.getUint32(index * 4, true);
  return tokens;
}

/** A member of `messages`. Images in it are ignored. */
function typedMessage(message: XpcDictionary): HarmonyMessage {
  const parts = dictionariesField(message, 'content') ?? [];
  return {
    role: roleOf(stringField(message, 'role')),
    name: stringField(message, 'name'),
    recipient: stringField(message, 'recipient'),
    channel: stringField(message, 'channel'),
    contentType: stringField(message, 'content_type'),
    content: parts
      .filter((part) => stringField(part, 'type') === 'text')
      .map((part) => ({ type: 'text', text: stringField(part, 'text') ?? '' })),
  };
}

function plainMessages(request: XpcDictionary): HarmonyMessage[] {
  const instructions = stringField(request, 'instructions') ?? '';
  const texts = (dictionariesField(request, 'input') ?? []).map((part) => stringField(part, 'text') ?? '');
  return [
    ...(instructions === '' ? [] : [textMessage('system', [instructions])]),
    ...(texts.length === 0 ? [] : [textMessage('user', texts)]),
  ];
}

function textMessage(role: HarmonyRole, texts: readonly string[]): HarmonyMessage {
  const content = texts.map((text) => ({ type: 'text', text }) as const);
  return { role, name: null, recipient: null, channel: null, contentType: null, content };
}
