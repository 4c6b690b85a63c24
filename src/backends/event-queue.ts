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

  async function* read(): AsyncGenerator<readonly Event[], void, undefined> {
    try {
      for (;;) {
        if (waiting.length > 0) {
          const batch = waiting;
          waiting = [];
          yield batch;
        } else if (closed) {
          if (failure !== null) throw failure;
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      closed = true;
      waiting = [];
    }
  }

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
    batches: { [Symbol.asyncIterator]: read },
  };
}
