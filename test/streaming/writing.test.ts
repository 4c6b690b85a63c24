import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { pino } from 'pino';
import { createModels } from '../../src/core/models.ts';
import type { TurnEvent } from '../../src/core/event.ts';
import { buildServer } from '../../src/http/server.ts';
import { endWith } from '../support/cleanup.ts';
import { exactSeals } from '../support/seals.ts';
import { createCondition } from '../support/condition.ts';
import { connectRaw, openStream, parseFrames, rawRequest } from '../support/client.ts';
import { startWatchedDaemon } from '../support/daemon.ts';
import { checkResponseStream } from '../support/response-grammar.ts';
import { startGateway } from '../support/process.ts';

const model = { id: 'm', aliases: [], checkpoint: 'm', contextWindow: 1000, maxOutputTokens: null };

/** A server whose turns are these batches, each given when `give` is called, which waits until it is asked for. */
async function serveBatches(batches: readonly (readonly TurnEvent[])[]) {
  const asked: (() => void)[] = [];
  const record = createCondition();
  const server = buildServer({
    version: '0.0.0',
    gateway: {
      textOf: () => '',
      countTokens: () => Promise.resolve(0),
      showPrefill: () => Promise.resolve([]),
      status: () => [],
      async *run() {
        for (const batch of batches) {
          await new Promise<void>((resolve) => {
            asked.push(resolve);
            record.changed();
          });
          yield batch;
        }
      },
    },
    models: createModels([model], { strict: false }),
    backendName: 'simulator',
    checkHealth: async () => undefined,
    logger: pino({ level: 'silent' }),
    ids: { next: (prefix) => `${prefix}_1` },
    clock: { now: Date.now, elapsed: () => performance.now() },
    observers: [],
    state: { whole: () => Promise.reject(new Error('not asked for')), watch: async function* () {} },
    seals: exactSeals(),
    attachments: 'placeholder',
    apiKeys: [],
    allowedHosts: [],
    bodyLimit: 1000,
    headersTimeout: 1000,
    requestTimeout: 1000,
    keepAliveInterval: 60_000,
    stallTimeout: 1000,
    webSockets: false,
  });
  await server.fastify.listen({ port: 0, host: '127.0.0.1' });
  endWith('test', () => server.shutDown(0));
  const give = async (index: number) => (await record.until(() => asked[index]))();
  return { port: (server.fastify.server.address() as AddressInfo).port, give };
}

const usage = { inputTokens: 1, cachedTokens: 0, outputTokens: 1, reasoningTokens: 0 };
const deltas = Array.from({ length: 40 }, (_, index) => ({ type: 'text-delta', text: `${index} ` }) as const);
const said = deltas.map(({ text }) => text).join('');

test.each([
  ['/v1/responses', { model: 'm', input: 'x', stream: true }],
  ['/v1/chat/completions', { model: 'm', messages: [{ role: 'user', content: 'x' }], stream: true }],
])('what comes in one batch leaves in one write: %s', async (path, body) => {
  const { port, give } = await serveBatches([
    [{ type: 'turn-start', inputTokens: 1, cachedTokens: 0 }],
    [{ type: 'text-start', phase: 'final' }, ...deltas],
    [
      { type: 'text-end', text: said },
      { type: 'turn-end', reason: 'stop', usage },
    ],
  ]);
  const raw = connectRaw(port);
  raw.socket.write(rawRequest(path, body));
  for (let step = 0; step < 3; step++) {
    await give(step);
    await raw.until(() => httpChunks(raw.received()).length > step);
  }
  await raw.closed;
  const chunks = httpChunks(raw.received());
  // A write is a chunk of the transfer coding; the last, empty one ends the body.
  expect(chunks).toHaveLength(4);
  expect(chunks[3]).toBe('');
  expect(parseFrames(chunks[1]!).filter(({ data }) => data?.includes('"delta"')).length).toBeGreaterThanOrEqual(40);
});

/** The chunks of a chunked body, ASCII as it is here. */
function httpChunks(received: string): string[] {
  const chunks: string[] = [];
  let at = received.indexOf('\r\n\r\n') + 4;
  if (at === 3) return [];
  for (;;) {
    const end = received.indexOf('\r\n', at);
    if (end === -1) return chunks;
    const length = Number.parseInt(received.slice(at, end), 16);
    chunks.push(received.slice(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
}

test('a long prefill is bridged by events that reset the idle timers of clients', async () => {
  const daemon = await startWatchedDaemon();
  const gateway = await startGateway({ service: daemon.service, config: { server: { keepAliveInterval: 40 } } });
  const text = '/sim prefill 600\n/sim say at last';

  const responses = await openStream(`${gateway.origin}/v1/responses`, { model: 'm', input: text, stream: true });
  await responses.event('response.in_progress', 5);
  expect(responses.frames.some(({ event }) => event === 'response.output_item.added')).toBe(false);
  // The engine is taken, so this one waits, and hears that it does.
  const waiting = await openStream(`${gateway.origin}/v1/responses`, { model: 'm', input: '/sim say x', stream: true });
  await waiting.event('response.queued', 3);
  expect(await responses.ended).toBe('whole');
  expect(checkResponseStream(responses.frames)).toMatchObject({ status: 'completed' });
  expect(await waiting.ended).toBe('whole');
  expect(checkResponseStream(waiting.frames)).toMatchObject({ status: 'completed' });

  const chat = await openStream(`${gateway.origin}/v1/chat/completions`, {
    model: 'm',
    messages: [{ role: 'user', content: text }],
    stream: true,
  });
  await chat.until(() => chat.frames.filter(({ data }) => data === null).length >= 5);
  expect(await chat.ended).toBe('whole');
  expect(chat.frames.at(-1)).toEqual({ event: null, data: '[DONE]' });
});

test('the headers say that nothing on the way may store, buffer or change a stream', async () => {
  const gateway = await startGateway();
  const stream = await openStream(`${gateway.origin}/v1/responses`, { model: 'm', input: 'x', stream: true });
  expect(stream.status).toBe(200);
  expect(stream.headers['content-type']).toMatch(/^text\/event-stream/);
  expect(stream.headers['cache-control']).toMatch(/no-cache|no-store/);
  expect(stream.headers['content-encoding']).toBeUndefined();
  expect(stream.headers['x-codexpc-backend']).toBe('simulator');
  expect(stream.headers['x-request-id']).toMatch(/^req_/);
  expect(await stream.ended).toBe('whole');
});
