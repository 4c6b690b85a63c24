import { control, firstControlId } from './encoding.ts';
import type { Encoding } from './encoding.ts';
import { isToolRecipient, readHeader } from './decoder-header.ts';
import type { Header, HeaderPart } from './decoder-header.ts';
import type { HarmonyRole } from './message.ts';
import { createRepairCounter } from './repairs.ts';
import type { RepairCounts } from './repairs.ts';
import { createUtf8Stream } from './utf8-stream.ts';

/**
 * What a stream of token ids says: messages, one after the other and never overlapping. The deltas of a message join
 * up to the text of its end. No control token is ever in a text.
 */
export type DecoderEvent =
  | ({ readonly type: 'message-start' } & Header)
  /** `tokens`: how many ids came since the last delta. */
  | { readonly type: 'text-delta'; readonly text: string; readonly tokens: number }
  /** `tokens`: the ids of the whole content, without header and stop token. */
  | { readonly type: 'message-end'; readonly by: MessageEnd; readonly text: string; readonly tokens: number };

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

export type Decoder = {
  /**
   * Takes any ids, also ones that are none. One delta per message and call at most. How ids are divided among calls
   * makes no difference but to the division of the deltas.
   */
  push(ids: Iterable<number>): DecoderEvent[];
  /** Ends an open message. The decoder is then where it is between two messages. */
  end(): DecoderEvent[];
  /** What had to be repaired until now. */
  repairs(): RepairCounts;
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
  readonly texts: string[];
  tokens: number;
  /** Ids whose text has not been sent. */
  unsent: number;
};

/** Decodes what GPT-OSS writes. Never throws; time grows in proportion to the ids. */
export function createDecoder({ encoding, start }: DecoderOptions): Decoder {
  const repairs = createRepairCounter();
  const utf8 = createUtf8Stream();
  let events: DecoderEvent[] = [];
  let bytes: Uint8Array[] = [];
  let primed = start === 'final';
  let open: OpenHeader | OpenMessage = start === 'assistant' ? openHeader('before', 'assistant') : openHeader('not');

  function take(id: number): void {
    if (primed) {
      primed = false;
      beginMessage({ role: 'assistant', name: null, recipient: null, channel: 'final', contentType: null });
    }
    if (id < firstControlId) return takeText(id);
    switch (id) {
      case control.start:
        return takeStart();
      case control.channel:
        return takeChannel();
      case control.constrain:
        return takeConstrain();
      case control.message:
        return takeMessage();
      case control.end:
        return takeStop('end');
      case control.call:
        return takeStop('call');
      case control.return:
        return takeStop('return');
      case control.endoftext:
        repairs.add('end-of-text');
        return takeStop('return');
      case control.startoftext:
        return repairs.add('stray-control');
      default:
        return repairs.add('unknown-token');
    }
  }

  function takeText(id: number): void {
    const piece = encoding.bytes(id);
    if (piece === undefined) return repairs.add('unknown-token');
    bytes.push(piece);
    if (open.state === 'header') return countHeaderId(open);
    open.tokens += 1;
    open.unsent += 1;
  }

  function takeStart(): void {
    flushText(true);
    if (open.state === 'content') {
      repairs.add('missing-end');
      endMessage(open, 'start');
    } else if (!isBlank(open)) {
      endHeader(open, 'start');
    } else if (open.begun !== 'not') {
      repairs.add('stray-control');
    }
    open = openHeader('start');
  }

  function takeChannel(): void {
    flushText(true);
    if (open.state === 'content') {
      repairs.add('missing-end');
      endMessage(open, 'start');
      open = openHeader('before');
    }
    open.parts.push({ kind: 'channel', text: '' });
    countHeaderId(open);
  }

  function takeConstrain(): void {
    if (open.state === 'content') return repairs.add('stray-control');
    flushText(true);
    open.parts.push({ kind: 'constrain', text: '' });
    countHeaderId(open);
  }

  function takeMessage(): void {
    if (open.state === 'content') return repairs.add('stray-control');
    flushText(true);
    beginMessage(read(open, true).header);
  }

  function takeStop(by: 'end' | 'return' | 'call'): void {
    flushText(true);
    if (open.state === 'content') endMessage(open, by);
    else if (open.begun === 'not' && isBlank(open)) repairs.add('redundant-stop');
    else endHeader(open, by);
    open = openHeader('not');
  }

  /** Appends what has been collected to the header or sends it. `last`: an incomplete character won't get complete. */
  function flushText(last: boolean): void {
    const text = utf8.push(bytes) + (last ? utf8.end() : '');
    bytes = [];
    if (text === '') return;
    if (open.state === 'header') {
      const part = open.parts.at(-1);
      if (part !== undefined) part.text += text;
    } else {
      open.texts.push(text);
      events.push({ type: 'text-delta', text, tokens: open.unsent });
      open.unsent = 0;
    }
  }

  function countHeaderId(header: OpenHeader): void {
    header.ids += 1;
    if (header.ids < longestHeader) return;
    flushText(false);
    const { header: who, content } = read(header, false);
    repairs.add('missing-message');
    beginMessage(who, content, header.ids);
  }

  /** Ends a header that no `<|message|>` followed: it may hold content, or a call without arguments. */
  function endHeader(header: OpenHeader, by: MessageEnd): void {
    if (header.begun === 'not' && (by === 'start' || isBlank(header))) {
      repairs.add('stray-text');
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
      repairs.add('abandoned-header');
      return;
    }
    read(header, false);
    repairs.add('missing-message');
    endMessage(beginMessage(who, content, header.ids), by);
  }

  /** Reads a header that becomes a message, and counts what was wrong with it. */
  function read(header: OpenHeader, complete: boolean): ReturnType<typeof readHeader> {
    const result = readHeader(header.parts, { role: header.role, complete });
    if (header.begun === 'not') repairs.add('missing-start');
    for (const name of result.repairs) if (header.begun === 'start' || name !== 'missing-role') repairs.add(name);
    return result;
  }

  function beginMessage(header: Header, content = '', tokens = 0): OpenMessage {
    events.push({ type: 'message-start', ...header });
    const message: OpenMessage = { state: 'content', texts: [], tokens, unsent: tokens };
    if (content !== '') {
      message.texts.push(content);
      events.push({ type: 'text-delta', text: content, tokens });
      message.unsent = 0;
    }
    open = message;
    return message;
  }

  function endMessage(message: OpenMessage, by: MessageEnd): void {
    events.push({ type: 'message-end', by, text: message.texts.join(''), tokens: message.tokens });
  }

  function takeEvents(): DecoderEvent[] {
    const taken = events;
    events = [];
    return taken;
  }

  return {
    push(ids) {
      for (const id of ids) take(id);
      flushText(false);
      return takeEvents();
    },
    end() {
      flushText(true);
      if (open.state === 'content') endMessage(open, 'cut');
      else if (!isBlank(open)) endHeader(open, 'cut');
      open = openHeader('not');
      return takeEvents();
    },
    repairs: repairs.counts,
  };
}

function openHeader(begun: OpenHeader['begun'], role: HarmonyRole | null = null): OpenHeader {
  return { state: 'header', begun, role, parts: [{ kind: 'role', text: '' }], ids: 0 };
}

function isBlank(header: OpenHeader): boolean {
  return header.parts.length === 1 && header.parts.every((part) => part.text.trim() === '');
}
