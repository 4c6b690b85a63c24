/** How deltas are dealt out to streams. */
export type Pace = {
  readonly streams: number;
  /** Milliseconds between two sends on one stream; 0: one send after another, as fast as the event loop turns. */
  readonly period: number;
  /** Sends on each stream. */
  readonly sends: number;
};

/**
 * Calls `send` for every stream every `period` milliseconds, each call in an event-loop turn of its own. The streams are
 * spread evenly over the period. What is late isn't made up for: a stream never gets two sends at once.
 */
export function dealOut({ streams, period, sends }: Pace, send: (stream: number) => void): Promise<void> {
  const began = performance.now();
  const due = Array.from({ length: streams }, (_, stream) => began + (period * stream) / streams);
  const left = Array.from({ length: streams }, () => sends);
  const order = due.map((_, stream) => stream);
  let open = streams * sends;

  return new Promise((resolve) => {
    const tick = (): void => {
      const now = performance.now();
      const ready = order.filter((stream) => left[stream]! > 0 && due[stream]! <= now);
      let next = 0;
      const turn = (): void => {
        const stream = ready[next];
        if (stream === undefined) {
          if (open === 0) resolve();
          else if (period === 0) setImmediate(tick);
          else setTimeout(tick, 1);
          return;
        }
        next += 1;
        send(stream);
        left[stream]! -= 1;
        open -= 1;
        due[stream] = Math.max(due[stream]! + period, now);
        setImmediate(turn);
      };
      turn();
    };
    tick();
  });
}
