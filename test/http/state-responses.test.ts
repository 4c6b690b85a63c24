import type OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { call, openStream } from '../support/client.ts';
import { encoding, model, startStateGateway } from './state-gateway.ts';
import { startGateway } from '../support/gateway.ts';
import { endWith } from '../support/cleanup.ts';

const tool = {
  type: 'function',
  name: 'get_weather',
  description: 'Weather of a place',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  strict: false,
} as const;

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('it succeeded'),
    (error: unknown) => error,
  );

const inMemory = () =>
  openStore({
    path: null,
    now: () => Date.UTC(2026, 0, 31, 12),
    lifetime: 1e12,
    maxBytes: 1e12,
    onTrouble: () => undefined,
  });

describe('a response', () => {
  test('can be fetched as it was given, whether streamed or not', async () => {
    const { client, url } = await startStateGateway('test');
    const { output_text: text, ...plain } = await client.responses.create({
      model,
      input: '/sim say Hello.',
      metadata: { a: 'b' },
    });
    expect(plain).toMatchObject({ store: true });
    expect(await client.responses.retrieve(plain.id)).toEqual({ ...plain, output_text: text });

    const stream = await client.responses.create({ model, input: '/sim say Hello.', stream: true });
    let last;
    for await (const event of stream) last = event;
    if (last?.type !== 'response.completed') return expect.unreachable(last?.type);
    const fetched = await call(`${url}/v1/responses/${last.response.id}?include[]=reasoning.encrypted_content`);
    expect(JSON.parse(fetched.text)).toEqual(last.response);

    const again = await client.responses.retrieve(plain.id, { stream: true });
    const events = [];
    for await (const event of again) events.push(event);
    expect(events[0]).toMatchObject({ type: 'response.created', response: { id: plain.id, output: [] } });
    expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: plain });
  });

  test('is not kept with store: false', async () => {
    const { client, url } = await startStateGateway('test');
    const response = await client.responses.create({ model, input: '/sim say Hello.', store: false });
    expect(response).toMatchObject({ store: false });
    expect(await failureOf(client.responses.retrieve(response.id))).toMatchObject({ status: 404, code: 'not_found' });
    expect(await failureOf(client.responses.delete(response.id))).toMatchObject({ status: 404 });
    expect(await failureOf(client.responses.inputItems.list(response.id))).toMatchObject({ status: 404 });
    const chained = await call(`${url}/v1/responses`, {
      body: { model, input: 'And?', previous_response_id: response.id },
    });
    expect(chained.status).toBe(400);
    expect(chained.json()).toMatchObject({
      error: {
        code: 'previous_response_not_found',
        param: 'previous_response_id',
        message: `Previous response with id '${response.id}' not found.`,
      },
    });
  });

  test('is deleted with OpenAI’s words', async () => {
    const { client, url } = await startStateGateway('test');
    const { id } = await client.responses.create({ model, input: '/sim say Hello.' });
    const deleted = await call(`${url}/v1/responses/${id}`, {
      method: 'DELETE',
      headers: { 'content-type': 'application/json' },
    });
    expect(deleted.json()).toEqual({ id, object: 'response', deleted: true });
    expect(await failureOf(client.responses.retrieve(id))).toMatchObject({ status: 404 });
  });

  test('can’t be cancelled when it was made while its client waited', async () => {
    const { client } = await startStateGateway('test');
    const { id } = await client.responses.create({ model, input: '/sim say Hello.' });
    expect(await failureOf(client.responses.cancel(id))).toMatchObject({ status: 400, code: 'invalid_value' });
    expect(await failureOf(client.responses.cancel('resp_none'))).toMatchObject({ status: 404 });
  });

  test('that was cut off is kept as incomplete, one that failed as failed', async () => {
    const { client } = await startStateGateway('test');
    const cut = await client.responses.create({ model, input: '/sim repeat 500 word ', max_output_tokens: 20 });
    expect(cut.status).toBe('incomplete');
    expect(await client.responses.retrieve(cut.id)).toEqual(cut);

    const stream = await client.responses.create({
      model,
      input: '/sim say Some text that was said.\n/sim fail engine_error It broke.',
      stream: true,
    });
    let failed;
    for await (const event of stream) if (event.type === 'response.failed') failed = event.response;
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'server_error' } });
    expect(await client.responses.retrieve(failed!.id)).toMatchObject({ ...failed });
  });

  test('whose client has left is kept with what there was of it', async () => {
    const gateway = await startStateGateway('test');
    const stream = await openStream(`${gateway.url}/v1/responses`, {
      model,
      input: '/sim repeat 1000000 word ',
      stream: true,
    });
    await stream.event('response.output_text.delta');
    const { response } = JSON.parse((await stream.event('response.created')).data!) as { response: { id: string } };
    stream.leave();
    let kept = null;
    while (kept === null) kept = await gateway.store.responses.find(response.id);
    expect(kept).toMatchObject({ status: 'failed', output: [{ type: 'message', status: 'incomplete' }] });
  });
});

test.each([{}, { stream: true }, { background: true }])('a prepared response is one to follow on: %j', async (how) => {
  const { client, prompts } = await startStateGateway('test');
  const prompt_cache_options = { prewarm: true };
  const made = await client.responses.create({ model, input: 'My name is Ada.', prompt_cache_options, ...how });
  let response = made as OpenAI.Responses.Response;
  if (Symbol.asyncIterator in made) {
    for await (const event of made) if (event.type === 'response.completed') ({ response } = event);
  }
  while (['queued', 'in_progress'].includes(response.status!)) response = await client.responses.retrieve(response.id);
  expect(response).toMatchObject({ status: 'completed', output: [], usage: { output_tokens: 0 } });
  expect(prompts()).toEqual([]);
  await client.responses.create({ model, input: 'Who am I?', previous_response_id: response.id });
  expect(prompts().at(-1)).toContain('My name is Ada.');
});

describe('a chain of responses', () => {
  test('shows the model everything that was said, but no earlier instructions', async () => {
    const { client, prompts } = await startStateGateway('test');
    const first = await client.responses.create({
      model,
      instructions: 'Be a pirate.',
      input: 'My name is Ada.\n/sim say Noted.',
    });
    const second = await client.responses.create({
      model,
      instructions: 'Be a poet.',
      input: 'Who am I?\n/sim say You are Ada.',
      previous_response_id: first.id,
    });
    expect(second.previous_response_id).toBe(first.id);
    await client.responses.create({ model, input: '/sim say Bye.', previous_response_id: second.id });
    const [, two, three] = prompts();
    expect(two).toContain('My name is Ada.');
    expect(two).toContain('Noted.');
    expect(two).toContain('Be a poet.');
    expect(two).not.toContain('pirate');
    expect(three).toContain('My name is Ada.');
    expect(three).toContain('You are Ada.');
    expect(three).not.toContain('poet');
  });

  test('has the same prompt as the same conversation sent whole', async () => {
    const { client, prompts } = await startStateGateway('test');
    const ask = { role: 'user', content: 'The weather?\n/sim call get_weather {"city":"Oslo"}' } as const;
    const first = await client.responses.create({ model, input: [ask], tools: [tool], instructions: 'Be brief.' });
    const [toolCall] = first.output.filter((item) => item.type === 'function_call');
    const output = { type: 'function_call_output', call_id: toolCall!.call_id, output: 'Rain.' } as const;
    const rest = { model, tools: [tool], instructions: 'Be brief.' };
    await client.responses.create({ ...rest, input: [output], previous_response_id: first.id });
    await client.responses.create({ ...rest, input: [ask, ...first.output, output] as never, store: false });
    const [, chained, whole] = prompts();
    expect(chained).toContain('Rain.');
    expect(chained).toBe(whole);
  });

  test('branches, and outlives its parents', async () => {
    const { client, prompts } = await startStateGateway('test');
    const root = await client.responses.create({ model, input: 'Root.\n/sim say One.' });
    const left = await client.responses.create({
      model,
      input: 'Left.\n/sim say Two.',
      previous_response_id: root.id,
    });
    await client.responses.create({ model, input: 'Right.\n/sim say Three.', previous_response_id: root.id });
    await client.responses.delete(root.id);
    await client.responses.create({ model, input: 'More.\n/sim say Four.', previous_response_id: left.id });
    const last = prompts().at(-1)!;
    expect(last).toContain('Root.');
    expect(last).toContain('Left.');
    expect(last).not.toContain('Right.');
    expect(
      await failureOf(client.responses.create({ model, input: 'More.', previous_response_id: root.id })),
    ).toMatchObject({ status: 400, code: 'previous_response_not_found' });
  });

  test('is not on the response of a request that isn’t stored itself', async () => {
    const { client, prompts } = await startStateGateway('test');
    const first = await client.responses.create({ model, input: 'First.\n/sim say One.' });
    await client.responses.create({
      model,
      input: 'Second.\n/sim say Two.',
      previous_response_id: first.id,
      store: false,
    });
    expect(prompts()[1]).toContain('First.');
  });

  test('takes items by reference', async () => {
    const { client, prompts } = await startStateGateway('test');
    const first = await client.responses.create({ model, input: 'Remember 4711.\n/sim say I remember 4712.' });
    const said = first.output.find(({ type }) => type === 'message')!;
    const [asked] = (await client.responses.inputItems.list(first.id)).data;
    await client.responses.create({
      model,
      input: [
        { type: 'item_reference', id: asked!.id! },
        { id: said.id! },
        { role: 'user', content: '/sim say Done.' },
      ] as never,
    });
    expect(prompts()[1]).toContain('Remember 4711.');
    expect(prompts()[1]).toContain('I remember 4712.');
    expect(
      await failureOf(client.responses.create({ model, input: [{ type: 'item_reference', id: 'msg_none' }] })),
    ).toMatchObject({ status: 404, code: 'not_found', param: 'input[0]' });
  });

  test('blames the client’s own input by its own index', async () => {
    const { client } = await startStateGateway('test');
    const first = await client.responses.create({ model, input: 'First.\n/sim say One.' });
    const orphan = { type: 'function_call_output', call_id: 'call_none', output: 'x' } as const;
    expect(
      await failureOf(
        client.responses.create({
          model,
          previous_response_id: first.id,
          input: [{ role: 'user', content: 'Hi' }, orphan],
        }),
      ),
    ).toMatchObject({ status: 400, code: 'tool_call_not_found', param: 'input[1].call_id' });
  });
});

describe('input items', () => {
  const input = [
    { role: 'user', content: 'One' },
    { role: 'assistant', content: 'Two' },
    { type: 'message', id: 'msg_own-id', role: 'user', content: [{ type: 'input_text', text: '/sim say Three.' }] },
  ] as const;

  test('have ids, types, parts and a status, the newest first', async () => {
    const { client, url } = await startStateGateway('test');
    const { id } = await client.responses.create({ model, input: input as never });
    const listed = (await call(`${url}/v1/responses/${id}/input_items`)).json();
    const id0 = expect.stringMatching(/^msg_/) as string;
    const data = [
      {
        type: 'message',
        id: 'msg_own-id',
        role: 'user',
        content: [{ type: 'input_text', text: '/sim say Three.' }],
        status: 'completed',
      },
      {
        type: 'message',
        id: id0,
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Two', annotations: [], logprobs: [] }],
        status: 'completed',
      },
      { type: 'message', id: id0, role: 'user', content: [{ type: 'input_text', text: 'One' }], status: 'completed' },
    ];
    expect(listed).toEqual({
      object: 'list',
      data,
      first_id: 'msg_own-id',
      last_id: (listed as { data: { id: string }[] }).data[2]!.id,
      has_more: false,
    });
  });

  test('are those of the response’s own turn, page by page', async () => {
    const { client } = await startStateGateway('test');
    const first = await client.responses.create({ model, input: '/sim say One.' });
    const { id } = await client.responses.create({ model, input: input as never, previous_response_id: first.id });
    const roles = [];
    for await (const item of client.responses.inputItems.list(id, { limit: 1, order: 'asc' })) {
      roles.push((item as { role: string }).role);
    }
    expect(roles).toEqual(['user', 'assistant', 'user']);
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=many', 'limit'],
    ['order=random', 'order'],
    ['after=msg_none', 'after'],
  ])('are refused for %s', async (query, param) => {
    const { client, url } = await startStateGateway('test');
    const { id } = await client.responses.create({ model, input: '/sim say One.' });
    const { status, json } = await call(`${url}/v1/responses/${id}/input_items?${query}`);
    expect(status).toBe(400);
    expect(json()).toMatchObject({ error: { code: 'invalid_value', param } });
  });
});

describe('a count of input tokens', () => {
  test('is what the engine gets to read', async () => {
    const { client } = await startStateGateway('test');
    const body = { model, input: 'Count this.\n/sim say Done.', instructions: 'Be brief.', tools: [tool] };
    const counted = await client.responses.inputTokens.count(body);
    const response = await client.responses.create(body);
    expect(counted).toEqual({ object: 'response.input_tokens', input_tokens: response.usage!.input_tokens });
    const next = { input: 'More.', previous_response_id: response.id };
    const { input_tokens: chained } = await client.responses.inputTokens.count(next);
    expect(chained).toBe((await client.responses.create({ ...next, model })).usage!.input_tokens);
  });

  test('needs nothing to count', async () => {
    const { client } = await startStateGateway('test');
    expect((await client.responses.inputTokens.count()).input_tokens).toBeGreaterThan(0);
  });
});

/** A store that can't keep responses. */
async function fullStore(): Promise<Store> {
  const store = await inMemory();
  const save = () => store.responses.save({ response: { id: 'resp_x', created_at: 1 }, input: [] } as never);
  return { ...store, responses: { ...store.responses, save } };
}

describe('an answer that can’t be kept', () => {
  test('is an error when it is not streamed', async () => {
    const { client } = await startStateGateway('test', { store: await fullStore() });
    expect(await failureOf(client.responses.create({ model, input: '/sim say Hello.' }))).toMatchObject({
      status: 500,
      code: 'storage_failed',
    });
  });

  test('ends its stream as failed, and with the right numbers', async () => {
    const { client } = await startStateGateway('test', { store: await fullStore() });
    const events = [];
    for await (const event of await client.responses.create({ model, input: '/sim say Hello.', stream: true })) {
      events.push(event);
    }
    expect(events.map(({ type }) => type)).not.toContain('response.completed');
    expect(events.at(-1)).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', completed_at: null, error: { code: 'server_error' } },
    });
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, index) => index));
  });
});

describe('a client is told of the end only when the answer is kept', () => {
  test.each([true, false])('with stream: %s', async (stream) => {
    const store = await inMemory();
    let release = () => undefined as void;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asked = () => undefined as void;
    const saving = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const save: Store['responses']['save'] = async (record) => {
      asked();
      await held;
      return store.responses.save(record);
    };
    const { url } = await startStateGateway('test', { store: { ...store, responses: { ...store.responses, save } } });
    let text = '';
    const answered = fetch(`${url}/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, input: '/sim say Hello.', stream }),
    }).then(async (response) => {
      for await (const chunk of response.body!) text += Buffer.from(chunk).toString();
    });
    await saving;
    // Whatever has been sent by now has arrived once another request on the same machine has been answered.
    await call(`${url}/healthz`);
    expect(text).not.toContain('completed_at":1');
    expect(text).not.toContain('response.completed');
    release();
    await answered;
    expect(text).toContain('completed');
  });
});

test('without a store nothing is kept, and everything says so', async () => {
  const { url, close } = await startGateway({ encoding });
  endWith('test', close);
  const answer = await call(`${url}/v1/responses`, { body: { model, input: '/sim say Hello.', store: true } });
  const { id, store } = answer.json() as { id: string; store: boolean };
  expect(store).toBe(false);
  expect((await call(`${url}/v1/responses/${id}`)).status).toBe(404);
  const chained = await call(`${url}/v1/responses`, { body: { model, input: 'x', previous_response_id: id } });
  expect(chained.json()).toMatchObject({ error: { code: 'previous_response_not_found' } });
});
