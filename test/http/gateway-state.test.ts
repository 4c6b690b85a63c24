import { expect, test } from 'vitest';
import type { GatewayState } from '../../src/observe/state.ts';
import { call, openStream } from '../support/client.ts';
import type { OpenStream } from '../support/client.ts';
import { startGateway } from '../support/process.ts';

const config = { simulator: { output: 'tokens' }, log: { level: 'error' } };
const secret = 'zanzibar';

const statesOf = (stream: OpenStream) => stream.frames.map(({ data }) => JSON.parse(data!) as GatewayState);

test('who watches sees a turn run and end, and no word of what is said', async () => {
  const { origin } = await startGateway({ config });
  const events = await openStream(`${origin}/gateway/events`, undefined);
  expect(events.headers['content-type']).toContain('text/event-stream');
  const until = (fits: (state: GatewayState) => boolean) => events.until(() => statesOf(events).find(fits));
  expect(await until(() => true)).toMatchObject({ running: [], recent: [], totals: { turns: 0 } });

  const turn = await openStream(`${origin}/v1/responses`, {
    model: 'gpt-oss-20b',
    instructions: secret,
    input: `/sim say ${secret}\n/sim hang`,
    stream: true,
  });
  const seen = await until(({ running }) => (running[0]?.outputTokens ?? 0) > 0);
  const id = turn.headers['x-request-id'];
  expect(seen.running[0]).toMatchObject({ id, route: '/v1/responses', stream: true, stage: 'answering' });
  expect(seen.engines).toEqual([{ model: 'gpt-oss-20b', running: 1, queued: 0 }]);

  const waiting = await openStream(`${origin}/v1/chat/completions`, {
    model: 'gpt-oss-20b',
    messages: [{ role: 'user', content: '/sim say hello' }],
    stream: true,
  });
  await until(({ running, engines }) => running[1]?.stage === 'queued' && engines[0]!.queued === 1);
  turn.leave();
  waiting.leave();
  await until(({ recent }) => recent.some((ended) => ended.id === id && ended.stage === 'cancelled'));

  const whole = await call(`${origin}/gateway/state`);
  expect(whole.headers['cache-control']).toBe('no-store');
  expect((whole.json() as GatewayState).totals).toMatchObject({ turns: 2, cancelled: 2 });
  const all = whole.text + events.chunks.join('');
  expect(all).not.toContain(secret);
  expect(all).not.toMatch(/checkpoint|\.sock|\.bin/);
});

test('the daemon is well, and what a turn cost is in the sums', async () => {
  const { origin } = await startGateway({ config });
  const body = { model: 'gpt-oss-20b', input: '/sim say hello' };
  const { usage } = (await call(`${origin}/v1/responses`, { body })).json() as {
    usage: { input_tokens: number; output_tokens: number };
  };
  const state = (await call(`${origin}/gateway/state`)).json() as GatewayState;
  expect(state.backend).toMatchObject({ name: 'simulator', health: 'well' });
  expect(state.recent).toHaveLength(1);
  expect(state.totals).toMatchObject({
    completed: 1,
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
  });
});

test('a failure is counted by its code', async () => {
  const { origin } = await startGateway({ config });
  await call(`${origin}/v1/responses`, { body: { model: 'gpt-oss-20b', input: `/sim fail engine_error ${secret}` } });
  const state = await call(`${origin}/gateway/state`);
  expect((state.json() as GatewayState).totals.errors).toEqual({ engine_error: 1 });
  expect((state.json() as GatewayState).recent).toMatchObject([{ stage: 'failed', error: 'engine_error' }]);
  expect(state.text).not.toContain(secret);
});

test('watchers are so many and no more, and who leaves makes room', async () => {
  const { origin } = await startGateway({ config });
  const watchers: OpenStream[] = [];
  for (let index = 0; index < 32; index++) {
    const watcher = await openStream(`${origin}/gateway/events`, undefined);
    await watcher.event('state');
    watchers.push(watcher);
  }
  const late = await call(`${origin}/gateway/events`);
  expect([late.status, late.headers['retry-after']]).toEqual([429, '10']);
  watchers[0]!.leave();
  for (;;) {
    const again = await openStream(`${origin}/gateway/events`, undefined);
    if (again.status === 200) break;
    again.leave();
  }
});

test('a gateway that is told to stop does not wait for those who watch', async () => {
  const gateway = await startGateway({ config: { ...config, server: { shutdownTimeout: 3_600_000 } } });
  const events = await openStream(`${gateway.origin}/gateway/events`, undefined);
  await events.event('state');
  gateway.kill('SIGTERM');
  expect(await events.ended).toBe('whole');
  expect((await gateway.exited).code).toBe(0);
});
