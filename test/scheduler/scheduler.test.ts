import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import { createScheduler } from '../../src/scheduler/scheduler.ts';
import type { Scheduler, Slot } from '../../src/scheduler/scheduler.ts';

const clock = { now: () => Date.now(), elapsed: () => Date.now() };
const never = new AbortController().signal;
const ids = (...tokens: number[]) => Uint32Array.from(tokens);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function scheduler(options: Partial<Parameters<typeof createScheduler>[0]> = {}): Scheduler {
  return createScheduler({
    clock,
    sessionsPerEngine: 1,
    queueLength: 4,
    queueTimeout: 60_000,
    maxOvertakes: 2,
    ...options,
  });
}

const failureOf = (promise: Promise<unknown>): Promise<GatewayError> =>
  promise.then(
    () => expect.fail('should have failed'),
    (error: unknown) => error as GatewayError,
  );

test('an engine serves one session at a time, in order of arrival', async () => {
  const engines = scheduler();
  const first = engines.enter('a', ids(1), never);
  const second = engines.enter('a', ids(2), never);
  const third = engines.enter('a', ids(3), never);
  expect([first.position, second.position, third.position]).toEqual([0, 1, 2]);
  const order: number[] = [];
  void second.granted.then((slot) => (order.push(2), engines.release(slot, null)));
  void third.granted.then((slot) => (order.push(3), engines.release(slot, null)));
  await vi.advanceTimersByTimeAsync(1000);
  expect(order).toEqual([]);
  engines.release(await first.granted, null);
  await vi.advanceTimersByTimeAsync(0);
  expect(order).toEqual([2, 3]);
  expect(engines.status('a')).toEqual({ running: 0, queued: 0 });
});

test('engines do not wait for each other', async () => {
  const engines = scheduler();
  engines.enter('a', ids(1), never);
  expect(engines.enter('b', ids(1), never).position).toBe(0);
});

test('a full queue refuses with the wait that measured service times promise', async () => {
  const engines = scheduler({ queueLength: 2 });
  const warmUp = await engines.enter('a', ids(1), never).granted;
  await vi.advanceTimersByTimeAsync(5000);
  engines.release(warmUp, null);
  engines.enter('a', ids(1), never);
  engines.enter('a', ids(1), never);
  engines.enter('a', ids(1), never);
  const error = (() => {
    try {
      engines.enter('a', ids(1), never);
      return expect.fail('should have been refused');
    } catch (thrown) {
      return thrown as GatewayError;
    }
  })();
  expect(error.code).toBe('rate_limit_exceeded');
  expect(error.retryAfter).toBe(15);
});

test('a session that has run for long counts as one, and a slot that was not used for none', async () => {
  const engines = scheduler({ queueLength: 1 });
  const refusal = () => {
    try {
      return engines.enter('a', ids(1), never).granted.then(() => expect.fail('should have been refused'));
    } catch (thrown) {
      return (thrown as GatewayError).retryAfter;
    }
  };
  const first = await engines.enter('a', ids(1), never).granted;
  const second = engines.enter('a', ids(1), never);
  await vi.advanceTimersByTimeAsync(40_000);
  expect(refusal()).toBe(40);
  engines.release(first, null);
  // It got the engine, and its client had left.
  second.leave();
  engines.enter('a', ids(1), never);
  engines.enter('a', ids(1), never);
  expect(refusal()).toBe(2 * 40);
});

test('a turn does not wait longer than the queue timeout', async () => {
  const engines = scheduler({ queueTimeout: 1000 });
  engines.enter('a', ids(1), never);
  const failure = failureOf(engines.enter('a', ids(1), never).granted);
  await vi.advanceTimersByTimeAsync(1000);
  expect((await failure).code).toBe('rate_limit_exceeded');
  expect(engines.status('a')).toEqual({ running: 1, queued: 0 });
});

test('whoever leaves the queue frees its place and takes no slot later', async () => {
  const engines = scheduler();
  const running = await engines.enter('a', ids(1), never).granted;
  const leaver = new AbortController();
  const failure = failureOf(engines.enter('a', ids(1), leaver.signal).granted);
  const ticket = engines.enter('a', ids(1), never);
  leaver.abort(new GatewayError('request_cancelled', 'left'));
  expect((await failure).code).toBe('request_cancelled');
  engines.release(running, null);
  ticket.leave();
  expect(engines.status('a')).toEqual({ running: 0, queued: 0 });
});

describe('cache affinity', () => {
  test('the waiter that shares most with what the engine holds goes first', async () => {
    const engines = scheduler();
    const running = await engines.enter('a', ids(1, 2, 3), never).granted;
    const stranger = engines.enter('a', ids(9, 9, 9), never);
    const relative = engines.enter('a', ids(1, 2, 3, 4), never);
    let strangerRuns = false;
    void stranger.granted.then(() => (strangerRuns = true));
    engines.release(running, ids(1, 2, 3));
    const slot = await relative.granted;
    expect(slot.cachedTokens).toBe(3);
    expect(strangerRuns).toBe(false);
  });

  test('nobody is overtaken more often than allowed', async () => {
    const engines = scheduler({ maxOvertakes: 2, queueLength: 100 });
    let slot: Slot = await engines.enter('a', ids(1), never).granted;
    let strangerRuns = false;
    void engines.enter('a', ids(9), never).granted.then((granted) => {
      strangerRuns = true;
      slot = granted;
    });
    let overtakes = 0;
    for (let round = 0; round < 5 && !strangerRuns; round++) {
      void engines.enter('a', ids(1, 2), never).granted.then((granted) => {
        overtakes += 1;
        slot = granted;
      });
      engines.release(slot, ids(1, 2));
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(strangerRuns).toBe(true);
    expect(overtakes).toBe(2);
  });
});

test('three thousand random arrivals, departures and slow sessions: no overlap, all served or refused, all slots back', async () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const engines = scheduler({ queueLength: 8, queueTimeout: 500, maxOvertakes: 3 });
  const running = new Map<string, number>();
  const outcomes = { served: 0, refused: 0, left: 0 };
  const turns: Promise<void>[] = [];
  for (let turn = 0; turn < 3000; turn++) {
    const engine = `engine ${random(3)}`;
    const prefill = Uint32Array.from({ length: random(20) }, (_, index) => (index < 10 ? index : random(3)));
    const client = new AbortController();
    if (random(5) === 0) {
      setTimeout(() => client.abort(new GatewayError('request_cancelled', 'left')), random(200));
    }
    const run = async (): Promise<void> => {
      try {
        const ticket = engines.enter(engine, prefill, client.signal);
        const slot = await ticket.granted;
        const now = (running.get(engine) ?? 0) + 1;
        running.set(engine, now);
        expect(now, 'sessions on one engine').toBe(1);
        await new Promise((resolve) => setTimeout(resolve, random(60)));
        running.set(engine, now - 1);
        engines.release(slot, random(4) === 0 ? null : prefill);
        outcomes.served += 1;
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        outcomes[error.code === 'request_cancelled' ? 'left' : 'refused'] += 1;
      }
    };
    turns.push(run());
    if (random(2) === 0) await vi.advanceTimersByTimeAsync(random(30));
  }
  await vi.runAllTimersAsync();
  await Promise.all(turns);
  expect(outcomes.served + outcomes.refused + outcomes.left).toBe(3000);
  expect(Math.min(outcomes.served, outcomes.refused, outcomes.left)).toBeGreaterThan(50);
  for (const engine of [0, 1, 2]) expect(engines.status(`engine ${engine}`)).toEqual({ running: 0, queued: 0 });
});
