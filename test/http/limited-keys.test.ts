import { describe, expect, test } from 'vitest';
import { endWith } from '../support/cleanup.ts';
import { call, openStream } from '../support/client.ts';
import type { Answer } from '../support/client.ts';
import type { TestGateway } from '../support/gateway.ts';
import { readMetrics } from '../support/metrics.ts';
import { connectSocket } from '../support/socket.ts';
import { model, startStateGateway } from './state-gateway.ts';

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const laptop = bearer('key-of-laptop');
const phone = bearer('key-of-phone');

/** A gateway whose keys have these limits. */
function start(limits: string, rest = ''): Promise<TestGateway> {
  const keys = `{ name: laptop, key: key-of-laptop, ${limits} }, { name: phone, key: key-of-phone, ${limits} }`;
  return startStateGateway('test', { settings: `server: { apiKeys: [${keys}] }\n${rest}` });
}

const endless = { model, input: '/sim pace 200\n/sim repeat 100000 word ', stream: true };
const quick = { model, input: '/sim say Hello.' };
const ask = ({ url }: TestGateway, headers = laptop, body: object = quick): Promise<Answer> =>
  call(`${url}/v1/responses`, { headers, body });
const codeOf = (answer: Answer) => (answer.json() as { error?: { code: string } }).error?.code;

/** A stream of the laptop that has begun. */
async function stream({ url }: TestGateway, body: object = endless) {
  const opened = await openStream(`${url}/v1/responses`, body, laptop);
  await opened.event('response.output_text.delta');
  return opened;
}

/** Asks until the laptop's place is free again; the test's own time limit ends this. */
async function untilFree(gateway: TestGateway): Promise<void> {
  for (;;) if ((await ask(gateway)).status === 200) return;
}

describe('a key with one turn at a time', () => {
  test('is refused a second, in OpenAI’s form, while other keys are not', async () => {
    const gateway = await start('turns: 1', 'models: [{ id: gpt-oss-20b, checkpoint: a }, { id: b, checkpoint: b }]');
    await stream(gateway);
    for (const [path, body] of [
      ['/v1/responses', quick],
      ['/v1/responses', { ...quick, background: true }],
      ['/v1/responses/compact', quick],
      ['/v1/chat/completions', { model, messages: [{ role: 'user', content: 'x' }], stream: true }],
      ['/v1/completions', { model, prompt: 'x' }],
    ] as const) {
      const answer = await call(gateway.url + path, { headers: laptop, body });
      expect([path, answer.status, answer.headers['retry-after']]).toEqual([path, 429, '5']);
      expect(answer.json()).toEqual({
        error: {
          message: "The API key 'laptop' may have at most 1 turn at a time. Please try again in 5s.",
          type: 'rate_limit_error',
          param: null,
          code: 'rate_limit_exceeded',
        },
      });
    }
    expect((await ask(gateway, phone, { ...quick, model: 'b' })).status).toBe(200);
  });

  test('may still see models, metrics, health and what is stored', async () => {
    const gateway = await start('turns: 1, requestsPerMinute: 1');
    await stream(gateway);
    for (const path of ['/v1/models', '/metrics', '/healthz', '/readyz', '/gateway/state', '/openapi.json']) {
      const answer = await call(gateway.url + path, { headers: laptop });
      expect([path, answer.status]).toEqual([path, 200]);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
    }
    const count = await call(`${gateway.url}/v1/responses/input_tokens`, { headers: laptop, body: quick });
    expect(count.status).toBe(200);
  });

  test('is refused before its body is read', async () => {
    const gateway = await start('turns: 1');
    await stream(gateway);
    const answer = await call(`${gateway.url}/v1/responses`, { headers: laptop, body: '{ this is no JSON' });
    expect(answer.status).toBe(429);
  });

  test('has its place again when a turn has ended, at once and as often as it likes', async () => {
    const gateway = await start('turns: 1');
    for (const body of [
      quick,
      { ...quick, stream: true },
      { ...quick, store: false },
      { model, input: 'x', temperature: 7 },
      { model, input: '/sim fail engine_error broken' },
      { model, input: '/sim say x\n/sim fail engine_error broken', stream: true },
      { ...quick, previous_response_id: 'resp_none' },
      { model, input: 'x '.repeat(140_000) },
    ]) {
      for (let times = 0; times < 3; times++) expect((await ask(gateway, laptop, body)).status).not.toBe(429);
    }
    const chat = { model, messages: [{ role: 'user', content: '/sim say x' }], n: 2, stream: true };
    for (let times = 0; times < 3; times++) {
      const { status } = await call(`${gateway.url}/v1/chat/completions`, { headers: laptop, body: chat });
      expect(status).toBe(200);
    }
  });

  test('has its place again when its client has left, running or waiting', async () => {
    const gateway = await start('turns: 2');
    const running = await stream(gateway);
    const waiting = await openStream(`${gateway.url}/v1/responses`, endless, laptop);
    await waiting.event('response.queued');
    expect((await ask(gateway)).status).toBe(429);
    waiting.leave();
    running.leave();
    await untilFree(gateway);
    const { value } = await readMetrics(gateway.url, laptop);
    expect(value('codexpc_gateway_turns_open', {})).toBe(0);
  });

  test('keeps its place for a response in the background, until that is over', async () => {
    const gateway = await start('turns: 1');
    const body = { ...endless, stream: false, background: true };
    const { id } = (await ask(gateway, laptop, body)).json() as { id: string };
    expect((await ask(gateway)).status).toBe(429);
    await call(`${gateway.url}/v1/responses/${id}/cancel`, { method: 'POST', headers: laptop });
    await untilFree(gateway);
    const watched = await openStream(
      `${gateway.url}/v1/responses`,
      { ...quick, stream: true, background: true },
      laptop,
    );
    await watched.event('response.completed');
    expect((await ask(gateway)).status).toBe(200);
  });

  test('is held to it over WebSockets, beside HTTP', async () => {
    const gateway = await start('turns: 1');
    const connection = await connectSocket(gateway.url, { headers: laptop });
    connection.send({ type: 'response.create', ...endless });
    await connection.event('response.output_text.delta');
    expect((await ask(gateway)).status).toBe(429);
    const other = await connectSocket(gateway.url, { headers: laptop });
    other.send({ type: 'response.create', ...quick });
    expect(await other.event('error')).toMatchObject({
      status: 429,
      error: { code: 'rate_limit_exceeded', message: expect.stringContaining("'laptop'") },
      headers: { 'retry-after': '5' },
    });
    connection.socket.terminate();
    await untilFree(gateway);
    for (const input of ['/sim say One.', '/sim fail engine_error broken', '/sim say Two.']) {
      other.send({ type: 'response.create', model, input });
    }
    await other.event('response.completed', 2);
    expect(other.events.filter(({ status }) => status === 429)).toHaveLength(1);
  });

  test('has no more when many come at the same time', async () => {
    const gateway = await start('turns: 3', 'limits: { queueLength: 100 }');
    const streams = await Promise.all(
      Array.from({ length: 20 }, () => openStream(`${gateway.url}/v1/responses`, endless, laptop)),
    );
    expect(streams.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(streams.filter(({ status }) => status === 429)).toHaveLength(17);
    for (const each of streams) each.leave();
    await untilFree(gateway);
  });
});

describe('a key with requests a minute', () => {
  test('is told what is left, and refused when nothing is', async () => {
    const gateway = await start('requestsPerMinute: 2');
    const told = (answer: Answer) =>
      ['limit', 'remaining', 'reset'].map((what) => answer.headers[`x-ratelimit-${what}-requests`]);
    expect(told(await ask(gateway))).toEqual(['2', '1', '30s']);
    const streamed = await ask(gateway, laptop, { ...quick, stream: true });
    expect(streamed.headers['content-type']).toContain('text/event-stream');
    expect(told(streamed)).toEqual(['2', '0', '1m0s']);
    const refused = await ask(gateway);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '30']);
    expect(told(refused)).toEqual(['2', '0', '1m0s']);
    expect(codeOf(refused)).toBe('rate_limit_exceeded');
    expect((await ask(gateway, phone)).status).toBe(200);
  });

  test('spends them over WebSockets as well', async () => {
    const gateway = await start('requestsPerMinute: 2');
    const connection = await connectSocket(gateway.url, { headers: laptop });
    for (let count = 0; count < 3; count++) connection.send({ type: 'response.create', ...quick });
    expect(await connection.event('error')).toMatchObject({ status: 429, headers: { 'retry-after': '30' } });
    expect(connection.events.filter(({ type }) => type === 'response.completed')).toHaveLength(2);
    expect((await ask(gateway)).status).toBe(429);
  });
});

test('keys are told apart in the log, in metrics and in what the page is told, by their names', async () => {
  const gateway = await start('turns: 1, requestsPerMinute: 2');
  await ask(gateway);
  await ask(gateway, phone);
  await ask(gateway, laptop, { model, input: '/sim fail engine_error broken' });
  await ask(gateway);
  const { value } = await readMetrics(gateway.url, laptop);
  expect(value('codexpc_gateway_turns_total', { key: 'laptop', outcome: 'stop' })).toBe(1);
  expect(value('codexpc_gateway_turns_total', { key: 'laptop', outcome: 'engine_error' })).toBe(1);
  expect(value('codexpc_gateway_turns_total', { key: 'phone' })).toBe(1);
  expect(value('codexpc_gateway_tokens_total', { key: 'phone', type: 'output' })).toBeGreaterThan(0);
  expect(value('codexpc_gateway_key_refusals_total', { key: 'laptop', limit: 'requests' })).toBe(1);
  const lines = gateway.log.filter(({ key }) => key === 'laptop').map(({ msg, status }) => [msg, status]);
  expect(lines).toEqual(
    expect.arrayContaining([
      ['turn', undefined],
      ['turn failed', 502],
      ['request', 429],
    ]),
  );
  const { recent } = (await call(`${gateway.url}/gateway/state`, { headers: laptop })).json() as {
    recent: { key: string }[];
  };
  expect(recent.map(({ key }) => key)).toEqual(['laptop', 'phone', 'laptop']);
  expect(JSON.stringify(gateway.log)).not.toContain('key-of-');
});

test('without keys, metrics count for none', async () => {
  const gateway = await startStateGateway('test');
  endWith('test', gateway.close);
  await ask(gateway, {} as typeof laptop);
  const { value } = await readMetrics(gateway.url);
  expect(value('codexpc_gateway_turns_total', { key: 'none' })).toBe(1);
  expect(gateway.log.some((line) => 'key' in line)).toBe(false);
});
