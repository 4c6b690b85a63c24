import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { asGatewayError, GatewayError } from '../../src/core/errors.ts';
import { buildGateway, encoding } from '../gateway/build.ts';
import { createRandom } from '../harmony/random.ts';
import { turn, user } from '../harmony/turns.ts';
import { createDaemonModel } from './daemon-model.ts';
import type { SessionFate } from './daemon-model.ts';

/** `TURNS=100000 SEED=5 npx vitest run test/scheduler/simulation.test.ts` for a long run. */
const turns = Number(process.env['TURNS'] ?? 2000);
const seed = Number(process.env['SEED'] ?? 1);

const limits = { firstToken: 400, idle: 300, total: 3000 };
const maxOvertakes = 3;
const models = ['one', 'two', 'three'];

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A turn as it was seen from outside. */
type Seen = {
  readonly number: number;
  readonly model: string;
  entered: number | null;
  granted: number | null;
  outcome: string | null;
};

test(
  `${turns} random arrivals, departures, deaths and slow sessions: no overlap, one end each, nobody starves, nothing is left`,
  async () => {
    const random = createRandom(seed);
    const all: Seen[] = [];
    const said = new Map<number, string>();
    let order = 0;
    const numberIn = (prefill: Uint32Array) => Number(/turn (\d+)\./.exec(encoding.decode(prefill))![1]);

    const daemon = createDaemonModel(
      random,
      ({ prefill }): SessionFate => {
        const number = numberIn(prefill);
        all[number]!.granted = order++;
        const deltas = random.list(0, 6, () => `${number},`);
        said.set(number, deltas.join(''));
        return {
          prefill: random.below(random.chance(0.1) ? 600 : 30),
          deltas,
          pace: random.chance(0.1) ? 100 : random.below(20),
          ending: random.chance(0.9) ? 'completed' : random.pick(['error', 'hang', 'silent']),
        };
      },
      { cancelGrace: 100, prefillGrace: limits.firstToken },
    );
    const scheduler = { queueLength: 5, queueTimeout: 2500, maxOvertakes };
    const gateway = buildGateway(daemon.backend, { limits, models, scheduler });

    async function take(seen: Seen): Promise<void> {
      const client = new AbortController();
      if (random.chance(0.2)) {
        const leave = () => client.abort(new GatewayError('request_cancelled', 'left'));
        setTimeout(leave, random.below(300));
      }
      const leavesAt = random.chance(0.1) ? random.below(4) : Infinity;
      // Some continue what others began, so that the engine's cache makes them overtake.
      const opening = 'word '.repeat(random.below(4) * 20);
      const asked = turn({ model: seen.model, items: [user(`${opening}turn ${seen.number}.`)] });
      const types: string[] = [];
      let text = '';
      const finish = (outcome: string) => {
        expect(seen.outcome, 'an end after the end').toBeNull();
        seen.outcome = outcome;
      };
      try {
        for await (const batch of gateway.run(asked, client.signal, { onAdmitted: () => (seen.entered = order++) })) {
          for (const event of batch) {
            types.push(event.type);
            if (event.type === 'text-delta') text += event.text;
          }
          if (types.length > leavesAt) return finish('left early');
        }
        expect(types.filter((type) => type === 'turn-end')).toHaveLength(1);
        expect(types.at(-1)).toBe('turn-end');
        expect(text).toBe(said.get(seen.number));
        finish('answered');
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        expect(types).not.toContain('turn-end');
        expect(said.get(seen.number) ?? '').toContain(text);
        finish(asGatewayError(error).code);
      }
    }

    const running: Promise<void>[] = [];
    for (let number = 0; number < turns; number++) {
      const seen: Seen = { number, model: random.pick(models), entered: null, granted: null, outcome: null };
      all.push(seen);
      running.push(take(seen));
      if (random.chance(0.01)) daemon.die();
      await vi.advanceTimersByTimeAsync(random.below(random.chance(0.02) ? 4000 : 90));
    }
    await vi.runAllTimersAsync();
    await Promise.all(running);

    expect(daemon.mostAtOnce(), 'sessions on one engine at the same time').toBe(1);
    const outcomes = Object.fromEntries(
      [...new Set(all.map(({ outcome }) => outcome))].map((each) => [
        each,
        all.filter((seen) => seen.outcome === each).length,
      ]),
    );
    expect(Object.keys(outcomes).toSorted()).toEqual([
      'answered',
      'backend_lost',
      'backend_timeout',
      'backend_unavailable',
      'engine_error',
      'left early',
      'rate_limit_exceeded',
      'request_cancelled',
    ]);
    expect(outcomes['answered']).toBeGreaterThan(turns / 4);
    for (const count of Object.values(daemon.counts)) expect(count).toBeGreaterThan(turns / 200);

    // Nobody was overtaken more often than allowed, and somebody was. Who never got the engine left or gave up.
    const overtakes = models.flatMap((model) => {
      const served = all.filter((seen) => seen.model === model && seen.granted !== null);
      return served.map(
        (seen) => served.filter((other) => other.entered! > seen.entered! && other.granted! < seen.granted!).length,
      );
    });
    expect(Math.max(...overtakes)).toBe(maxOvertakes);

    expect(daemon.sessions()).toBe(0);
    expect(gateway.status().map(({ running: now, queued }) => [now, queued])).toEqual(models.map(() => [0, 0]));
    expect(vi.getTimerCount(), 'timers left').toBe(0);
  },
  60_000 + turns * 20,
);
