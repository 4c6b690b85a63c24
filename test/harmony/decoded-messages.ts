import { expect } from 'vitest';
import type { DecoderEvent } from '../../src/harmony/decoder.ts';

export type DecodedMessage = {
  readonly role: string;
  readonly name: string | null;
  readonly recipient: string | null;
  readonly channel: string | null;
  readonly contentType: string | null;
  readonly text: string;
  readonly by: string;
};

/** The messages that events tell of. Fails when they break the promises of `DecoderEvent`. */
export function decodedMessages(events: readonly DecoderEvent[]): DecodedMessage[] {
  const messages: DecodedMessage[] = [];
  let open: { header: Omit<DecodedMessage, 'text' | 'by'>; text: string; tokens: number } | null = null;
  for (const event of events) {
    switch (event.type) {
      case 'message-start': {
        if (open !== null) expect.fail('a message began inside another');
        const { type: _, ...header } = event;
        open = { header, text: '', tokens: 0 };
        break;
      }
      case 'text-delta':
        if (open === null) return expect.fail('a delta outside of a message');
        if (event.text === '') expect.fail('an empty delta');
        open.text += event.text;
        open.tokens += event.tokens;
        break;
      case 'message-end':
        if (open === null) return expect.fail('the end of no message');
        if (event.tokens < open.tokens) expect.fail('deltas of more ids than the message has');
        messages.push({ ...open.header, text: open.text, by: event.by });
        open = null;
        break;
    }
  }
  return messages;
}
