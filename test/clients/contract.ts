import { beforeAll, describe, expect, test } from 'vitest';
import { startGateway } from '../support/process.ts';
import type { GatewayProcess, LogLine } from '../support/process.ts';
import { countedText, exercises, timeIn, townKinds, weatherIn } from './exercises.ts';
import type { Caught, Client, Exercise, Outcomes, Place, Usage } from './exercises.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** The field of the table in docs/clients.md that this test is about. */
    cell?: {
      readonly language: string;
      readonly client: string;
      readonly api: Api;
      readonly exercise: Exercise;
      readonly gap?: string;
    };
  }
}

export type Api = 'Responses' | 'Chat Completions';

export type Subject = {
  readonly language: 'JavaScript' | 'Python';
  /** As its package is called, with the version. */
  readonly client: string;
  readonly api: Api;
  readonly does: Client;
  /** The classes of its errors. */
  readonly errors: {
    readonly [exercise in 'wrong key' | 'bad request' | 'failure in a stream']: string;
  };
  /** What does not work, and why; the day it does, the test fails. */
  readonly gaps?: { readonly [exercise in Exercise]?: string };
  /** Why it is not here; null: it is. */
  readonly missing?: string | null;
};

const model = 'gpt-oss-20b';
const apiKey = 'the-right-key';

/** Puts a client to every exercise it has, before a daemon of each kind. */
export function describeClient(subject: Subject): void {
  const { language, client, api, does, errors, gaps = {}, missing = null } = subject;
  describe.skipIf(missing !== null).each(['tokens', 'classic'])(
    `${client}, ${api}, daemon of the kind %s`,
    (output) => {
      let gateway: GatewayProcess;
      beforeAll(async () => {
        gateway = await startGateway({
          args: ['--simulator-output', output],
          config: { server: { apiKeys: [apiKey] } },
          lifetime: 'file',
        });
      });
      for (const exercise of exercises) {
        // Today's daemon sends no reasoning.
        const act = does[exercise] as ((place: Place) => Promise<Outcomes[Exercise]>) | undefined;
        if (act === undefined || (exercise === 'reasoning' && output === 'classic')) continue;
        const gap = gaps[exercise];
        const cell = { language, client, api, exercise, ...(gap === undefined ? {} : { gap }) };
        test(`${exercise}${gap === undefined ? '' : ` (${gap})`}`, { fails: gap !== undefined, meta: { cell } }, () =>
          perform(exercise, act, errors, gateway),
        );
      }
    },
  );
}

async function perform<E extends Exercise>(
  exercise: E,
  act: (place: Place) => Promise<Outcomes[E]>,
  errors: Subject['errors'],
  gateway: GatewayProcess,
) {
  const place: Place = { baseUrl: `${gateway.origin}/v1`, apiKey, model };
  const before = await endOfLog(gateway);
  const outcome = await act(exercise === 'wrong key' ? { ...place, apiKey: 'the-wrong-key' } : place);
  const turns = () =>
    gateway
      .log()
      .slice(before)
      .filter(({ msg }) => msg.startsWith('turn'));
  const untilTurn = (fits: (line: LogLine) => boolean = () => true) => gateway.until(() => turns().findLast(fits));
  await check[exercise](outcome, { turns, untilTurn, errors });
}

/** How many lines the log has, once it has all about what was asked before: it comes later than the answers. */
async function endOfLog(gateway: GatewayProcess): Promise<number> {
  const asked = () => gateway.log().filter(({ route }) => route === '/healthz').length;
  const before = asked();
  await fetch(`${gateway.origin}/healthz`);
  await gateway.until(() => asked() > before);
  return gateway.log().length;
}

type Means = {
  /** What the log says of this exercise's turns by now. */
  turns(): readonly LogLine[];
  /** The gateway's last log line about a turn of this exercise, awaited. */
  untilTurn(fits?: (line: LogLine) => boolean): Promise<LogLine>;
  readonly errors: Subject['errors'];
};

const check: { readonly [E in Exercise]: (outcome: Outcomes[E], means: Means) => Promise<void> } = {
  async text({ text, usage }, { untilTurn }) {
    expect(text).toBe('The answer is “42”.');
    expectUsage(usage, await untilTurn());
  },
  async stream({ deltas, text, usage }, { untilTurn }) {
    expect(text).toBe(countedText('Grüße, 世界!'));
    expect(deltas.join('')).toBe(text);
    expect(deltas.length).toBeGreaterThan(1);
    const turn = await untilTurn();
    expect(turn['stream']).toBe(true);
    expectUsage(usage, turn);
  },
  async reasoning({ reasoning, text }) {
    expect(reasoning.trim()).toBe('First I count.');
    expect(text).toBe('Three.');
  },
  async tools({ calls, text }) {
    expect(calls).toEqual([
      ['get_weather', 'Paris'],
      ['get_time', 'UTC'],
    ]);
    expect(text).toBe(`The tool functions.get_time answered: ${timeIn('UTC')}`);
  },
  async 'streamed tools'({ calls, text, deltas }, { untilTurn }) {
    expect(calls).toEqual([
      ['get_weather', 'Oslo'],
      ['get_time', 'CET'],
    ]);
    expect(text).toBe(`The tool functions.get_time answered: ${timeIn('CET')}`);
    expect(deltas.join('')).toBe(text);
    expect((await untilTurn())['stream']).toBe(true);
  },
  async 'structured output'({ value }) {
    expect(value).toEqual({
      name: expect.any(String),
      kind: expect.toSatisfy((kind) => townKinds.includes(kind)),
      inhabitants: expect.toSatisfy(Number.isInteger),
      districts: expect.any(Array),
    });
    const { districts } = value as { districts: unknown[] };
    for (const district of districts) {
      expect(district).toEqual({ name: expect.any(String), central: expect.any(Boolean) });
    }
  },
  async handoff({ agent, calls, text }) {
    expect(agent).toBe('guide');
    expect(calls).toEqual([['get_weather', 'Rome']]);
    expect(text).toContain(weatherIn('Rome'));
  },
  async conversation({ text }, { untilTurn, turns }) {
    expect(text).toBe('One.');
    await untilTurn(() => turns().length === 2);
    // The second prompt is all of the first and more, and the engine goes on from there.
    const [first, second] = turns() as [LogLine, LogLine];
    expect(second['inputTokens']).toBeGreaterThan(first['inputTokens'] as number);
    expect(second['cachedTokens']).toBeGreaterThanOrEqual(first['inputTokens'] as number);
  },
  async 'wrong key'(error, { errors }) {
    expectError(error, errors['wrong key'], 401);
    expect(error.message).toContain('API key');
  },
  async 'bad request'(error, { errors }) {
    expectError(error, errors['bad request'], 400);
    expect(error.message).toContain('temperature');
  },
  async 'failure in a stream'({ deltas, error }, { untilTurn, errors }) {
    expect((await untilTurn((line) => 'error' in line))['error']).toBe('engine_error');
    expect(error.name).toBe(errors['failure in a stream']);
    expect(error.message).toContain('The engine broke.');
    // Of the end of it, a classic daemon loses what it has not sent yet.
    expect(deltas.join('')).toMatch(/^0 half 1 half 2/);
  },
  async leaving({ deltas }, { untilTurn }) {
    const text = deltas.join('');
    expect(text).toMatch(/^word( word)* ?/);
    expect(text.length).toBeLessThan(4000 * 5 - 1);
    // The engine is stopped long before the answer would have ended.
    await untilTurn((line) => line['error'] === 'request_cancelled');
  },
};

function expectUsage(usage: Usage, { inputTokens, outputTokens }: LogLine): void {
  expect(usage).toEqual({ inputTokens, outputTokens });
  expect(usage.inputTokens).toBeGreaterThan(0);
  expect(usage.outputTokens).toBeGreaterThan(0);
}

function expectError({ name, status }: Caught, expectedName: string, expectedStatus: number): void {
  expect(name).toBe(expectedName);
  expect(status === null || status === expectedStatus).toBe(true);
}
