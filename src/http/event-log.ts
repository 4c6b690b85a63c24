import type { Frame } from '../core/dialect.ts';

/** Frames of a response's stream, and the number that the first of them has in it. */
export type NumberedFrames = { readonly first: number; readonly frames: readonly Frame[] };

/**
 * The events of one response while it is being made, for any number of readers. A reader holds nothing but its place,
 * so that a slow one costs no more than a fast one.
 */
export type EventLog = {
  add(frame: Frame): void;
  /** How many there are. */
  count(): number;
  /** Shows the readers the first `count`. */
  show(count: number): void;
  /** There are no more to come. */
  close(): void;
  /** The events with a number above `after`, as they are shown; ends when the log is closed or the signal aborts. */
  read(after: number, signal: AbortSignal): AsyncGenerator<NumberedFrames, void, undefined>;
};

/** Frames that a reader gets at once. */
const readStep = 128;

export function createEventLog(): EventLog {
  const frames: Frame[] = [];
  let shown = 0;
  let closed = false;
  let waiting = new Set<() => void>();

  function wake(): void {
    const woken = waiting;
    waiting = new Set();
    for (const resolve of woken) resolve();
  }

  function changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      waiting.add(done);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }

  return {
    add: (frame) => void frames.push(frame),
    count: () => frames.length,
    show(count) {
      shown = count;
      wake();
    },
    close() {
      shown = frames.length;
      closed = true;
      wake();
    },
    async *read(after, signal) {
      for (let first = after + 1; !signal.aborted;) {
        if (first < shown) {
          const step = frames.slice(first, Math.min(shown, first + readStep));
          yield { first, frames: step };
          first += step.length;
        } else if (closed) return;
        else await changed(signal);
      }
    },
  };
}
