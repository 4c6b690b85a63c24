import { createHash } from 'node:crypto';
import type { Turn } from '../core/turn.ts';

/**
 * Remembers on which date a conversation began. The date stands at the very front of a prefill: were it to change at
 * midnight, the engine would have to read the whole conversation again.
 */
export type FrozenDates = { dateOf(turn: Turn): string };

export type FrozenDatesOptions = {
  /** The current date as YYYY-MM-DD. */
  readonly today: () => string;
  /** Most conversations remembered; the one not seen for longest is forgotten first. */
  readonly limit: number;
};

export function createFrozenDates({ today, limit }: FrozenDatesOptions): FrozenDates {
  const dates = new Map<string, string>();
  return {
    dateOf(turn) {
      const key = conversationOf(turn);
      // Until the model has said something nothing is lost by the right date, and what begins like an older
      // conversation, a question that is asked every morning for one, must not get that one's date.
      const date = (hasBegun(turn) ? dates.get(key) : undefined) ?? today();
      dates.delete(key);
      dates.set(key, date);
      if (dates.size > limit) dates.delete(dates.keys().next().value!);
      return date;
    },
  };
}

function hasBegun({ items }: Turn): boolean {
  return items.some((item) => (item.type === 'message' ? item.role === 'assistant' : item.type !== 'tool-output'));
}

/**
 * What tells a conversation: how it begins, up to the first user message, and the key that the client gives it. The key
 * alone doesn't: some clients give all their conversations the same.
 */
function conversationOf(turn: Turn): string {
  const hash = createHash('sha256').update(JSON.stringify(turn.conversationKey));
  for (const item of turn.items) {
    if (item.type !== 'message') continue;
    // The units of a text as they are in memory: UTF-8 would have to be made of it.
    hash.update(`${item.role} ${item.text.length} `).update(item.text, 'utf16le');
    if (item.role === 'user') break;
  }
  return hash.digest('base64');
}
