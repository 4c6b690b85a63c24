import type { GatewayError } from '../core/errors.ts';

/**
 * The one bridge from pushed events to pulled batches: what has been added since the last pull comes out as one batch.
 *
 * One reader. `end` and `fail` are final: what was added before is still delivered, what is added later is dropped.
 * A reader that leaves early (`return`) makes the queue drop everything from then on.
 */
export type EventQueue<Event> = {
  /** Adds without waking the reader; `flush` does. So everything that one read brought leaves as one batch. */
  add(event: Event): void;
  flush(): void;
  end(): void;
  fail(error: GatewayError): void;
  readonly batches: AsyncIterable<readonly Event[]>;
};

export function createEventQueue<Event>(): EventQueue<Event> {
  let waiting: Event[] = [];
  let closed = false;
  let failure: GatewayError | null = null;
  let wake: (() => void) | null = null;

  const flush = (): void => {
    const resolve = wake;
    wake = null;
    resolve?.();
  };

  /** What the reader gets now; null: nothing yet. */
  function next(): IteratorResult<readonly Event[], undefined> | null {
    if (waiting.length > 0) {
      const value = waiting;
      waiting = [];
      return { done: false, value };
    }
    if (!closed) return null;
    const thrown = failure;
    failure = null;
    if (thrown !== null) throw thrown;
    return { done: true, value: undefined };
  }

  // Not an async generator: this runs for every delta of every stream, and a generator costs two more promises a turn.
  const reader: AsyncIterator<readonly Event[], undefined> = {
    next: () =>
      new Promise((resolve, reject) => {
        const settle = (): void => {
          try {
            const result = next();
            if (result === null) wake = settle;
            else resolve(result);
          } catch (error) {
            reject(error as GatewayError);
          }
        };
        settle();
      }),
    return() {
      closed = true;
      waiting = [];
      failure = null;
      return Promise.resolve({ done: true, value: undefined });
    },
  };

  return {
    add(event) {
      if (!closed) waiting.push(event);
    },
    flush,
    end() {
      closed = true;
      flush();
    },
    fail(error) {
      if (!closed) failure = error;
      closed = true;
      flush();
    },
    batches: { [Symbol.asyncIterator]: () => reader },
  };
}
