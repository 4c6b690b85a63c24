import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { call, openStream } from '../support/client.ts';
import type { Answer, OpenStream } from '../support/client.ts';
import { startDaemon, startGateway, temporaryDirectory } from '../support/process.ts';
import type { GatewayProcess } from '../support/process.ts';
import { checkResponseStream } from '../support/response-grammar.ts';

const running = '/sim pace 2000\n/sim repeat 1000000 and so on';
const newService = () => join(temporaryDirectory('test'), 'daemon.sock');

const responses = ({ origin }: GatewayProcess, input: string) =>
  openStream(`${origin}/v1/responses`, { model: 'm', input, stream: true });
const chat = ({ origin }: GatewayProcess, content: string) =>
  openStream(`${origin}/v1/chat/completions`, { model: 'm', messages: [{ role: 'user', content }], stream: true });
const whole = ({ origin }: GatewayProcess, input: string) =>
  call(`${origin}/v1/responses`, { body: { model: 'm', input } });

const errorOf = (answer: Answer) => (answer.json() as { error: { code: string; message: string } }).error;

/** The error by which a stream ended, after it has. */
async function failureOf(stream: OpenStream): Promise<{ code: string; message: string }> {
  expect(await stream.ended).toBe('whole');
  if (stream.frames[0]!.event === null) {
    const last = JSON.parse(stream.frames.at(-1)!.data!) as { error: { code: string; message: string } };
    expect(stream.frames.map(({ data }) => data)).not.toContain('[DONE]');
    return last.error;
  }
  const response = checkResponseStream(stream.frames);
  expect(response['status']).toBe('failed');
  return response['error'] as { code: string; message: string };
}

/** Asks until the daemon answers again: a connection may break once more for the turn after the one that failed. */
async function expectRecovery(gateway: GatewayProcess): Promise<void> {
  const answer = await whole(gateway, '/sim say as before');
  expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('as before')]);
}

describe('a daemon that dies', () => {
  test.each(['SIGKILL', 'SIGTERM'] as const)('by %s mid-stream fails what runs, and only that', async (signal) => {
    const service = newService();
    const daemon = await startDaemon(service);
    const gateway = await startGateway({ service });

    const first = await responses(gateway, running);
    await first.event('response.output_text.delta');
    daemon.kill(signal);
    expect(await failureOf(first)).toMatchObject({ code: 'server_error', message: expect.stringContaining('lost') });

    await daemon.exited;
    await startDaemon(service);
    await expectRecovery(gateway);
  });

  test('is told of in Chat Completions too, without [DONE]', async () => {
    const service = newService();
    const daemon = await startDaemon(service);
    const gateway = await startGateway({ service });
    const stream = await chat(gateway, running);
    await stream.until(() => stream.frames.some(({ data }) => data?.includes('and so on')));
    daemon.kill('SIGKILL');
    expect(await failureOf(stream)).toMatchObject({ code: 'backend_lost' });
  });

  test('is a 502 for who waits for an answer in one piece, and those who wait behind get an answer as well', async () => {
    const service = newService();
    const daemon = await startDaemon(service);
    const gateway = await startGateway({ service });
    const first = whole(gateway, '/sim say x\n/sim crash');
    expect(errorOf(await first).code).toBe('backend_lost');
    expect((await first).status).toBe(502);
    // 70: it crashed as it was told to.
    expect(await daemon.exited).toMatchObject({ code: 70 });

    const absent = await Promise.all([whole(gateway, 'x'), whole(gateway, 'y'), whole(gateway, 'z')]);
    for (const answer of absent) {
      expect(answer.status).toBe(503);
      expect(errorOf(answer)).toMatchObject({ code: 'backend_unavailable' });
    }
    await startDaemon(service);
    await expectRecovery(gateway);
  });

  test('and was not used at the time is not missed', async () => {
    const service = newService();
    const daemon = await startDaemon(service);
    const gateway = await startGateway({ service });
    await expectRecovery(gateway);
    daemon.kill('SIGKILL');
    await daemon.exited;
    await startDaemon(service);
    // The gateway may notice the loss only now; the turn it costs says that it may be tried again.
    const answer = await whole(gateway, '/sim say as before');
    if (answer.status !== 200) expect([502, 503]).toContain(answer.status);
    await expectRecovery(gateway);
  });
});

test('a daemon that is absent at first is asked for, and used as soon as it is there', async () => {
  const service = newService();
  const gateway = await startGateway({ service });
  for (const answer of [await whole(gateway, 'x'), await call(`${gateway.origin}/readyz`)]) {
    expect(answer.status).toBe(503);
    const error = errorOf(answer);
    expect(error.code).toBe('backend_unavailable');
    expect(error.message).toContain(service);
    expect(error.message).toContain('CODEXPC_SERVICE');
  }
  const stream = await responses(gateway, 'x');
  expect([stream.status, stream.headers['content-type']]).toEqual([503, expect.stringMatching(/^application\/json/)]);
  expect((await call(`${gateway.origin}/healthz`)).status).toBe(200);

  await startDaemon(service);
  await expectRecovery(gateway);
  expect((await call(`${gateway.origin}/readyz`)).json()).toEqual({ status: 'ok', backend: 'codexpc' });
});

describe('a daemon that is stopped', () => {
  const limits = { firstToken: 400, idle: 400, cancelGrace: 200 };

  test('mid-stream is given up after limits.idle, its connection after limits.cancelGrace', async () => {
    const service = newService();
    const daemon = await startDaemon(service);
    const gateway = await startGateway({ service, config: { limits } });
    const stream = await responses(gateway, running);
    await stream.event('response.output_text.delta');
    const waiting = chat(gateway, '/sim say my turn');
    daemon.kill('SIGSTOP');
    expect((await failureOf(stream)).message).toContain('limits.idle');
    // Whoever is next finds the daemon as it is, too, until it goes on.
    expect(await failureOfAny(await waiting)).toContain('limits.firstToken');
    daemon.kill('SIGCONT');
    await expectRecovery(gateway);
  });

  test('before it has said anything is given up after limits.firstToken', async () => {
    const service = newService();
    const daemon = await startDaemon(service);
    const gateway = await startGateway({ service, config: { limits } });
    daemon.kill('SIGSTOP');
    const answer = await whole(gateway, 'x');
    expect(answer.status).toBe(504);
    expect(errorOf(answer)).toMatchObject({
      code: 'backend_timeout',
      message: expect.stringContaining('limits.firstToken'),
    });
    expect((await call(`${gateway.origin}/readyz`)).status).toBe(504);
    daemon.kill('SIGCONT');
    await expectRecovery(gateway);
  });
});

test('a session that hangs is given up, and does not hold its engine', async () => {
  const service = newService();
  await startDaemon(service);
  const limits = { firstToken: 300, idle: 300, cancelGrace: 100 };
  const gateway = await startGateway({ service, config: { limits } });
  const text = '/sim repeat 400 word\n/sim wait 60\n/sim hang';
  const stream = await chat(gateway, text);
  expect((await failureOf(stream)).code).toBe('backend_timeout');
  await expectRecovery(gateway);
  // Even if nothing of it was ever said.
  const silent = await responses(gateway, '/sim hang');
  expect((await failureOf(silent)).message).toContain('limits.firstToken');
  await expectRecovery(gateway);
});

test('a turn that takes longer than it may is ended, whatever it says', async () => {
  const service = newService();
  await startDaemon(service);
  const gateway = await startGateway({ service, config: { limits: { total: 400 } } });
  const stream = await responses(gateway, running);
  expect((await failureOf(stream)).message).toContain('limits.total');
  await expectRecovery(gateway);
});

/** The message by which a request failed, on the stream or before it. */
async function failureOfAny(stream: OpenStream): Promise<string> {
  if (stream.status === 200) return (await failureOf(stream)).message;
  await stream.ended;
  return (JSON.parse(stream.chunks.join('')) as { error: { message: string } }).error.message;
}
