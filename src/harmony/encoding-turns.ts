/**
 * Runs a generator's steps to its result, and lets others have the event loop whenever `budget` milliseconds are used
 * up. Steps that fit the budget are run without a pause. Ends between two steps with the signal's reason if it aborts.
 */
export async function runInTurns<Result>(
  steps: Generator<void, Result>,
  {
    budget,
    now,
    pause,
    signal,
  }: {
    budget: number;
    /** Milliseconds of a clock that never goes back. */
    now: () => number;
    /** Resolves once the event loop has gone round, as `setImmediate` of `node:timers/promises` does. */
    pause: () => Promise<unknown>;
    signal?: AbortSignal;
  },
): Promise<Result> {
  try {
    for (let until = now() + budget; ;) {
      signal?.throwIfAborted();
      const step = steps.next();
      if (step.done) return step.value;
      if (now() < until) continue;
      await pause();
      until = now() + budget;
    }
  } finally {
    steps.return(undefined as never);
  }
}
