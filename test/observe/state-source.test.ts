import { expect, test } from 'vitest';
import type { TurnReport } from '../../src/core/turn-report.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { createHealthWatch } from '../../src/observe/health-watch.ts';
import { createStateSource } from '../../src/observe/state-source.ts';
import type { GatewayState } from '../../src/observe/state.ts';
import { createTurnBoard } from '../../src/observe/turn-board.ts';

/** A source whose pauses end when the test says so, each as long as it asked for. */
function source(check: () => Promise<void> = async () => undefined) {
  let time = 0;
  let checks = 0;
  const clock = { now: () => time, elapsed: () => time };
  const board = createTurnBoard({ clock, remembered: 10 });
  const pauses: { readonly milliseconds: number; end(): void }[] = [];
  let seen: (() => void) | null = null;
  const made = createStateSource({
    board,
    health: createHealthWatch({
      name: 'codexpc',
      check: () => {
        checks += 1;
        return check();
      },
      clock,
    }),
    engines: () => [{ model: 'm', running: 0, queued: 0 }],
    clock,
    pause: (milliseconds, signal) =>
      new Promise((resolve) => {
        const leave = () => resolve();
        signal.addEventListener('abort', leave);
        const end = () => {
          signal.removeEventListener('abort', leave);
          time += milliseconds;
          resolve();
        };
        pauses.push({ milliseconds, end });
        seen?.();
      }),
  });
  /** The next pause, once it has begun. */
  const nextPause = async () => {
    while (pauses.length === 0) await new Promise<void>((resolve) => (seen = resolve));
    return pauses.shift()!;
  };
  /** Lets time pass until a watcher is told something. */
  const passUntilTold = async (next: Promise<IteratorResult<GatewayState, unknown>>) => {
    let told = false;
    const settled = next.finally(() => (told = true));
    for (let ended = 0; ; ended++) {
      // What a pause's end brings about is done by then.
      await new Promise((resolve) => setImmediate(resolve));
      if (told) return { state: (await settled).value as GatewayState, pauses: ended };
      pauses.shift()?.end();
    }
  };
  return { source: made, board, nextPause, passUntilTold, pauses, checks: () => checks };
}

const report = { id: '1', route: '/', model: 'm', warnings: [], ended: 1, began: 0, characters: 0, deltas: 0 };
const endedTurn = { ...report, start: null, firstOutput: null, end: null, failure: null } as unknown as TurnReport;

test('nothing is asked of the backend, and no time is measured, while nobody watches', () => {
  const { pauses, checks } = source();
  expect(checks()).toBe(0);
  expect(pauses).toEqual([]);
});

test('the backend is well, or it says what is wrong', async () => {
  const well = source();
  expect((await well.source.whole()).backend).toMatchObject({ name: 'codexpc', health: 'well', problem: null });
  const ill = source(() => Promise.reject(new GatewayError('backend_unavailable', 'It is not there.')));
  const problem = { code: 'backend_unavailable', message: 'It is not there.' };
  expect((await ill.source.whole()).backend).toMatchObject({ health: 'failing', problem });
});

test('the backend is asked again when its answer is old, which a watcher learns', async () => {
  const { source: asked, checks, passUntilTold } = source();
  await asked.whole();
  await asked.whole();
  expect(checks()).toBe(1);
  const leaving = new AbortController();
  const states = asked.watch(leaving.signal)[Symbol.asyncIterator]();
  await states.next();
  const { state, pauses } = await passUntilTold(states.next());
  expect(state).toMatchObject({ backend: { checkedAt: 5000 }, running: [], recent: [] });
  expect(pauses).toBeGreaterThanOrEqual(5000 / 250);
  leaving.abort();
});

test('a watcher gets everything at first, and then each ended turn once', async () => {
  const { source: watched, board, nextPause } = source();
  await watched.whole();
  board.began(endedTurn);
  board.ended(endedTurn);
  const leaving = new AbortController();
  const states = watched.watch(leaving.signal)[Symbol.asyncIterator]();
  expect((await states.next()).value?.recent).toHaveLength(1);
  const second = states.next();
  const pause = await nextPause();
  expect(pause.milliseconds).toBe(250);
  board.began({ ...endedTurn, id: '2' });
  board.ended({ ...endedTurn, id: '2' });
  pause.end();
  expect(((await second).value as GatewayState).recent.map(({ id }) => id)).toEqual(['2']);
  leaving.abort();
});

test('a watcher who leaves is told no more', async () => {
  const { source: watched, nextPause } = source();
  const leaving = new AbortController();
  const states = watched.watch(leaving.signal)[Symbol.asyncIterator]();
  await states.next();
  const next = states.next();
  await nextPause();
  leaving.abort();
  expect((await next).done).toBe(true);
});
