import { beforeAll, expect, test } from 'vitest';
import { call, connectRaw, openStream } from '../support/client.ts';
import { startGateway } from '../support/process.ts';
import type { GatewayProcess } from '../support/process.ts';

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGateway({ lifetime: 'file', config: { log: { level: 'trace' } } });
});

const secret = 'walrus-7731';

test('nothing of what is said is logged, whatever becomes of it', async () => {
  const tool = { type: 'function', name: 'look', parameters: { type: 'object', properties: {} }, strict: false };
  const bodies: { path: string; body: unknown }[] = [
    { path: '/v1/responses', body: { model: 'm', instructions: secret, input: `/sim say ${secret}` } },
    { path: '/v1/responses', body: { model: 'm', input: `/sim call look {"a": "${secret}"}`, tools: [tool] } },
    { path: '/v1/responses', body: { model: 'm', input: `/sim fail engine_error ${secret}` } },
    { path: '/v1/responses', body: { model: 'm', input: secret, temperature: secret } },
    { path: '/v1/responses', body: `{"model": "m", "input": "${secret}` },
    { path: '/v1/chat/completions', body: { model: 'm', messages: [{ role: 'user', content: secret }] } },
    { path: '/v1/completions', body: { model: 'm', prompt: secret } },
    { path: `/v1/models/${secret}`, body: undefined },
    { path: `/${secret}?${secret}`, body: undefined },
  ];
  for (const { path, body } of bodies) {
    await call(gateway.origin + path, { body, headers: { 'x-note': secret, authorization: `Bearer ${secret}` } });
  }
  const turns = gateway.log().filter(({ msg }) => msg.startsWith('turn'));
  expect(turns.length).toBe(5);
  expect(gateway.errors()).not.toContain(secret);
  expect(gateway.output()).not.toContain(secret);
});

test('nor is what was said when the daemon dies', async () => {
  const mortal = await startGateway({ config: { log: { level: 'trace' } } });
  const stream = await openStream(`${mortal.origin}/v1/responses`, {
    model: 'm',
    input: `/sim say ${secret}\n/sim crash`,
    stream: true,
  });
  await stream.ended;
  await mortal.untilLogged(({ msg, error }) => msg === 'turn failed' && error === 'backend_lost');
  expect(mortal.errors()).not.toContain(secret);
});

test('a turn is one line, with the id that the client was given', async () => {
  const answer = await call(`${gateway.origin}/v1/responses`, { body: { model: 'one-line', input: '/sim say hello' } });
  const id = answer.headers['x-request-id'];
  await gateway.untilLogged(({ request }) => request === id);
  const lines = gateway.log().filter(({ request }) => request === id);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ msg: 'turn', model: 'one-line', stream: false, reason: 'stop' });
});

test('a request that is refused before it is a turn is one line too', async () => {
  for (const body of ['{', '{"model":"m","input":7}']) {
    const answer = await call(`${gateway.origin}/v1/responses`, { body });
    const id = answer.headers['x-request-id'];
    const line = await gateway.untilLogged(({ request }) => request === id);
    expect(line).toMatchObject({ status: 400 });
  }
});

test('line ends in what a client sends make no lines in the log', async () => {
  const forged = 'm\n{"level":30,"msg":"forged"}\r\n\u2028forged';
  await call(`${gateway.origin}/v1/responses`, { body: { model: forged, input: '/sim say hello' } });
  await call(`${gateway.origin}/v1/models/${encodeURIComponent(forged)}`);
  await call(`${gateway.origin}/v1/responses`, { body: { [forged]: 1, model: 'm', input: '/sim say x' } });
  await gateway.untilLogged(({ model }) => model === forged);
  expect(gateway.log().filter(({ msg }) => msg === 'forged')).toEqual([]);
});

test('line ends in a model name make no lines in the log for people either', async () => {
  const plain = await startGateway({ args: ['--log-format', 'text'] });
  const forged = 'm\nINFO forged \u001b[31m';
  await call(`${plain.origin}/v1/responses`, { body: { model: forged, input: '/sim say hello' } });
  await plain.until(() => plain.errors().includes('turn'));
  for (const line of plain.errors().split('\n')) expect(line).not.toMatch(/^INFO forged/);
  // oxlint-disable-next-line no-control-regex
  expect(plain.errors()).not.toMatch(/\u001b\[31m/);
});

test('line ends in headers never get as far as the log', async () => {
  const raw = connectRaw(gateway.port);
  raw.socket.write('GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: a\rb\r\n\r\n');
  expect(await raw.closed).toMatch(/^HTTP\/1.1 400 /);
});
