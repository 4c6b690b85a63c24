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
      const date = dates.get(key) ?? today();
      dates.delete(key);
      dates.set(key, date);
      if (dates.size > limit) dates.delete(dates.keys().next().value!);
      return date;
    },
  };
}

/** What tells a conversation: its key when the client gives one, else how it begins, up to the first user message. */
function conversationOf(turn: Turn): string {
  if (turn.conversationKey !== null) return `key ${turn.conversationKey}`;
  const hash = createHash('sha256');
  for (const item of turn.items) {
    if (item.type !== 'message') continue;
    hash.update(`${item.role} ${item.text.length} ${item.text}`);
    if (item.role === 'user') break;
  }
  return `begins ${hash.digest('base64')}`;
}
