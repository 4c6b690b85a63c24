import { Worker } from 'node:worker_threads';

/** What the worker is asked: is `schema` one, and does the JSON `text`, if any, match it? */
export type Job = { readonly schema: string; readonly text: string | null };

export type Verdict =
  | { readonly type: 'good' }
  | { readonly type: 'bad'; readonly fault: string }
  | { readonly type: 'bad-schema'; readonly reason: string }
  /** The worker needed longer than it may, or broke down. */
  | { readonly type: 'undecided' };

/** Checks texts against JSON Schemas (2020-12) in another thread, one after the other. */
export type SchemaValidator = {
  /** @param text null: only whether the schema is one. */
  check(schema: object, text: string | null): Promise<Verdict>;
};

/**
 * The thread begins with the first check, and is no reason for the process to go on living.
 *
 * @param timeLimit milliseconds that one check may take; the thread is then ended, and a new one goes on with the rest.
 */
export function createSchemaValidator(timeLimit: number): SchemaValidator {
  const waiting: { readonly job: Job; readonly resolve: (verdict: Verdict) => void }[] = [];
  let worker: Worker | null = null;
  let timer: NodeJS.Timeout | undefined;

  function startWorker(): Worker {
    const started = new Worker(new URL('./schema-worker.js', import.meta.url));
    started.on('message', (verdict: Verdict) => settle(verdict));
    const onLost = () => {
      if (worker === started) giveUp();
    };
    started.on('error', onLost);
    started.on('exit', onLost);
    // Last: who listens for messages makes it a reason again.
    started.unref();
    return started;
  }

  function next(): void {
    const [first] = waiting;
    if (first === undefined) return;
    worker ??= startWorker();
    timer = setTimeout(giveUp, timeLimit);
    worker.postMessage(first.job);
  }

  function settle(verdict: Verdict): void {
    clearTimeout(timer);
    waiting.shift()?.resolve(verdict);
    next();
  }

  function giveUp(): void {
    const lost = worker;
    worker = null;
    void lost?.terminate();
    settle({ type: 'undecided' });
  }

  return {
    check: (schema, text) =>
      new Promise((resolve) => {
        waiting.push({ job: { schema: JSON.stringify(schema), text }, resolve });
        if (waiting.length === 1) next();
      }),
  };
}
