import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { call, openStream } from '../support/client.ts';
import type { Answer, OpenStream } from '../support/client.ts';
import { startDaemon, startGateway, temporaryDirectory } from '../support/process.ts';
import type { GatewayProcess, Program } from '../support/process.ts';
import { checkResponseStream } from '../support/response-grammar.ts';

const running = '/sim pace 2000\n/sim repeat 1000000 and so on';
const newService = () => join(temporaryDirectory('test'), 'daemon.sock');

const responses = ({ origin }: GatewayProcess, input: string, model = 'm') =>
  openStream(`${origin}/v1/responses`, { model, input, stream: true });
const chat = ({ origin }: GatewayProcess, content: string, model = 'm') =>
  openStream(`${origin}/v1/chat/completions`, { model, messages: [{ role: 'user', content }], stream: true });
const whole = ({ origin }: GatewayProcess, input: string, model = 'm') =>
  call(`${origin}/v1/responses`, { body: { model, input } });

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

async function expectRecovery(gateway: GatewayProcess, model = 'm'): Promise<void> {
  const answer = await whole(gateway, '/sim say as before', model);
  expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('as before')]);
}

test('a daemon that dies fails all that runs, each in its own words, and is used again when it is back', async () => {
  const service = newService();
  const daemon = await startDaemon(service);
  const names = ['one', 'two', 'three'];
  const models = names.map((id) => ({ id, checkpoint: `/models/${id}` }));
  const gateway = await startGateway({ service, config: { models } });
  const first = await responses(gateway, running, 'one');
  await first.event('response.output_text.delta');
  const second = await chat(gateway, running, 'two');
  await second.until(() => second.frames.some(({ data }) => data?.includes('and so on')));
  const third = whole(gateway, running, 'three');
  const queued = await responses(gateway, '/sim say x', 'one');
  daemon.kill('SIGKILL');

  expect(await failureOf(first)).toMatchObject({ code: 'server_error', message: expect.stringContaining('lost') });
  expect(await failureOf(second)).toMatchObject({ code: 'backend_lost' });
  // It may have come to the daemon or not.
  expect([502, 503]).toContain((await third).status);
  expect((await failureOf(queued)).message).toContain('daemon');

  await daemon.exited;
  await startDaemon(service);
  for (const model of names) await expectRecovery(gateway, model);
});

test('a daemon that is absent at first is asked for, and used as soon as it is there; so again after a crash', async () => {
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

  const daemon = await startDaemon(service);
  await expectRecovery(gateway);
  expect((await call(`${gateway.origin}/readyz`)).json()).toEqual({ status: 'ok', backend: 'codexpc' });

  const crashed = await whole(gateway, '/sim say x\n/sim crash');
  expect([crashed.status, errorOf(crashed).code]).toEqual([502, 'backend_lost']);
  // 70: it crashed as it was told to.
  expect(await daemon.exited).toMatchObject({ code: 70 });
  for (const answer of await Promise.all(['x', 'y', 'z'].map((input) => whole(gateway, input)))) {
    expect([answer.status, errorOf(answer).code]).toEqual([503, 'backend_unavailable']);
  }
  await startDaemon(service);
  await expectRecovery(gateway);
});

test('a daemon that was restarted while nobody used it costs one turn at most', async () => {
  const service = newService();
  const daemon = await startDaemon(service);
  const gateway = await startGateway({ service });
  await expectRecovery(gateway);
  daemon.kill('SIGTERM');
  await daemon.exited;
  await startDaemon(service);
  // The gateway may notice the loss only now; the turn it costs says that it may be tried again.
  const answer = await whole(gateway, '/sim say as before');
  if (answer.status !== 200) expect([502, 503]).toContain(answer.status);
  await expectRecovery(gateway);
});

describe('limits', () => {
  let daemon: Program;
  let gateway: GatewayProcess;
  beforeAll(async () => {
    const service = join(temporaryDirectory('file'), 'daemon.sock');
    daemon = await startDaemon(service, [], 'file');
    // Longer than the second that a daemon is given to stop a turn that was given up.
    const limits = { firstToken: 2500, idle: 1000, cancelGrace: 200 };
    gateway = await startGateway({ service, config: { limits }, lifetime: 'file' });
  });

  /** Lets the daemon go on, until it has caught up with what came meanwhile. */
  async function goOn(): Promise<void> {
    daemon.kill('SIGCONT');
    while ((await call(`${gateway.origin}/readyz`)).status !== 200);
  }

  test('end a turn whose daemon stops mid-stream, and then its connection', async () => {
    const stream = await responses(gateway, running);
    await stream.event('response.output_text.delta');
    const waiting = await chat(gateway, '/sim say my turn');
    daemon.kill('SIGSTOP');
    expect((await failureOf(stream)).message).toContain('limits.idle');
    // Whoever is next finds the daemon as it is, too, until it goes on.
    expect((await failureOf(waiting)).message).toContain('limits.firstToken');
    await goOn();
    await expectRecovery(gateway);
  });

  test('end a turn whose daemon says nothing at all', async () => {
    daemon.kill('SIGSTOP');
    const answer = await whole(gateway, 'x');
    expect(answer.status).toBe(504);
    const message: unknown = expect.stringContaining('limits.firstToken');
    expect(errorOf(answer)).toMatchObject({ code: 'backend_timeout', message });
    expect((await call(`${gateway.origin}/readyz`)).status).toBe(504);
    await goOn();
    await expectRecovery(gateway);
  });

  test('end a session that hangs, and free its engine', async () => {
    const stream = await chat(gateway, '/sim repeat 400 word\n/sim wait 60\n/sim hang');
    expect((await failureOf(stream)).code).toBe('backend_timeout');
    await expectRecovery(gateway);
    // Even if nothing of it was ever said.
    const silent = await responses(gateway, '/sim hang');
    expect((await failureOf(silent)).message).toContain('limits.firstToken');
    await expectRecovery(gateway);
  });
});
