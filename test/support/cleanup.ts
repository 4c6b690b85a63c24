import { afterAll, afterEach } from 'vitest';

/** How long something that was started is used: for one test, or for all of the file. */
export type Lifetime = 'test' | 'file';

type Cleanup = () => unknown;

const cleanups: { readonly [lifetime in Lifetime]: Cleanup[] } = { test: [], file: [] };

/** Has something ended when its time is over, what was started last first. */
export function endWith(lifetime: Lifetime, cleanup: Cleanup): void {
  cleanups[lifetime].push(cleanup);
}

async function endAll(lifetime: Lifetime): Promise<void> {
  for (const cleanup of cleanups[lifetime].splice(0).toReversed()) await cleanup();
}

afterEach(() => endAll('test'));
afterAll(() => endAll('file'));
