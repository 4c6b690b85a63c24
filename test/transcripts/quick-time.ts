import type { Timers } from '../../src/simulator/timers.ts';

/** Milliseconds that are never over: what waits so long waits until it is taken back. */
export const forever = 3_600_000;

/**
 * Time for a simulated daemon in which every wait is over as soon as all that is ready now has been done, in the order
 * of the waits' ends. While it is held, nothing that waits goes on.
 */
export function createQuickTime() {
  let now = 0;
  let held = false;
  let pumping = false;
  let pending: { readonly at: number; readonly action: () => void }[] = [];

  function pump(): void {
    if (pumping || held || pending.length === 0) return;
    pumping = true;
    setImmediate(() => {
      pumping = false;
      if (held) return;
      const next = pending.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) return;
      pending = pending.filter((each) => each !== next);
      now = next.at;
      next.action();
      pump();
    });
  }

  const timers: Timers = {
    elapsed: () => now,
    after(milliseconds, action) {
      if (milliseconds <= 0) {
        const immediate = setImmediate(action);
        return () => clearImmediate(immediate);
      }
      if (milliseconds >= forever) return () => undefined;
      const entry = { at: now + milliseconds, action };
      pending.push(entry);
      pump();
      return () => {
        pending = pending.filter((each) => each !== entry);
      };
    },
  };

  return {
    timers,
    hold(): void {
      held = true;
    },
    release(): void {
      held = false;
      pump();
    },
  };
}
