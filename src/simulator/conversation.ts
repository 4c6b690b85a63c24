import type { Header } from '../harmony/decoder-header.ts';
import { decode, endDecoding, openDecoder } from '../harmony/decoder.ts';
import { control, firstControlId } from '../harmony/encoding.ts';
import type { Encoding } from '../harmony/encoding.ts';

export type Tokens = readonly number[] | Uint32Array;

export type ReadMessage = Header & { readonly text: string };

/** Where a context ends, which is what the next token continues. */
export type ContextEnd =
  /** Between messages: a `<|start|>` is next. */
  | { readonly in: 'nothing' }
  /** In a header, as in `<|start|>assistant`. */
  | { readonly in: 'header' }
  /** In a message, which is not among those read. */
  | { readonly in: 'content'; readonly channel: Header['channel'] };

export type ReadConversation = { readonly messages: readonly ReadMessage[]; readonly end: ContextEnd };

/** Reads the messages in contexts' tokens; of any tokens, also what two sessions wrote into each other. */
export type ConversationReader = { read(tokens: Tokens): ReadConversation };

/** What stands from one `<|start|>` to before the next. */
type Stretch = { readonly from: number; readonly messages: readonly ReadMessage[] };

/** A context is mostly the one before and some more: the reader remembers the last, and decodes what is new. */
export function createConversationReader(encoding: Encoding): ConversationReader {
  let known: { readonly tokens: Uint32Array; readonly stretches: readonly Stretch[] } = {
    tokens: new Uint32Array(),
    stretches: [],
  };

  return {
    read(tokens) {
      if (!hasHeader(tokens)) return readRaw(tokens, encoding);
      const same = countSame(tokens, known.tokens);
      const starts = startsIn(tokens);
      const stretches = starts.map((from, index): Stretch => {
        const before = known.stretches[index];
        const to = starts[index + 1] ?? tokens.length;
        // Where it is the last one, or the token behind it is another, more may belong to it.
        if (before?.from === from && to < same) return before;
        return { from, messages: readMessages(tokens.slice(from, to), encoding) };
      });
      known = { tokens: Uint32Array.from(tokens), stretches };
      const messages = stretches.flatMap((stretch) => stretch.messages);
      const end = endOf(tokens, messages.at(-1) ?? null);
      return { messages: end.in === 'content' ? messages.slice(0, -1) : messages, end };
    },
  };
}

function hasHeader(tokens: Tokens): boolean {
  return tokens.length === 0 || tokens.some((id) => id === control.start || id === control.message);
}

/** A text with nothing of Harmony in it: it is heeded like a user's, and gone on with. */
function readRaw(tokens: Tokens, encoding: Encoding): ReadConversation {
  const text = encoding.decode([...tokens].filter((id) => id < firstControlId));
  return {
    messages: [{ role: 'user', name: null, recipient: null, channel: null, contentType: null, text }],
    end: { in: 'content', channel: 'final' },
  };
}

function readMessages(tokens: Tokens, encoding: Encoding): ReadMessage[] {
  const decoder = openDecoder({ encoding, start: 'nothing' });
  const messages: ReadMessage[] = [];
  let header: Header | null = null;
  let text = '';
  for (const event of [...decode(decoder, tokens), ...endDecoding(decoder)]) {
    switch (event.type) {
      case 'message-start':
        header = event;
        text = '';
        break;
      case 'text-delta':
        text += event.text;
        break;
      case 'message-end':
        if (header !== null) messages.push({ ...header, text });
    }
  }
  return messages;
}

/** Where stretches begin, the first of them at 0 whatever stands there. */
function startsIn(tokens: Tokens): number[] {
  const starts = [0];
  for (let index = 1; index < tokens.length; index++) if (tokens[index] === control.start) starts.push(index);
  return starts;
}

function countSame(one: Tokens, other: Tokens): number {
  let count = 0;
  while (count < one.length && count < other.length && one[count] === other[count]) count++;
  return count;
}

/** `last`: the header of the last message that began. */
function endOf(tokens: Tokens, last: Header | null): ContextEnd {
  for (let index = tokens.length - 1; index >= 0; index--) {
    switch (tokens[index]!) {
      case control.start:
      case control.channel:
        return { in: 'header' };
      case control.message:
        return { in: 'content', channel: last?.channel ?? null };
      case control.end:
      case control.call:
      case control.return:
        return { in: 'nothing' };
    }
  }
  return { in: 'nothing' };
}
