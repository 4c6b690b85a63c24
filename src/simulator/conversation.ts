import type { Header } from '../harmony/decoder-header.ts';
import { createDecoder } from '../harmony/decoder.ts';
import { control } from '../harmony/encoding.ts';
import type { Encoding } from '../harmony/encoding.ts';

export type Tokens = readonly number[] | Uint32Array;

export type ReadMessage = Header & { readonly text: string };

/** Where a context ends, which is what the next token continues. */
export type ContextEnd =
  /** Between messages: a `<|start|>` is next. */
  | { readonly in: 'nothing' }
  /** In a header, as in `<|start|>assistant`. */
  | { readonly in: 'header' }
  /** In a message, which is the last one read. */
  | { readonly in: 'content'; readonly channel: Header['channel'] };

export type ReadConversation = { readonly messages: readonly ReadMessage[]; readonly end: ContextEnd };

/** The messages in a context's tokens; of any tokens, also what two sessions wrote into each other. */
export function readConversation(tokens: Tokens, encoding: Encoding): ReadConversation {
  const decoder = createDecoder({ encoding, start: 'nothing' });
  const messages: ReadMessage[] = [];
  let header: Header | null = null;
  for (const event of [...decoder.push(tokens), ...decoder.end()]) {
    if (event.type === 'message-start') header = event;
    if (event.type === 'message-end' && header !== null) messages.push({ ...header, text: event.text });
  }
  return { messages, end: endOf(tokens, header) };
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

/** The text of the last message of role user; null: there is none. Reads from the end, and only as far as needed. */
export function lastUserText(tokens: Tokens, encoding: Encoding): string | null {
  let end = tokens.length;
  for (let index = tokens.length - 1; index >= 0; index--) {
    if (tokens[index] !== control.start) continue;
    const message = readConversation(tokens.slice(index, end), encoding).messages[0];
    if (message?.role === 'user') return message.text;
    end = index;
  }
  return null;
}
