import { Agent, request } from 'undici';
import { expect, test } from 'vitest';
import { call, connectRaw, openStream } from '../support/client.ts';
import { startWatchedDaemon } from '../support/daemon.ts';
import { checkResponseStream } from '../support/response-grammar.ts';
import { startGateway } from '../support/process.ts';

const body = (input: string) => ({ model: 'm', input, stream: true });
const chatBody = (content: string) => ({ model: 'm', messages: [{ role: 'user', content }], stream: true });
const endless = '/sim pace 1000\n/sim repeat 1000000 and so on';
const firstText = 'response.output_text.delta';

test('what runs at a SIGTERM may end, while nobody new is let in, and the exit code is 0', async () => {
  const daemon = await startWatchedDaemon();
  const gateway = await startGateway({ service: daemon.service });
  const running = await openStream(`${gateway.origin}/v1/responses`, body('/sim pace 100\n/sim repeat 120 word'));
  const queued = await openStream(`${gateway.origin}/v1/responses`, body('/sim say even me'));
  await running.event(firstText);
  gateway.kill('SIGTERM');
  await gateway.until(() => gateway.output().includes('Stopping'));
  const isLetIn = () =>
    call(`${gateway.origin}/healthz`).then(
      () => true,
      () => false,
    );
  while (await isLetIn());
  expect(await running.ended).toBe('whole');
  expect(checkResponseStream(running.frames)).toMatchObject({ status: 'completed' });
  expect(await queued.ended).toBe('whole');
  expect(checkResponseStream(queued.frames)).toMatchObject({ status: 'completed' });
  expect(await gateway.exited).toEqual({ code: 0, signal: null });
});

test('what has not ended in time is told that the gateway is shutting down, and the engine is stopped', async () => {
  const daemon = await startWatchedDaemon();
  const config = {
    models: ['m', 'other'].map((id) => ({ id, checkpoint: id })),
    server: { shutdownTimeout: 200 },
  };
  const gateway = await startGateway({ service: daemon.service, config });
  const running = await openStream(`${gateway.origin}/v1/responses`, body(endless));
  await running.event(firstText);
  const queued = await openStream(`${gateway.origin}/v1/chat/completions`, chatBody(endless));
  const patient = call(`${gateway.origin}/v1/responses`, { body: { model: 'other', input: endless } });
  await daemon.tap.seen('create_from_tokens', 2);
  gateway.kill('SIGINT');

  expect(await running.ended).toBe('whole');
  expect(checkResponseStream(running.frames)).toMatchObject({
    status: 'failed',
    error: { code: 'server_error', message: expect.stringContaining('shutting down') as string },
  });
  expect(await queued.ended).toBe('whole');
  expect(JSON.parse(queued.frames.at(-1)!.data!)).toMatchObject({ error: { code: 'shutting_down' } });
  const answer = await patient;
  expect(answer.status).toBe(503);
  expect(answer.json()).toMatchObject({ error: { code: 'shutting_down' } });
  expect(await gateway.exited).toEqual({ code: 0, signal: null });
  expect(daemon.tap.types()).toContain('cancel');
});

test('a second signal ends it at once', async () => {
  const gateway = await startGateway({ config: { server: { shutdownTimeout: 600_000 } } });
  const running = await openStream(`${gateway.origin}/v1/responses`, body(endless));
  await running.event(firstText);
  gateway.kill('SIGTERM');
  await gateway.until(() => gateway.output().includes('Stopping'));
  gateway.kill('SIGTERM');
  expect(await gateway.exited).toEqual({ code: 1, signal: null });
  expect(await running.ended).toBe('cut');
});

test('connections on which nothing is asked do not hold it up', async () => {
  const gateway = await startGateway({ config: { server: { shutdownTimeout: 200 } } });
  const agent = new Agent({ keepAliveTimeout: 600_000 });
  await (await request(`${gateway.origin}/healthz`, { dispatcher: agent })).body.dump();
  const silent = connectRaw(gateway.port);
  const slow = connectRaw(gateway.port);
  slow.socket.write('GET /healthz HTTP/1.1\r\nHost: local');
  const uploading = connectRaw(gateway.port);
  uploading.socket.write('POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90\r\n\r\n{');
  // All four are known to the server when it has answered a fifth.
  await call(`${gateway.origin}/healthz`);
  gateway.kill('SIGTERM');
  expect(await gateway.exited).toEqual({ code: 0, signal: null });
  await Promise.all([silent.closed, slow.closed, uploading.closed]);
  await agent.destroy();
});

test('a client that reads nothing does not hold it up', async () => {
  const gateway = await startGateway({ config: { server: { shutdownTimeout: 200 } } });
  const raw = connectRaw(gateway.port);
  raw.socket.pause();
  const text = JSON.stringify(body(`/sim repeat 1000000 ${'-'.repeat(64)}`));
  raw.socket.write(
    `POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${text.length}\r\n\r\n${text}`,
  );
  const other = await openStream(`${gateway.origin}/v1/responses`, body('/sim say x'));
  await other.ended;
  gateway.kill('SIGTERM');
  expect(await gateway.exited).toEqual({ code: 0, signal: null });
});

test('a gateway on which nothing was ever asked stops too', async () => {
  const gateway = await startGateway();
  gateway.kill('SIGINT');
  expect(await gateway.exited).toEqual({ code: 0, signal: null });
});

test('a gateway that has checked an answer in its thread ends as any other', async () => {
  const gateway = await startGateway();
  const schema = {
    type: 'object',
    properties: { n: { type: 'integer' } },
    required: ['n'],
    additionalProperties: false,
  };
  const text = { format: { type: 'json_schema', name: 'a', strict: true, schema } };
  const answer = await call(`${gateway.origin}/v1/responses`, { body: { model: 'm', input: 'hello', text } });
  expect(answer.status).toBe(200);
  gateway.kill('SIGTERM');
  expect(await gateway.exited).toEqual({ code: 0, signal: null });
});
