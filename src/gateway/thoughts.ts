import type { TurnEvent } from '../core/event.ts';
import type { TurnItem } from '../core/turn.ts';

/**
 * Remembers the thinking that led to each tool call. Clients of Chat Completions don't send it back, but the model goes
 * on from a tool's output with it in view, and the engine has it in its cache.
 */
export type Thoughts = {
  /** Looks at what a turn says; passes everything on as it is. */
  watch(batches: AsyncIterable<readonly TurnEvent[]>): AsyncGenerator<readonly TurnEvent[], void, undefined>;
  /** The items, with what was thought before each remembered call where the client left it out. */
  restore(items: readonly TurnItem[]): readonly TurnItem[];
};

/** @param limit most characters of thinking that are remembered; the oldest goes first. */
export function createThoughts(limit: number): Thoughts {
  const byCall = new Map<string, string>();
  let size = 0;

  function remember(callId: string, thought: string): void {
    byCall.set(callId, thought);
    size += thought.length;
    for (const [oldest, text] of byCall) {
      if (size <= limit) break;
      byCall.delete(oldest);
      size -= text.length;
    }
  }

  return {
    async *watch(batches) {
      let thought = '';
      for await (const batch of batches) {
        for (const event of batch) {
          if (event.type === 'reasoning-end') thought += event.text;
          else if (event.type === 'tool-call-start' && thought !== '') {
            remember(event.callId, thought);
            thought = '';
          }
        }
        yield batch;
      }
    },
    restore(items) {
      if (!items.some((item) => item.type === 'tool-call' && byCall.has(item.callId))) return items;
      const restored: TurnItem[] = [];
      for (const item of items) {
        const thought = item.type === 'tool-call' ? byCall.get(item.callId) : undefined;
        if (thought !== undefined) insertThought(restored, thought);
        restored.push(item);
      }
      return restored;
    },
  };
}

/** Puts a thought where it was had: before the preamble of the call, unless the client sent thinking of its own. */
function insertThought(items: TurnItem[], thought: string): void {
  let at = items.length;
  for (let previous = items[at - 1]; previous !== undefined; previous = items[at - 1]) {
    if (previous.type === 'reasoning') return;
    const preamble = previous.type === 'message' && previous.role === 'assistant' && previous.phase !== 'final';
    if (!preamble) break;
    at -= 1;
  }
  items.splice(at, 0, { type: 'reasoning', text: thought });
}
