import type { Timers } from '../../src/simulator/timers.ts';

/** Time that stands still until it is moved. What is to happen at once does happen at once. */
export function createManualTimers() {
  let now = 0;
  let pending: { readonly at: number; readonly action: () => void }[] = [];
  const watchers = new Set<() => void>();

  const timers: Timers = {
    elapsed: () => now,
    after(milliseconds, action) {
      if (milliseconds <= 0) {
        const immediate = setImmediate(action);
        return () => clearImmediate(immediate);
      }
      const entry = { at: now + milliseconds, action };
      pending.push(entry);
      for (const watch of watchers) watch();
      return () => {
        pending = pending.filter((each) => each !== entry);
      };
    },
  };

  return {
    timers,
    /** How many things wait for their time. */
    count: () => pending.length,
    /** Resolves when so many things wait for their time. */
    waitingFor: (count: number) =>
      new Promise<void>((resolve) => {
        const watch = () => {
          if (pending.length < count) return;
          watchers.delete(watch);
          resolve();
        };
        watchers.add(watch);
        watch();
      }),
    /** Moves time on and does what has come due, in its order. */
    advance(milliseconds: number): void {
      const until = now + milliseconds;
      for (;;) {
        const next = pending.filter((each) => each.at <= until).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        pending = pending.filter((each) => each !== next);
        now = next.at;
        next.action();
      }
      now = until;
    },
  };
}
