/** Time as the simulator sees it; passed in, so that a test can move it by hand. */
export type Timers = {
  /** Monotonic milliseconds. */
  elapsed(): number;
  /**
   * Does something after so many milliseconds, and never before everything that is ready now has been done.
   *
   * @returns what takes it back.
   */
  after(milliseconds: number, action: () => void): () => void;
};

export const systemTimers: Timers = {
  elapsed: () => performance.now(),
  after(milliseconds, action) {
    if (milliseconds <= 0) {
      const immediate = setImmediate(action);
      return () => clearImmediate(immediate);
    }
    const timeout = setTimeout(action, milliseconds);
    return () => clearTimeout(timeout);
  },
};

/** Resolves after so many milliseconds, or as soon as the signal aborts. */
export function pause(timers: Timers, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      takeBack();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const takeBack = timers.after(milliseconds, done);
    signal.addEventListener('abort', done);
  });
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
