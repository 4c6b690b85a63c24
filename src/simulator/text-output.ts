import type { Timers } from './timers.ts';

/** Milliseconds between two looks at what is waiting, how much must be waiting then, and how much goes at once. */
const flushInterval = 20;
const leastBytes = 256;
const mostBytes = 4096;

/**
 * Coalesces text as the daemon does: a timer that ticks every 20 ms flushes what is waiting when that is 256 bytes or
 * more, 4096 bytes go at once, the rest at the end. A short answer is one delta.
 */
export function createTextOutput(timers: Timers, flushed: (text: string) => void) {
  const begun = timers.elapsed();
  let waiting = '';
  let waitingBytes = 0;
  let takeBack: (() => void) | null = null;

  function flush(): void {
    takeBack?.();
    takeBack = null;
    const text = waiting;
    waiting = '';
    waitingBytes = 0;
    if (text !== '') flushed(text);
  }

  return {
    add(text: string): void {
      waiting += text;
      waitingBytes += Buffer.byteLength(text);
      if (waitingBytes >= mostBytes) return flush();
      // Ticks that would find too little do nothing, so the timer runs only when the next tick has something to do.
      if (waitingBytes >= leastBytes && takeBack === null) {
        takeBack = timers.after(flushInterval - ((timers.elapsed() - begun) % flushInterval), flush);
      }
    },
    /** Flushes the rest. */
    close: flush,
    /** Forgets the rest. */
    discard(): void {
      takeBack?.();
      takeBack = null;
      waiting = '';
      waitingBytes = 0;
    },
  };
}
