import { describe, expect, test } from 'vitest';
import { call, openStream, parseFrames } from '../support/client.ts';
import type { OpenStream } from '../support/client.ts';
import { endWith } from '../support/cleanup.ts';
import { startGateway } from '../support/gateway.ts';
import { checkResponseStream } from '../support/response-grammar.ts';
import { encoding, model, startStateGateway } from './state-gateway.ts';
import type { StateGateway } from './state-gateway.ts';

const endless = '/sim pace 200\n/sim repeat 100000 word ';
/** Has thinking, a text and a call, in many deltas. */
const everything =
  '/sim think Some words to think of.\n/sim say Some words to say first.\n/sim call look_up {"word": "fern"}';
const tools = [
  { type: 'function' as const, name: 'look_up', parameters: { type: 'object', properties: {} }, strict: false },
];

const tokens = 'simulator: {output: tokens}';

async function create(gateway: StateGateway, input: string, rest: object = {}) {
  const answer = await call(`${gateway.url}/v1/responses`, { body: { model, input, background: true, ...rest } });
  expect(answer.status, answer.text).toBe(200);
  return answer.json() as { id: string; status: string; output: unknown[] };
}

async function ended(gateway: StateGateway, id: string) {
  for (;;) {
    const response = await gateway.client.responses.retrieve(id);
    if (response.status !== 'queued' && response.status !== 'in_progress') return response;
  }
}

const events = (gateway: StateGateway, id: string, query = '') =>
  openStream(`${gateway.url}/v1/responses/${id}?stream=true${query}`, undefined);

async function whole(stream: OpenStream): Promise<string> {
  expect(await stream.ended).toBe('whole');
  return stream.chunks.join('');
}

/** Without the lines that only a stream which can be resumed has. */
const withoutIds = (text: string) => text.replaceAll(/^id: \d+\n/gm, '').replaceAll(': keep-alive\n\n', '');

describe('a response in the background', () => {
  test('is answered at once, and polled to its end', async () => {
    const gateway = await startStateGateway('test');
    const begun = await gateway.client.responses.create({ model, input: '/sim say Hello.', background: true });
    expect(begun).toMatchObject({ status: 'queued', background: true, output: [], usage: null });
    const response = await ended(gateway, begun.id);
    expect(response).toMatchObject({ id: begun.id, status: 'completed', background: true, output_text: 'Hello.' });
    const after = await gateway.client.responses.create({ model, input: 'And?', previous_response_id: begun.id });
    expect(after.status).toBe('completed');
    expect(gateway.prompts().at(-1)).toContain('Hello.');
  });

  test('shows what there is of it while it is made', async () => {
    const gateway = await startStateGateway('test');
    const { id } = await create(gateway, endless);
    let text = '';
    while (text === '') text = (await gateway.client.responses.retrieve(id)).output_text;
    expect(text).toContain('word');
    expect(await gateway.client.responses.retrieve(id)).toMatchObject({ status: 'in_progress' });
    await gateway.client.responses.cancel(id);
  });

  test('goes on when the client that streams it leaves, for others to see', async () => {
    const gateway = await startStateGateway('test');
    const stream = await openStream(`${gateway.url}/v1/responses`, {
      model,
      input: '/sim pace 400\n/sim repeat 300 word ',
      background: true,
      stream: true,
    });
    await stream.event('response.output_text.delta');
    const { response } = JSON.parse(stream.frames[0]!.data!) as { response: { id: string; status: string } };
    expect(response.status).toBe('queued');
    stream.leave();
    const seen = stream.chunks.join('');
    const again = await whole(await events(gateway, response.id));
    expect(again.startsWith(seen.slice(0, seen.lastIndexOf('\n\n')))).toBe(true);
    expect(checkResponseStream(parseFrames(again))).toMatchObject({ id: response.id, status: 'completed' });
    expect(await whole(await events(gateway, response.id))).toBe(again);
  });

  test.each(['classic', 'tokens'])(
    'is resumed after any of its events, from a daemon of the kind %s',
    async (output) => {
      const gateway = await startStateGateway('test', { settings: `simulator: {output: ${output}}` });
      const { id } = await create(gateway, everything, { tools });
      const text = await whole(await events(gateway, id));
      const frames = text.split(/(?<=\n\n)/);
      expect(frames.length).toBeGreaterThan(6);
      for (let after = 0; after < frames.length; after++) {
        const rest = frames.slice(after + 1).join('');
        expect(await whole(await events(gateway, id, `&starting_after=${after}`))).toBe(rest);
        const headers = { 'last-event-id': String(after) };
        expect((await call(`${gateway.url}/v1/responses/${id}?stream=true`, { headers })).text).toBe(rest);
      }
      const response = await gateway.client.responses.retrieve(id);
      const { output_text: _text, ...plain } = response;
      expect(JSON.parse(parseFrames(text).at(-1)!.data!)).toMatchObject({ response: plain });
    },
  );

  test('is read by several at once while it runs, each from where it wants', async () => {
    const gateway = await startStateGateway('test', { settings: tokens });
    const { id } = await create(gateway, '/sim pace 500\n/sim repeat 200 word ');
    const first = await events(gateway, id);
    await first.event('response.output_text.delta', 20);
    const second = await events(gateway, id, '&starting_after=10');
    await second.event('response.output_text.delta', 5);
    first.leave();
    const rest = await whole(second);
    const all = await whole(await events(gateway, id));
    expect(all.endsWith(rest)).toBe(true);
    expect(rest).toMatch(/^id: 11\n/);
  });

  test('is what OpenAI’s client streams, resumes and cancels', async () => {
    const gateway = await startStateGateway('test', { settings: tokens });
    const { client } = gateway;
    const seen: number[] = [];
    let id = '';
    for await (const event of await client.responses.create({
      model,
      input: '/sim pace 500\n/sim repeat 200 word ',
      background: true,
      stream: true,
    })) {
      if (event.type === 'response.created') id = event.response.id;
      seen.push(event.sequence_number);
      if (seen.length === 30) break;
    }
    const resumed = await client.responses.retrieve(id, { stream: true, starting_after: seen.at(-1)! });
    for await (const event of resumed) seen.push(event.sequence_number);
    expect(seen).toEqual(seen.map((_, index) => index));
    const final = await client.responses.stream({ response_id: id }).finalResponse();
    expect(final.output_text.match(/word/g)).toHaveLength(200);
  });

  test('is cancelled once and for all, and its engine stopped', async () => {
    const gateway = await startStateGateway('test');
    const { id } = await create(gateway, endless);
    const stream = await events(gateway, id);
    await stream.event('response.output_text.delta');
    const cancelled = await gateway.client.responses.cancel(id);
    expect(cancelled).toMatchObject({ id, status: 'cancelled', error: null, output: [{ status: 'incomplete' }] });
    expect(await gateway.client.responses.cancel(id)).toEqual(cancelled);
    expect(await gateway.client.responses.retrieve(id)).toMatchObject(cancelled);
    const frames = parseFrames(await whole(stream));
    expect(frames.at(-1)).toMatchObject({ event: 'response.incomplete' });
    expect(JSON.parse(frames.at(-1)!.data!)).toMatchObject({ response: { id, status: 'cancelled' } });
    expect(gateway.received.map((message) => message.get('type'))).toContain('cancel');
    // The engine is free again.
    const next = await gateway.client.responses.create({ model, input: '/sim say Next.' });
    expect(next.output_text).toBe('Next.');
  });

  test('that waits in the queue is cancelled without ever running', async () => {
    const gateway = await startStateGateway('test');
    const running = await create(gateway, endless);
    const waiting = await create(gateway, '/sim say Never.');
    expect(await gateway.client.responses.cancel(waiting.id)).toMatchObject({ status: 'cancelled', output: [] });
    await gateway.client.responses.cancel(running.id);
    expect(gateway.prompts().filter((prompt) => prompt.includes('Never.'))).toEqual([]);
  });

  test('that is complete stays so when it is cancelled', async () => {
    const gateway = await startStateGateway('test');
    const { id } = await create(gateway, '/sim say Done.');
    await ended(gateway, id);
    expect(await gateway.client.responses.cancel(id)).toMatchObject({ status: 'completed' });
  });

  test('is stopped and gone when it is deleted', async () => {
    const gateway = await startStateGateway('test');
    const { id } = await create(gateway, endless);
    const stream = await events(gateway, id);
    await stream.event('response.output_text.delta');
    await gateway.client.responses.delete(id);
    expect(await stream.ended).toBe('whole');
    expect((await call(`${gateway.url}/v1/responses/${id}`)).status).toBe(404);
    expect((await call(`${gateway.url}/v1/responses/${id}?stream=true`)).status).toBe(404);
    expect(gateway.received.map((message) => message.get('type'))).toContain('cancel');
  });

  test('that fails says so to everybody, and keeps what was said', async () => {
    const gateway = await startStateGateway('test');
    const { id } = await create(gateway, '/sim say Some text.\n/sim fail engine_error It broke.');
    const stream = parseFrames(await whole(await events(gateway, id)));
    expect(stream.at(-1)).toMatchObject({ event: 'response.failed' });
    expect(await ended(gateway, id)).toMatchObject({ status: 'failed', error: { code: 'server_error' } });
  });

  test('becomes part of its conversation when it has ended', async () => {
    const gateway = await startStateGateway('test');
    const conversation = await gateway.client.conversations.create();
    const { id } = await create(gateway, '/sim say One.', { conversation: conversation.id });
    await ended(gateway, id);
    const { id: cut } = await create(gateway, endless, { conversation: conversation.id });
    await gateway.client.responses.cancel(cut);
    const items = await gateway.client.conversations.items.list(conversation.id, { order: 'asc' });
    expect(items.data).toMatchObject([{ role: 'user' }, { role: 'assistant', content: [{ text: 'One.' }] }]);
  });

  test('can’t be followed before it has ended', async () => {
    const gateway = await startStateGateway('test');
    const { id } = await create(gateway, endless);
    const answer = await call(`${gateway.url}/v1/responses`, {
      body: { model, input: 'And?', previous_response_id: id },
    });
    expect(answer.json()).toMatchObject({ error: { code: 'invalid_value', param: 'previous_response_id' } });
    await gateway.client.responses.cancel(id);
  });

  test.each([
    ['isn’t stored', { store: false }, 400, 'background'],
    ['asks for too much', { input: 'word '.repeat(140_000) }, 400, 'input'],
    ['is for no model', { model: 'no-model' }, 404, 'model'],
  ])('is refused at once when it %s', async (_what, rest, status, param) => {
    const gateway = await startStateGateway('test', { settings: 'strictModels: true' });
    const answer = await call(`${gateway.url}/v1/responses`, {
      body: { model, input: 'x', background: true, ...rest },
    });
    expect(answer.status).toBe(status);
    expect(answer.json()).toMatchObject({ error: { param } });
  });

  test('is refused where nothing is stored', async () => {
    const gateway = await startGateway({ encoding });
    endWith('test', gateway.close);
    const answer = await call(`${gateway.url}/v1/responses`, { body: { model, input: 'x', background: true } });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('store.enabled');
  });

  test.each(['', '-1', '1.5', 'x', '1&starting_after=2', '9999999999999999'])(
    'isn’t resumed after the number "%s"',
    async (number) => {
      const gateway = await startStateGateway('test');
      const { id } = await create(gateway, '/sim say Hello.');
      const answer = await call(`${gateway.url}/v1/responses/${id}?stream=true&starting_after=${number}`);
      expect(answer.status).toBe(400);
      expect(answer.json()).toMatchObject({ error: { param: 'starting_after', code: 'invalid_type' } });
    },
  );
});

describe('a stream that has ended', () => {
  test.each(['classic', 'tokens'])('is replayed byte for byte, from a daemon of the kind %s', async (output) => {
    const gateway = await startStateGateway('test', { settings: `simulator: {output: ${output}}` });
    for (const rest of [{}, { max_output_tokens: 12 }, { text: { format: { type: 'json_object' } } }]) {
      const stream = await openStream(`${gateway.url}/v1/responses`, {
        model,
        input: rest.text === undefined ? everything : 'Give me JSON.',
        tools: rest.text === undefined ? tools : [],
        stream: true,
        ...rest,
      });
      const text = await whole(stream);
      const { response } = JSON.parse(stream.frames[0]!.data!) as { response: { id: string } };
      const replay = await whole(await events(gateway, response.id));
      expect(withoutIds(replay)).toBe(text);
      expect(replay.match(/^id: (\d+)$/gm)).toEqual(stream.frames.map((_, index) => `id: ${index}`));
    }
  });

  test('with keep-alives, or a failure, is replayed with them', async () => {
    const gateway = await startStateGateway('test', { settings: `{${tokens}, server: {keepAliveInterval: 40}}` });
    const stream = await openStream(`${gateway.url}/v1/responses`, {
      model,
      input: '/sim say One two three.\n/sim wait 200\n/sim say Four.\n/sim fail engine_error It broke.',
      stream: true,
    });
    const text = await whole(stream);
    expect(stream.frames.filter(({ event }) => event === 'response.in_progress').length).toBeGreaterThan(1);
    const { response } = JSON.parse(stream.frames[0]!.data!) as { response: { id: string } };
    expect(withoutIds(await whole(await events(gateway, response.id)))).toBe(text);
  });
});
