import type { Turn } from '../../src/core/turn.ts';
import { control } from '../../src/harmony/encoding.ts';
import type { Encoding } from '../../src/harmony/encoding.ts';
import { commonPrefix } from '../../src/scheduler/common-prefix.ts';
import type { Asked } from './conversations.ts';
import { harmonyIds } from './harmony-ids.ts';

/**
 * Why a turn's prefill may not begin with all that the engine holds. Whatever is not here is a fault.
 *
 * These are a second telling of the rules, made from tokens alone and without the renderer: each says what becomes of
 * the messages that the engine holds, and after all of them the next prefill has to begin with exactly the outcome.
 */
export const reasons = {
  'final-return': 'the model ends its answer by `<|return|>`, and an answer of the past ends by `<|end|>`',
  'call-header': 'the model writes a call’s recipient behind the channel, and the reference in front of it',
  'custom-input': 'the model writes the JSON around a custom tool’s text in its own way, and the client gets the text',
  'dropped-analysis': 'the thoughts before the first final answer are dropped once it is given',
  'unsent-analysis': 'the client doesn’t send back what was thought before a final answer',
  'stopped-answer': 'the client gets the answer up to a stop text, which the model had written',
  'tool-choice': 'a choice that restricts the model holds for one turn, and so does the message that says so',
  'tools-withheld':
    'tools that may not be called (`tool_choice` none) are not shown, though they were before or will be',
  'changed-effort': 'the system message says the effort, and the request changed it',
  'changed-tools': 'the developer message lists the tools, and the request changed them',
  'changed-format': 'the developer message ends with the response format, and the request changed it',
  'asked-again': 'an answer that failed its check, and what was said about it, is no part of the conversation',
  retry: 'the client asks again and knows nothing of the answer',
} as const;

export type Reason = keyof typeof reasons;

export type Loss = {
  readonly reason: Reason;
  /** Tokens that the engine held in vain: those from the first difference on. */
  readonly tokens: number;
  /** Of the prefill, what the engine has to read once more: what these tokens became. */
  readonly readAgain: number;
};

export type Comparison = {
  /** Tokens of the prefill that the engine held. */
  readonly reused: number;
  /** null: the prefill extends all that the engine held. */
  readonly loss: Loss | null;
  /** Where the prefill differs from what the rules explain, in words; null: nowhere. */
  readonly unexplained: string | null;
};

type Message = {
  /** From behind `<|start|>` to before `<|message|>`, control tokens by name. */
  readonly header: string;
  readonly body: readonly number[];
  /** The token that ended it; null: none did. */
  readonly end: number | null;
  /** It was sampled and not given. */
  readonly sampled: boolean;
};

type Rule = (messages: readonly Message[], before: Asked, after: Asked) => Message[];

/** Compares a prefill with what the engine held after the conversation's request before it. */
export function comparePrefixes(encoding: Encoding, before: Asked, after: Asked): Comparison {
  const held = Uint32Array.from([...before.prefill, ...before.sampled]);
  const messages = messagesOf(encoding, held, before);
  if (commonPrefix(tokensOf(encoding, messages), held) !== held.length) throw new Error('A message was misread.');

  let expected: readonly Message[] = messages;
  let first: { reason: Reason; at: number } | null = null;
  for (const [reason, rule] of rulesFor(encoding, before, after)) {
    const alone = tokensOf(encoding, rule(messages, before, after));
    const at = commonPrefix(held, alone);
    if (at < held.length && (first === null || at < first.at)) first = { reason, at };
    expected = rule(expected, before, after);
  }

  const explained = tokensOf(encoding, expected);
  const agreed = commonPrefix(explained, after.prefill);
  const reused = commonPrefix(held, after.prefill);
  if (agreed < explained.length) {
    return { reused, loss: null, unexplained: difference(encoding, explained, after.prefill, agreed) };
  }
  if (reused === held.length) return { reused, loss: null, unexplained: null };
  const loss = {
    reason: first!.reason,
    tokens: held.length - reused,
    readAgain: Math.max(0, explained.length - reused),
  };
  return { reused, loss, unexplained: null };
}

/** The rules that hold between two requests, in the order in which they apply. */
function rulesFor(encoding: Encoding, before: Asked, after: Asked): [Reason, Rule][] {
  if (after.failed === before) {
    // The second attempt is shown the answer and what was wrong with it, yet not what was said before it.
    return [
      ...modelWords(encoding),
      ['asked-again', (messages) => messages.filter((message) => !message.sampled || isAnswer(message))],
      ['dropped-analysis', dropAnalysis],
    ];
  }
  if (before.lost) return [['retry', (messages) => messages.filter((message) => !message.sampled)]];
  return [
    ...modelWords(encoding),
    ['stopped-answer', (messages) => messages.map((message) => stopped(encoding, message, before.turn))],
    ['tool-choice', forgetChoice],
    ['asked-again', (messages) => forgetFailed(encoding, messages, before)],
    ['unsent-analysis', forgetThoughts],
    ['dropped-analysis', dropAnalysis],
    ...changedFront(encoding, before.turn, after),
  ];
}

function modelWords(encoding: Encoding): [Reason, Rule][] {
  return [
    ['final-return', (messages) => messages.map((each) => (each.end === control.return ? ended(each) : each))],
    ['call-header', (messages) => messages.map(referenceHeader)],
    ['custom-input', (messages, { turn }) => messages.map((message) => unwrapped(encoding, message, turn))],
  ];
}

const ended = (message: Message): Message => ({ ...message, end: control.end });
const isAnalysis = ({ header }: Message) => header === 'assistant<|channel|>analysis';
const isFinal = ({ header }: Message) => header.startsWith('assistant<|channel|>final');
const isAnswer = (message: Message) => isFinal(message) || recipientOf(message) !== null;
const recipientOf = ({ header }: Message) => /^assistant.* to=(\S+?)(?:<|\s|$)/u.exec(header)?.[1] ?? null;

function referenceHeader(message: Message): Message {
  const recipient = message.sampled ? recipientOf(message) : null;
  if (recipient === null) return message;
  return { ...message, header: `assistant to=${recipient}<|channel|>commentary <|constrain|>json` };
}

/** The text of a custom tool's call, which is what the client has of it, written as JSON is written here. */
function unwrapped(encoding: Encoding, message: Message, turn: Turn): Message {
  const recipient = message.sampled ? recipientOf(message) : null;
  const custom = turn.tools.some(({ type, name }) => type === 'custom' && recipient?.endsWith(name) === true);
  if (!custom) return message;
  const { input } = JSON.parse(encoding.decode(message.body)) as { input: string };
  return { ...message, body: [...encoding.encode(JSON.stringify({ input }))] };
}

function stopped(encoding: Encoding, message: Message, { stop }: Turn): Message {
  if (!message.sampled || !isFinal(message)) return message;
  const text = encoding.decode(message.body);
  const ends = stop.map((each) => text.indexOf(each)).filter((at) => at !== -1);
  if (ends.length === 0) return message;
  return { ...message, body: [...encoding.encode(text.slice(0, Math.min(...ends)))], end: control.end };
}

/**
 * Attempts that failed are shown to the next one, as two messages behind the request's: the answer, and what was wrong
 * with it. The client never sees them, only what was thought at their beginning, as it came.
 */
function forgetFailed(encoding: Encoding, messages: readonly Message[], before: Asked): Message[] {
  const thoughts: Message[] = [];
  let requested = messages.filter(({ sampled }) => !sampled).length;
  for (let { failed } = before; failed !== null; { failed } = failed) {
    const held = Uint32Array.from([...failed.prefill, ...failed.sampled]);
    const said = messagesOf(encoding, held, failed).filter(({ sampled }) => sampled);
    thoughts.unshift(
      ...said.slice(
        0,
        said.findIndex((message) => !isAnalysis(message)),
      ),
    );
    requested -= 2;
  }
  return [...messages.slice(0, requested), ...thoughts, ...messages.filter(({ sampled }) => sampled)];
}

const isRestricted = ({ toolChoice }: Turn) => toolChoice.type !== 'auto' && toolChoice.type !== 'none';

const forgetChoice: Rule = (messages, { turn }) => {
  if (!isRestricted(turn)) return [...messages];
  const said = messages.findLastIndex((message) => !message.sampled);
  return messages.filter((_, index) => index !== said);
};

/** Behind a call the gateway itself remembers what was thought. */
const forgetThoughts: Rule = (messages, { sendsThoughts }) => {
  const calls = messages.some((message) => message.sampled && recipientOf(message) !== null);
  if (sendsThoughts || calls) return [...messages];
  return messages.filter((message) => !(message.sampled && isAnalysis(message)));
};

const dropAnalysis: Rule = (messages) => {
  const firstFinal = messages.findIndex(isFinal);
  return messages.filter((message, index) => index > firstFinal || !isAnalysis(message));
};

/** System and developer message are as the later request has them where it says something else; else they stay. */
function changedFront(encoding: Encoding, before: Turn, after: Asked): [Reason, Rule][] {
  const differs = (of: (turn: Turn) => unknown) => JSON.stringify(of(before)) !== JSON.stringify(of(after.turn));
  const reason: Reason | null = differs(({ effort }) => effort)
    ? 'changed-effort'
    : differs(({ toolChoice, tools }) => toolChoice.type === 'none' && tools.length > 0)
      ? 'tools-withheld'
      : differs(({ tools }) => tools)
        ? 'changed-tools'
        : differs(({ format }) => format)
          ? 'changed-format'
          : null;
  if (reason === null) return [];
  const later = messagesOf(encoding, after.prefill, after);
  const isFront = ({ header }: Message) => header === 'system' || header === 'developer';
  const front = (messages: readonly Message[]) => messages.findIndex((message) => !isFront(message));
  return [[reason, (messages) => [...later.slice(0, front(later)), ...messages.slice(front(messages))]]];
}

function messagesOf(encoding: Encoding, tokens: Uint32Array, { prefill }: Asked): Message[] {
  const messages: Message[] = [];
  for (let from = 0; from < tokens.length;) {
    const next = tokens.indexOf(control.start, from + 1);
    const until = next === -1 ? tokens.length : next;
    const piece = [...tokens.subarray(from + 1, until)];
    const headerEnd = piece.indexOf(control.message);
    const last = piece.at(-1)!;
    const end = last === control.end || last === control.call || last === control.return ? last : null;
    messages.push({
      header: encoding.decode(headerEnd === -1 ? piece : piece.slice(0, headerEnd)),
      body: headerEnd === -1 ? [] : piece.slice(headerEnd + 1, end === null ? undefined : -1),
      end,
      sampled: until > prefill.length,
    });
    from = until;
  }
  return messages;
}

function tokensOf(encoding: Encoding, messages: readonly Message[]): Uint32Array {
  const ids: number[] = [];
  for (const { header, body, end } of messages) {
    ids.push(control.start, ...harmonyIds(encoding, header), control.message, ...body);
    if (end !== null) ids.push(end);
  }
  return Uint32Array.from(ids);
}

function difference(encoding: Encoding, explained: Uint32Array, prefill: Uint32Array, at: number): string {
  const around = (tokens: Uint32Array) =>
    `…${encoding.decode(tokens.subarray(Math.max(0, at - 30), at))} ⟨here⟩ ${encoding.decode(tokens.subarray(at, at + 40))}…`;
  return `expected from what the engine holds:\n${around(explained)}\nthe prefill:\n${around(prefill)}`;
}
