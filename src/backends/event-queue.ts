import type { GatewayError } from '../core/errors.ts';

/**
 * The one bridge from pushed events to pulled batches: what has been added since the last pull comes out as one batch.
 *
 * One reader. `endQueue` and `failQueue` are final: what was added before is still delivered, what is added later is
 * dropped. A reader that leaves early (`return`) makes the queue drop everything from then on.
 */
export type EventQueue<Event> = {
  /** Added since the last pull; null: nothing. */
  waiting: Event[] | null;
  closed: boolean;
  failure: GatewayError | null;
  /** Settles a pull that has nothing yet. */
  pull: ((pulled: Pulled<Event> | Promise<never>) => void) | null;
};

type Pulled<Event> = IteratorResult<readonly Event[], undefined>;

export function openQueue<Event>(): EventQueue<Event> {
  return { waiting: null, closed: false, failure: null, pull: null };
}

/** Adds without waking the reader; `flushQueue` does. So everything that one read brought leaves as one batch. */
export function addEvent<Event>(queue: EventQueue<Event>, event: Event): void {
  if (queue.closed) return;
  // Most batches have one event, and a list that is pushed to has room for seventeen.
  if (queue.waiting === null) queue.waiting = [event];
  else queue.waiting.push(event);
}

export function flushQueue<Event>(queue: EventQueue<Event>): void {
  const { pull } = queue;
  if (pull === null) return;
  const pulled = take(queue);
  if (pulled === null) return;
  queue.pull = null;
  pull(pulled);
}

export function endQueue<Event>(queue: EventQueue<Event>): void {
  queue.closed = true;
  flushQueue(queue);
}

export function failQueue<Event>(queue: EventQueue<Event>, error: GatewayError): void {
  if (!queue.closed) queue.failure = error;
  endQueue(queue);
}

/** Not an async generator: this runs for every delta of every stream, and one would cost two more promises a batch. */
export function batchesOf<Event>(queue: EventQueue<Event>): AsyncIterableIterator<readonly Event[], undefined> {
  return {
    next() {
      const pulled = take(queue);
      if (pulled !== null) return Promise.resolve(pulled);
      return new Promise((resolve) => {
        queue.pull = resolve;
      });
    },
    return() {
      queue.waiting = null;
      queue.failure = null;
      endQueue(queue);
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]: itself,
  };
}

/** What a pull gets now; null: nothing yet. */
function take<Event>(queue: EventQueue<Event>): Pulled<Event> | Promise<never> | null {
  const { waiting, failure } = queue;
  if (waiting !== null) {
    queue.waiting = null;
    return { done: false, value: waiting };
  }
  if (failure !== null) {
    queue.failure = null;
    return Promise.reject(failure);
  }
  return queue.closed ? { done: true, value: undefined } : null;
}

function itself<This>(this: This): This {
  return this;
}
