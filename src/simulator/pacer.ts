import { pause } from './timers.ts';
import type { Timers } from './timers.ts';

/** Most tokens that are sampled in one step, as in the daemon. */
const largestStep = 16;

/** Says when how many tokens may be sampled. */
export type Pacer = {
  /** Infinity: as fast as they can be taken. */
  setPace(tokensPerSecond: number): void;
  /**
   * Waits for the next token's time, and always lets everything else that is ready go first.
   *
   * @returns how many tokens are due, at least one.
   */
  next(signal: AbortSignal): Promise<number>;
  taken(count: number): void;
};

export function createPacer(timers: Timers, tokensPerSecond: number): Pacer {
  let pace = tokensPerSecond;
  let since = timers.elapsed();
  let count = 0;

  return {
    setPace(next) {
      pace = next;
      since = timers.elapsed();
      count = 0;
    },
    async next(signal) {
      const due = pace === Infinity ? 0 : since + ((count + 1) * 1000) / pace - timers.elapsed();
      await pause(timers, Math.max(0, due), signal);
      if (pace === Infinity) return largestStep;
      const dueCount = Math.floor(((timers.elapsed() - since) * pace) / 1000) - count;
      return Math.max(1, Math.min(largestStep, dueCount));
    },
    taken(more) {
      count += more;
    },
  };
}
