import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { BackendEvent, Session } from '../../src/backends/backend.ts';
import { createSessionWatch } from '../../src/gateway/session-watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const limits = { firstToken: 1000, idle: 100, total: 5000 };
const life: readonly BackendEvent[] = [{ type: 'text-delta', text: 'x' }];

/** Sessions that write down how they are ended, and when. */
function start() {
  const elapsed = () => performance.now();
  const begun = elapsed();
  const told: string[] = [];
  const watch = createSessionWatch(limits, elapsed);
  const begin = (name: string) => {
    const note = (what: string) => void told.push(`${elapsed() - begun} ${name} ${what}`);
    const session: Pick<Session, 'cancel' | 'abandon'> = {
      cancel: () => note('cancelled'),
      abandon: ({ message }) => note(/limits\.\w+|usage/.exec(message)![0]),
    };
    return watch.begin(session as Session);
  };
  return { watch, begin, told };
}

test('each session is ended by its own limit and in time, whatever the others do', async () => {
  const { watch, begin, told } = start();
  begin('silent');
  const lively = begin('lively');
  const falling = begin('falling silent');
  for (let time = 0; time < 300; time += 50) {
    await vi.advanceTimersByTimeAsync(50);
    watch.noteProgress(lively, life);
    watch.noteProgress(falling, life);
  }
  begin('late');
  for (let time = 300; time < 6000; time += 50) {
    await vi.advanceTimersByTimeAsync(50);
    watch.noteProgress(lively, life);
  }
  expect(told).toEqual([
    '400 falling silent limits.idle',
    '1000 silent limits.firstToken',
    '1300 late limits.firstToken',
    '5000 lively limits.total',
  ]);
});

test('a session of which only the usage is wanted is cancelled once, and given up soon', async () => {
  const { watch, begin, told } = start();
  begin('silent');
  const done = begin('done');
  await vi.advanceTimersByTimeAsync(10);
  watch.noteProgress(done, life);
  watch.endSoon(done);
  await vi.advanceTimersByTimeAsync(200);
  watch.noteProgress(done, life);
  watch.endSoon(done);
  await vi.advanceTimersByTimeAsync(790);
  expect(told).toEqual(['10 done cancelled', '260 done usage', '1000 silent limits.firstToken']);
});

test('nothing runs when nothing is watched', () => {
  const { watch, begin, told } = start();
  const [one, two] = [begin('one'), begin('two')];
  watch.stop(one);
  expect(vi.getTimerCount()).toBe(1);
  watch.stop(two);
  watch.stop(two);
  expect(vi.getTimerCount()).toBe(0);
  expect(told).toEqual([]);
});
