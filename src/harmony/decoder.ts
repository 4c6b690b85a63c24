import { control, firstControlId } from './encoding.ts';
import type { Encoding } from './encoding.ts';
import { isToolRecipient, readHeader } from './decoder-header.ts';
import type { Header, HeaderPart } from './decoder-header.ts';
import type { HarmonyRole } from './message.ts';
import { countRepair } from './repairs.ts';
import type { Repaired } from './repairs.ts';
import { decodeUtf8, endUtf8, openUtf8 } from './utf8-stream.ts';
import type { Utf8Stream } from './utf8-stream.ts';

/**
 * What a stream of token ids says: messages, one after the other and never overlapping. The deltas of a message join
 * up to its text. No control token is ever in a text.
 */
export type DecoderEvent =
  | ({ readonly type: 'message-start' } & Header)
  /** `tokens`: how many ids came since the last delta. */
  | { readonly type: 'text-delta'; readonly text: string; readonly tokens: number }
  /** `tokens`: the ids of the whole content, without header and stop token. */
  | { readonly type: 'message-end'; readonly by: MessageEnd; readonly tokens: number };

/** `start`: the next message began without the end of this one. `cut`: the stream ended. */
export type MessageEnd = 'end' | 'return' | 'call' | 'start' | 'cut';

export type DecoderOptions = {
  readonly encoding: Pick<Encoding, 'bytes'>;
  /**
   * What stands before the first id. `assistant`: `<|start|>assistant`, as an engine samples. `final`: a whole header
   * of assistant/final, too. `nothing`: the ids are a conversation from its first `<|start|>`.
   */
  readonly start: 'assistant' | 'final' | 'nothing';
};

/** Decodes what GPT-OSS writes, and counts what it had to repair. Time grows in proportion to the ids. */
export type Decoder = Repaired & {
  readonly encoding: Pick<Encoding, 'bytes'>;
  readonly utf8: Utf8Stream;
  /** Of ids that have been taken, those whose text has not. */
  bytes: Uint8Array[];
  events: DecoderEvent[];
  /** The first message has begun before the first id. */
  primed: boolean;
  open: OpenHeader | OpenMessage;
};

/** Ids after which a header without `<|message|>` is taken for content, so that it is seen while it is written. */
const longestHeader = 256;

type OpenHeader = {
  readonly state: 'header';
  /** How it began: by `<|start|>`, in what came before the stream, or not at all: then nothing may come of it. */
  readonly begun: 'start' | 'before' | 'not';
  readonly role: HarmonyRole | null;
  readonly parts: HeaderPart[];
  ids: number;
};

type OpenMessage = {
  readonly state: 'content';
  tokens: number;
  /** Ids whose text has not been sent. */
  unsent: number;
};

export function openDecoder({ encoding, start }: DecoderOptions): Decoder {
  return {
    encoding,
    utf8: openUtf8(),
    bytes: [],
    events: [],
    primed: start === 'final',
    open: start === 'assistant' ? openHeader('before', 'assistant') : openHeader('not'),
    repairs: null,
  };
}

/**
 * Takes any ids, also ones that are none, and never throws. One delta per message and call at most. How ids are divided
 * among calls makes no difference but to the division of the deltas.
 */
export function decode(decoder: Decoder, ids: Iterable<number>): DecoderEvent[] {
  for (const id of ids) take(decoder, id);
  flushText(decoder, false);
  return takeEvents(decoder);
}

/** Ends an open message. The decoder is then where it is between two messages. */
export function endDecoding(decoder: Decoder): DecoderEvent[] {
  flushText(decoder, true);
  const { open } = decoder;
  if (open.state === 'content') endMessage(decoder, open, 'cut');
  else if (!isBlank(open)) endHeader(decoder, open, 'cut');
  decoder.open = openHeader('not');
  return takeEvents(decoder);
}

function takeEvents(decoder: Decoder): DecoderEvent[] {
  const { events } = decoder;
  decoder.events = [];
  return events;
}

function take(decoder: Decoder, id: number): void {
  if (decoder.primed) {
    decoder.primed = false;
    beginMessage(decoder, { role: 'assistant', name: null, recipient: null, channel: 'final', contentType: null });
  }
  if (id < firstControlId) return takeText(decoder, id);
  switch (id) {
    case control.start:
      return takeStart(decoder);
    case control.channel:
      return takeChannel(decoder);
    case control.constrain:
      return takeConstrain(decoder);
    case control.message:
      return takeMessage(decoder);
    case control.end:
      return takeStop(decoder, 'end');
    case control.call:
      return takeStop(decoder, 'call');
    case control.return:
      return takeStop(decoder, 'return');
    case control.endoftext:
      countRepair(decoder, 'end-of-text');
      return takeStop(decoder, 'return');
    case control.startoftext:
      return countRepair(decoder, 'stray-control');
    default:
      return countRepair(decoder, 'unknown-token');
  }
}

function takeText(decoder: Decoder, id: number): void {
  const piece = decoder.encoding.bytes(id);
  if (piece === undefined) return countRepair(decoder, 'unknown-token');
  decoder.bytes.push(piece);
  const { open } = decoder;
  if (open.state === 'header') return countHeaderId(decoder, open);
  open.tokens += 1;
  open.unsent += 1;
}

function takeStart(decoder: Decoder): void {
  flushText(decoder, true);
  const { open } = decoder;
  if (open.state === 'content') {
    countRepair(decoder, 'missing-end');
    endMessage(decoder, open, 'start');
  } else if (!isBlank(open)) {
    endHeader(decoder, open, 'start');
  } else if (open.begun !== 'not') {
    countRepair(decoder, 'stray-control');
  }
  decoder.open = openHeader('start');
}

function takeChannel(decoder: Decoder): void {
  flushText(decoder, true);
  let { open } = decoder;
  if (open.state === 'content') {
    countRepair(decoder, 'missing-end');
    endMessage(decoder, open, 'start');
    open = openHeader('before');
    decoder.open = open;
  }
  open.parts.push({ kind: 'channel', text: '' });
  countHeaderId(decoder, open);
}

function takeConstrain(decoder: Decoder): void {
  const { open } = decoder;
  if (open.state === 'content') return countRepair(decoder, 'stray-control');
  flushText(decoder, true);
  open.parts.push({ kind: 'constrain', text: '' });
  countHeaderId(decoder, open);
}

function takeMessage(decoder: Decoder): void {
  const { open } = decoder;
  if (open.state === 'content') return countRepair(decoder, 'stray-control');
  flushText(decoder, true);
  beginMessage(decoder, read(decoder, open, true).header);
}

function takeStop(decoder: Decoder, by: 'end' | 'return' | 'call'): void {
  flushText(decoder, true);
  const { open } = decoder;
  if (open.state === 'content') endMessage(decoder, open, by);
  else if (open.begun === 'not' && isBlank(open)) countRepair(decoder, 'redundant-stop');
  else endHeader(decoder, open, by);
  decoder.open = openHeader('not');
}

/** Appends what has been collected to the header or sends it. `last`: an incomplete character won't get complete. */
function flushText(decoder: Decoder, last: boolean): void {
  const { open, utf8, bytes } = decoder;
  const text = decodeUtf8(utf8, bytes) + (last ? endUtf8(utf8) : '');
  decoder.bytes = [];
  if (text === '') return;
  if (open.state === 'header') {
    const part = open.parts.at(-1);
    if (part !== undefined) part.text += text;
  } else {
    decoder.events.push({ type: 'text-delta', text, tokens: open.unsent });
    open.unsent = 0;
  }
}

function countHeaderId(decoder: Decoder, header: OpenHeader): void {
  header.ids += 1;
  if (header.ids < longestHeader) return;
  flushText(decoder, false);
  const { header: who, content } = read(decoder, header, false);
  countRepair(decoder, 'missing-message');
  beginMessage(decoder, who, content, header.ids);
}

/** Ends a header that no `<|message|>` followed: it may hold content, or a call without arguments. */
function endHeader(decoder: Decoder, header: OpenHeader, by: MessageEnd): void {
  if (header.begun === 'not' && (by === 'start' || isBlank(header))) {
    countRepair(decoder, 'stray-text');
    return;
  }
  const { header: who, content } = readHeader(header.parts, { role: header.role, complete: false });
  const emptyCall = isToolRecipient(who.recipient) && by !== 'start' && by !== 'cut';
  // `<|start|>assis` at the end of the stream is half a role, not a word of the answer.
  const onlyText = header.parts.length === 1;
  const halfRole = by === 'cut' && header.begun === 'start' && onlyText && !/\s/u.test(content);
  // An answer may be `42`; a header of `??` that another message follows is no thought.
  const answers = who.channel === 'final' || (onlyText && (by === 'return' || by === 'cut'));
  const says = answers ? content !== '' : /\p{L}/u.test(content);
  if ((!says && !emptyCall) || halfRole) {
    countRepair(decoder, 'abandoned-header');
    return;
  }
  read(decoder, header, false);
  countRepair(decoder, 'missing-message');
  endMessage(decoder, beginMessage(decoder, who, content, header.ids), by);
}

/** Reads a header that becomes a message, and counts what was wrong with it. */
function read(decoder: Decoder, header: OpenHeader, complete: boolean): ReturnType<typeof readHeader> {
  const result = readHeader(header.parts, { role: header.role, complete });
  if (header.begun === 'not') countRepair(decoder, 'missing-start');
  for (const name of result.repairs)
    if (header.begun === 'start' || name !== 'missing-role') countRepair(decoder, name);
  return result;
}

function beginMessage(decoder: Decoder, header: Header, content = '', tokens = 0): OpenMessage {
  decoder.events.push({ type: 'message-start', ...header });
  const message: OpenMessage = { state: 'content', tokens, unsent: tokens };
  if (content !== '') {
    decoder.events.push({ type: 'text-delta', text: content, tokens });
    message.unsent = 0;
  }
  decoder.open = message;
  return message;
}

function endMessage(decoder: Decoder, message: OpenMessage, by: MessageEnd): void {
  decoder.events.push({ type: 'message-end', by, tokens: message.tokens });
}

function openHeader(begun: OpenHeader['begun'], role: HarmonyRole | null = null): OpenHeader {
  return { state: 'header', begun, role, parts: [{ kind: 'role', text: '' }], ids: 0 };
}

function isBlank(header: OpenHeader): boolean {
  return header.parts.length === 1 && header.parts.every((part) => part.text.trim() === '');
}
