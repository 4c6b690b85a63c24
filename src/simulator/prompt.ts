import { defaultSystem } from '../harmony/default-system.ts';
import type { Encoding } from '../harmony/encoding.ts';
import type { HarmonyMessage, HarmonyRole } from '../harmony/message.ts';
import { completionSegments, encodeSegments } from '../harmony/render.ts';
import type { XpcDictionary } from '../xpc/value.ts';
import { messagesOfJson } from './conversation-json.ts';
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
 * not).
 *
 * All but tokens are rendered here as the daemon does it: with a default system message and an instruction of its own,
 * and, but for `messages`, the header of a final answer at the end. The reader is told in any case that the answer
 * begins in the final channel. So what is sampled behind `messages` is read as if its first message were the answer.
 *
 * @throws Error when `messages` or `harmony_conversation` are no conversation.
 */
export function readPrompt(request: XpcDictionary, encoding: Encoding): Prompt {
  const prefill = dataField(request, 'prefill_tokens');
  if (prefill !== null) {
    return { tokens: readTokens(prefill), primed: boolField(request, 'prime_final'), placeholder: false };
  }
  const render = (messages: readonly HarmonyMessage[], primeFinal: boolean) =>
    encodeSegments(completionSegments(withDaemonsOwn(messages), { primeFinal }), encoding.encode);
  const typed = dictionariesField(request, 'messages');
  if (typed !== null) {
    const messages = typed.flatMap(typedMessage);
    // No messages are no tokens, not even the header to go on from.
    return {
      tokens: messages.length === 0 ? new Uint32Array() : render(messages, false),
      primed: true,
      placeholder: true,
    };
  }
  const json = stringField(request, 'harmony_conversation');
  if (json !== null) {
    const messages = [systemMessage([]), ...messagesOfJson(json)];
    return { tokens: render(messages, true), primed: true, placeholder: false };
  }
  return { tokens: render(plainMessages(request), true), primed: true, placeholder: true };
}

/** u32 little-endian, of any alignment; bytes that make no whole token are passed over. */
export function readTokens(data: Uint8Array): Uint32Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const tokens = new Uint32Array(Math.floor(data.byteLength / 4));
  for (let index = 0; index < tokens.length; index++) tokens[index] = view.getUint32(index * 4, true);
  return tokens;
}

/** What the daemon tells the model in a developer message of its own, in its own words. */
export const daemonInstructions = 'Answer with a single message of the final channel, and show nothing of the others.';

/** The daemon's own instruction stands behind the system messages that the conversation begins with. */
function withDaemonsOwn(messages: readonly HarmonyMessage[]): HarmonyMessage[] {
  const first = messages.findIndex(({ role }) => role !== 'system');
  const at = first === -1 ? messages.length : first;
  const own = developerMessage(daemonInstructions);
  return [...messages.slice(0, at), own, ...messages.slice(at)];
}

/** A member of `messages`; one without a role is passed over, as are images and names of all but tools. */
function typedMessage(message: XpcDictionary): HarmonyMessage[] {
  const named = stringField(message, 'role');
  if (named === null) return [];
  const role = roles.find((known) => known === named);
  if (role === undefined) throw new Error(`harmony render (messages) failed: unknown role: ${named}`);
  const texts = (dictionariesField(message, 'content') ?? [])
    .filter((part) => stringField(part, 'type') === 'text')
    .map((part) => stringField(part, 'text') ?? '');
  // An empty text is an absent one.
  const field = (key: string) => stringField(message, key) || null;
  return [
    {
      ...(role === 'system' ? systemMessage(texts) : textMessage(role, texts)),
      name: role === 'tool' ? (field('name') ?? '') : null,
      recipient: field('recipient'),
      channel: field('channel'),
      contentType: field('content_type'),
    },
  ];
}

const roles = ['system', 'developer', 'user', 'assistant', 'tool'] as const;

function plainMessages(request: XpcDictionary): HarmonyMessage[] {
  const instructions = stringField(request, 'instructions') ?? '';
  const texts = (dictionariesField(request, 'input') ?? []).map((part) => stringField(part, 'text') ?? '');
  return [
    systemMessage([]),
    ...(instructions === '' ? [] : [developerMessage(instructions)]),
    ...texts.filter((text) => text !== '').map((text) => textMessage('user', [text])),
  ];
}

/** The default system message, with texts that go on right behind it. */
function systemMessage(texts: readonly string[]): HarmonyMessage {
  const message = textMessage('system', texts);
  return { ...message, content: [{ type: 'system', system: defaultSystem }, ...message.content] };
}

function developerMessage(instructions: string): HarmonyMessage {
  return {
    ...textMessage('developer', []),
    content: [{ type: 'developer', developer: { instructions, tools: [] } }],
  };
}

function textMessage(role: HarmonyRole, texts: readonly string[]): HarmonyMessage {
  const content = texts.map((text) => ({ type: 'text', text }) as const);
  return { role, name: null, recipient: null, channel: null, contentType: null, content };
}
