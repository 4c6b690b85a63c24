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
  /** A pull that has nothing yet. */
  let pull: Pull<Event> | null = null;

  function flush(): void {
    if (pull === null) return;
    const { resolve, reject } = pull;
    if (waiting.length === 0 && !closed) return;
    pull = null;
    if (waiting.length > 0) {
      resolve({ done: false, value: waiting });
      waiting = [];
    } else if (failure !== null) {
      reject(failure);
      failure = null;
    } else {
      resolve({ done: true, value: undefined });
    }
  }

  // Not an async generator: this runs for every delta of every stream, and a generator costs two more promises a turn.
  const batches: AsyncIterableIterator<readonly Event[], undefined> = {
    next: () =>
      new Promise((resolve, reject) => {
        pull = { resolve, reject };
        flush();
      }),
    return() {
      closed = true;
      waiting = [];
      failure = null;
      flush();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]: () => batches,
  };

  return {
    add(event) {
      if (closed) return;
      // Most batches have one event, and a list that is pushed to has room for seventeen.
      if (waiting.length === 0) waiting = [event];
      else waiting.push(event);
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
    batches,
  };
}

type Pull<Event> = {
  readonly resolve: (result: IteratorResult<readonly Event[], undefined>) => void;
  readonly reject: (error: GatewayError) => void;
};
