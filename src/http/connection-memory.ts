import type { Chain, StoredItem } from '../store/store.ts';

/** What was said over one connection and is not to be stored: it can be followed on as long as the connection lives. */
export type ConnectionMemory = {
  find(response: string): Chain | null;
  /**
   * @param after what the turn followed.
   * @param size of what was said in it, in bytes or so.
   */
  keep(turn: {
    readonly response: string;
    readonly after: Chain | null;
    readonly said: readonly StoredItem[];
    readonly key: string | null;
    readonly size: number;
  }): void;
};

/** Most responses that are remembered: some for each of the streams that a connection may have. */
const mostResponses = 64;

/** @param limit bytes of one conversation, and of all that is remembered. */
export function createConnectionMemory(limit: number): ConnectionMemory {
  type Entry = { readonly chain: Chain; readonly whole: number; readonly own: number };
  /** The oldest first. */
  const entries = new Map<string, Entry>();
  let total = 0;

  function forget(response: string, { own }: Entry): void {
    entries.delete(response);
    total -= own;
  }

  return {
    find: (response) => entries.get(response)?.chain ?? null,
    keep({ response, after, said, key, size }) {
      const before = [...entries.values()].find(({ chain }) => chain === after)?.whole ?? 0;
      const whole = before + size;
      if (whole > limit) return;
      const chain: Chain = { items: [...(after?.items ?? []), ...said], key: after?.key ?? key, point: null };
      entries.set(response, { chain, whole, own: size });
      total += size;
      for (const [oldest, entry] of entries) {
        if (entries.size <= mostResponses && total <= limit) break;
        forget(oldest, entry);
      }
    },
  };
}
