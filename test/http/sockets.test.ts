import OpenAI from 'openai';
import { ResponsesWS } from 'openai/resources/responses/ws';
import { ResponsesWebSocketSession } from 'openai/lib/responses/responses-websocket-session';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';
import { call, connectRaw } from '../support/client.ts';
import { endWith } from '../support/cleanup.ts';
import { startGateway } from '../support/gateway.ts';
import type { TestGateway } from '../support/gateway.ts';
import { checkResponseStream } from '../support/response-grammar.ts';
import { connectSocket } from '../support/socket.ts';
import type { SocketConnection, SocketEvent } from '../support/socket.ts';
import { encoding, model, startStateGateway } from './state-gateway.ts';

const connect = ({ url }: TestGateway, options?: ClientOptions) => connectSocket(url, options);

const create = (input: string, rest: object = {}) => ({ type: 'response.create', model, input, ...rest });
const endless = '/sim pace 200\n/sim repeat 100000 word ';

async function completed(connection: SocketConnection, count = 1): Promise<{ id: string; output: unknown[] }> {
  const { response } = await connection.event('response.completed', count);
  return response as { id: string; output: unknown[] };
}

async function start(options: Partial<Parameters<typeof startGateway>[0]> = {}): Promise<TestGateway> {
  const gateway = await startGateway({ encoding, ...options });
  endWith('test', gateway.close);
  return gateway;
}

/** The status and body that an upgrade is refused with. */
function refusal(gateway: TestGateway, options: ClientOptions = {}): Promise<{ status: number; body: unknown }> {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/responses`, options);
  endWith('test', () => socket.terminate());
  socket.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    socket.on('open', () => reject(new Error('It was let in.')));
    socket.on('unexpected-response', (_request, response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('close', () => resolve({ status: response.statusCode!, body: JSON.parse(text) }));
    });
  });
}

const clientOf = (gateway: TestGateway, apiKey = 'none') =>
  new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 });

describe('a WebSocket', () => {
  test.each(['classic', 'tokens'])('carries the events of a stream, from a daemon of the kind %s', async (output) => {
    const gateway = await startStateGateway('test', { settings: `simulator: {output: ${output}}` });
    const connection = await connect(gateway);
    connection.send(create('/sim think Hm.\n/sim say Hello there.', { stream_id: undefined }));
    const { id } = await completed(connection);
    checkResponseStream(connection.events.map((event) => ({ event: event.type, data: JSON.stringify(event) })));
    const replay = await call(`${gateway.url}/v1/responses/${id}?stream=true`);
    const replayed = replay.text.match(/^data: .*$/gm)!.map((line) => JSON.parse(line.slice(6)) as SocketEvent);
    expect(connection.events).toEqual(replayed);
  });

  test('takes turns one after another, in the order in which they came', async () => {
    const connection = await connect(await start());
    for (const word of ['One', 'Two', 'Three']) connection.send(create(`/sim say ${word}.`));
    await completed(connection, 3);
    const texts = connection.events.filter(({ type }) => type === 'response.output_text.done').map(({ text }) => text);
    expect(texts).toEqual(['One.', 'Two.', 'Three.']);
    const bounds = connection.events.map(({ type }) => type).filter((type) => /created|completed/.test(type));
    expect(bounds.join(' ')).toBe(Array(3).fill('response.created response.completed').join(' '));
  });

  test('follows on what was said over it and not stored, as long as it lives', async () => {
    const gateway = await startStateGateway('test');
    const connection = await connect(gateway);
    connection.send(create('My name is Ada.\n/sim say Noted.', { store: false }));
    const first = await completed(connection);
    connection.send(create('Who am I?\n/sim say Ada.', { store: false, previous_response_id: first.id }));
    const second = await completed(connection, 2);
    connection.send(create('Sure?', { previous_response_id: second.id }));
    const third = await completed(connection, 3);
    expect(third).toMatchObject({ store: false, previous_response_id: second.id });
    for (const words of ['My name is Ada.', 'Noted.', 'Who am I?', 'Sure?']) {
      expect(gateway.prompts().at(-1)).toContain(words);
    }
    // A branch from what came first.
    connection.send(create('Else?', { store: false, previous_response_id: first.id }));
    await completed(connection, 4);
    expect(gateway.prompts().at(-1)).not.toContain('Who am I?');
    for (const { id } of [first, second, third]) expect(await gateway.store.responses.find(id)).toBeNull();

    const other = await connect(gateway);
    other.send(create('And?', { store: false, previous_response_id: first.id }));
    expect(await other.event('error')).toMatchObject({
      status: 400,
      error: {
        type: 'invalid_request_error',
        code: 'previous_response_not_found',
        param: 'previous_response_id',
      },
    });
  });

  test('keeps a chain of turns without a store', async () => {
    const connection = await connect(await start());
    connection.send(create('/sim say One.'));
    const first = await completed(connection);
    connection.send(create('/sim say Two.', { previous_response_id: first.id }));
    expect(await completed(connection, 2)).toMatchObject({ previous_response_id: first.id });
    connection.send(create('/sim say Two.', { previous_response_id: first.id, store: true }));
    expect(await connection.event('error')).toMatchObject({ error: { param: 'store' } });
  });

  test.each([{ generate: false }, { prompt_cache_options: { prewarm: true } }])(
    'prepares a request without an answer, for others to follow on: %j',
    async (prepares) => {
      const gateway = await startStateGateway('test');
      const connection = await connect(gateway);
      connection.send(create('My name is Ada.', { ...prepares, store: false, instructions: 'Be kind.' }));
      const prepared = await completed(connection);
      expect(prepared).toMatchObject({ output: [], usage: { output_tokens: 0 } });
      expect(gateway.prompts()).toEqual([]);
      connection.send(create('Who am I?', { previous_response_id: prepared.id, store: false }));
      await completed(connection, 2);
      expect(gateway.prompts().at(-1)).toContain('My name is Ada.');
      connection.send(create('', { input: [], ...prepares, store: false }));
      await completed(connection, 3);
    },
  );

  test('has streams of its own names, whose events say so', async () => {
    const gateway = await start({ settings: 'models: [{id: a, checkpoint: /a}, {id: b, checkpoint: /b}]' });
    const connection = await connect(gateway);
    connection.send(create(endless, { model: 'a', stream_id: 'slow' }));
    await connection.event('response.output_text.delta');
    connection.send(create('/sim say Quick.', { model: 'b', stream_id: 'quick' }));
    expect(await connection.event('response.completed')).toMatchObject({ stream_id: 'quick' });
    expect(connection.events.every(({ stream_id: id }) => id === 'quick' || id === 'slow')).toBe(true);
    connection.send(create('x', { stream_id: 'no spaces' }));
    expect(await connection.event('error')).toMatchObject({ error: { param: 'stream_id' } });
  });

  test.each([
    ['no JSON', '{', { code: 'invalid_json' }],
    ['an array', '[]', { code: 'invalid_type' }],
    ['null', 'null', { code: 'invalid_type' }],
    ['another type', { type: 'response.delete' }, { code: 'invalid_value', param: 'type' }],
    ['a text for a truth', create('x', { generate: 'no' }), { code: 'invalid_type', param: 'generate' }],
    [
      'a wish for the background',
      create('x', { background: true }),
      { code: 'unsupported_value', param: 'background' },
    ],
    ['a number for a model', create('x', { model: 5 }), { code: 'invalid_type', param: 'model' }],
    ['no model', { type: 'response.create', input: 'x' }, { code: 'missing_required_parameter', param: 'model' }],
    ['a temperature of 7', create('x', { temperature: 7 }), { param: 'temperature' }],
    ['deep nesting', '['.repeat(300), { code: 'invalid_value' }],
    ['many values', `[${'0,'.repeat(60_000)}0]`, { code: 'invalid_value' }],
  ])('says what is wrong with %s, and goes on', async (_what, message, error) => {
    const connection = await connect(await start());
    connection.send(message);
    expect(await connection.event('error')).toMatchObject({
      status: 400,
      error: { type: 'invalid_request_error', message: expect.any(String), ...error },
    });
    connection.send(create('/sim say Fine.'));
    await completed(connection);
  });

  test('says what is wrong with a binary message, and with steering', async () => {
    const connection = await connect(await start());
    connection.socket.send(Buffer.from('{}'));
    expect(await connection.event('error')).toMatchObject({ status: 415 });
    connection.send({ type: 'response.steer', previous_response_id: 'resp_1', input: 'Stop.' });
    expect(await connection.event('response.steer.failed')).toMatchObject({
      error: { code: 'steering_not_supported' },
      steer: { previous_response_id: 'resp_1', input: 'Stop.' },
    });
  });

  test('says when a turn fails on the way, and goes on', async () => {
    const connection = await connect(await start());
    connection.send(create('/sim say Some text.\n/sim fail engine_error It broke.'));
    expect(await connection.event('response.failed')).toMatchObject({ response: { error: { code: 'server_error' } } });
    connection.send(create('/sim say Fine.'));
    await completed(connection);
  });

  test('that its client closes stops the engine', async () => {
    const gateway = await startStateGateway('test');
    const connection = await connect(gateway);
    connection.send(create(endless, { store: false }));
    await connection.event('response.output_text.delta');
    connection.send(create('/sim say Never.'));
    connection.socket.terminate();
    // The engine takes the next only when it is free.
    await gateway.client.responses.create({ model, input: '/sim say Next.' });
    expect(gateway.received.map((message) => message.get('type'))).toContain('cancel');
    expect(gateway.prompts().filter((prompt) => prompt.includes('Never.'))).toEqual([]);
  });

  test('takes no message that is larger than a body may be', async () => {
    const connection = await connect(await start({ settings: 'server: {bodyLimit: 1000}' }));
    connection.send(create('x'.repeat(2000)));
    expect(await connection.closed).toBe(1009);
  });

  test('takes sixteen requests at a time', async () => {
    const connection = await connect(await start());
    connection.send(create(endless));
    await connection.event('response.output_text.delta');
    for (let count = 0; count < 16; count++) connection.send(create('/sim say Later.'));
    expect(await connection.event('error')).toMatchObject({ status: 429, error: { code: 'rate_limit_exceeded' } });
    expect(connection.events.filter(({ type }) => type === 'error')).toHaveLength(1);
  });

  test('whose client doesn’t read is given up, and buffers little', async () => {
    const gateway = await start({ settings: 'server: {stallTimeout: 300, keepAliveInterval: 100}' });
    const connection = await connect(gateway);
    connection.socket.pause();
    connection.send(create(`/sim repeat 2000000 ${'word'.repeat(8)} `));
    for (;;) {
      const line = gateway.log.find(({ msg }) => msg === 'turn cancelled');
      if (line !== undefined) break;
      await call(`${gateway.url}/healthz`);
    }
    expect(connection.events.length).toBeLessThan(2);
  });

  test('is kept alive, and given up when the other end is dead', async () => {
    const gateway = await start({ settings: 'server: {stallTimeout: 100, keepAliveInterval: 50}' });
    const living = await connect(gateway);
    const dead = await connect(gateway, { autoPong: false });
    expect(await dead.closed).toBe(1006);
    living.send(create('/sim say Still here.'));
    await completed(living);
  });
});

describe('the upgrade', () => {
  test('needs a key where one is configured', async () => {
    const gateway = await start({ settings: 'server: {apiKeys: [right-key]}' });
    expect(await refusal(gateway)).toMatchObject({ status: 401, body: { error: { code: 'invalid_api_key' } } });
    expect(await refusal(gateway, { headers: { authorization: 'Bearer wrong' } })).toMatchObject({ status: 401 });
    await connect(gateway, { headers: { authorization: 'Bearer right-key' } });
  });

  test('is refused by other names, and to the pages of other sites', async () => {
    const gateway = await start({ settings: 'server: {allowedHosts: [friend.example]}' });
    const port = new URL(gateway.url).port;
    expect(await refusal(gateway, { headers: { host: 'evil.example' } })).toMatchObject({ status: 403 });
    for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:1', 'http://1.2.3.4', 'x y']) {
      expect(await refusal(gateway, { origin }), origin).toMatchObject({
        status: 403,
        body: { error: { code: 'host_not_allowed' } },
      });
    }
    await connect(gateway, { origin: `http://127.0.0.1:${port}` });
    await connect(gateway, { origin: 'https://friend.example' });
  });

  test('is answered with 426 where WebSockets are switched off', async () => {
    const gateway = await start({ settings: 'server: {webSockets: false}' });
    expect(await refusal(gateway)).toMatchObject({ status: 426, body: { error: { code: 'upgrade_required' } } });
  });

  test('to anything else is no reason not to answer', async () => {
    const gateway = await start();
    const { port } = new URL(gateway.url);
    const body = JSON.stringify({ model, input: '/sim say Hello.' });
    const offer = `Host: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n`;
    const raw = connectRaw(Number(port));
    const head = `POST /v1/responses HTTP/1.1\r\n${offer}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    raw.socket.write(head + body.slice(0, 10));
    raw.socket.write(body.slice(10));
    await raw.until(() => raw.received().includes('"text":"Hello."'));
    // On the same connection.
    raw.socket.write(`GET /v1/models HTTP/1.1\r\n${offer}\r\n`);
    await raw.until(() => raw.received().includes('"object":"list"'));
    expect(raw.received().match(/HTTP\/1\.1 200/g)).toHaveLength(2);
    raw.socket.destroy();
    const plain = await call(`${gateway.url}/v1/responses`);
    expect(plain.status).toBe(405);
    expect(plain.headers['allow']).toBe('POST');
    expect((await call(`${gateway.url}/v1/responses`, { method: 'HEAD' })).status).toBe(405);
  });
});

describe('at shutdown', () => {
  test('an idle connection is closed at once, a busy one when it has its answer', async () => {
    const gateway = await startGateway({ encoding, settings: 'server: {shutdownTimeout: 10000}' });
    const idle = await connect(gateway);
    const busy = await connect(gateway);
    busy.send(create('/sim pace 100\n/sim repeat 30 word '));
    await busy.event('response.output_text.delta');
    const closed = gateway.close(20_000);
    expect(await idle.closed).toBe(1001);
    await completed(busy);
    expect(await busy.closed).toBe(1001);
    await closed;
  });

  test('a turn that doesn’t end in time is failed, and its connection closed', async () => {
    const gateway = await startGateway({ encoding });
    const connection = await connect(gateway);
    connection.send(create(endless));
    await connection.event('response.output_text.delta');
    const closed = gateway.close(50);
    expect(await connection.event('response.failed')).toMatchObject({
      response: { error: { message: expect.stringContaining('shutting down') } },
    });
    expect(await connection.closed).toBe(1001);
    await closed;
  });
});

describe('OpenAI’s client', () => {
  test('holds a conversation over a WebSocket', async () => {
    const gateway = await start({ settings: 'server: {apiKeys: [right-key]}' });
    const ws = new ResponsesWS(clientOf(gateway, 'right-key'));
    endWith('test', () => ws.close());
    await new Promise<void>((resolve) => ws.socket.on('open', () => resolve()));
    const session = new ResponsesWebSocketSession(ws, {
      maxLanes: 4,
      maxBufferedEvents: 10_000,
      maxBufferedBytes: 1e8,
    });
    const lane = session.lane();
    lane.create({ model, input: '/sim say Hello.', store: false });
    const first = await lane.finalResponse();
    expect(first.output_text).toBe('Hello.');
    lane.create({ model, input: '/sim say Again.', store: false, previous_response_id: first.id });
    expect((await lane.finalResponse()).output_text).toBe('Again.');
    const named = session.lane('other');
    named.create({ model, input: '/sim say Beside.', store: false, previous_response_id: first.id });
    expect((await named.finalResponse()).output_text).toBe('Beside.');
    named.create({ model, input: 'x', previous_response_id: 'resp_none' });
    await expect(named.finalResponse()).rejects.toMatchObject({
      error: { status: 400, error: { code: 'previous_response_not_found' } },
    });
  });

  test('is told of errors, and refused without its key', async () => {
    const gateway = await start({ settings: 'server: {apiKeys: [right-key]}' });
    const ws = new ResponsesWS(clientOf(gateway, 'right-key'));
    endWith('test', () => ws.close());
    const error = new Promise<Error>((resolve) => ws.on('error', resolve));
    ws.send({ type: 'response.create', model, input: 'x', temperature: 7 });
    expect(await error).toMatchObject({ message: expect.stringContaining('temperature') });
    const refused = new ResponsesWS(clientOf(gateway, 'wrong-key'));
    const failure = new Promise<Error>((resolve) => refused.on('error', resolve));
    expect(await failure).toMatchObject({ message: expect.stringContaining('401') });
  });
});
