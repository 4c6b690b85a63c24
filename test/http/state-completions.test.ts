import type { ChatCompletionListParams } from 'openai/resources/chat/completions';
import { expect, test } from 'vitest';
import { call } from '../support/client.ts';
import { endWith } from '../support/cleanup.ts';
import { startGateway } from '../support/gateway.ts';
import { encoding, model, startStateGateway } from './state-gateway.ts';

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('it succeeded'),
    (error: unknown) => error,
  );

const ask = (text: string) => ({ model, messages: [{ role: 'user' as const, content: text }] });

test('a chat completion with store: true can be fetched, labelled anew and deleted', async () => {
  const { client } = await startStateGateway('test');
  const made = await client.chat.completions.create({
    ...ask('/sim say Hello.'),
    store: true,
    metadata: { topic: 'one' },
  });
  expect(await client.chat.completions.retrieve(made.id)).toEqual({ ...made, metadata: { topic: 'one' } });
  const changed = await client.chat.completions.update(made.id, { metadata: { topic: 'two' } });
  expect(changed).toEqual({ ...made, metadata: { topic: 'two' } });
  expect(await client.chat.completions.retrieve(made.id)).toEqual(changed);
  expect(await client.chat.completions.delete(made.id)).toEqual({
    id: made.id,
    object: 'chat.completion.deleted',
    deleted: true,
  });
  expect(await failureOf(client.chat.completions.retrieve(made.id))).toMatchObject({ status: 404, code: 'not_found' });
  expect(await failureOf(client.chat.completions.update(made.id, { metadata: {} }))).toMatchObject({ status: 404 });
  expect(await failureOf(client.chat.completions.delete(made.id))).toMatchObject({ status: 404 });
  expect(await failureOf(client.chat.completions.messages.list(made.id))).toMatchObject({ status: 404 });
});

test('a streamed chat completion is stored as one that was not', async () => {
  const { client } = await startStateGateway('test');
  const stream = await client.chat.completions.create({ ...ask('/sim say Hello.'), store: true, stream: true });
  let id = '';
  for await (const chunk of stream) ({ id } = chunk);
  expect(await client.chat.completions.retrieve(id)).toMatchObject({
    object: 'chat.completion',
    choices: [{ message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }],
    usage: { completion_tokens: expect.any(Number) as number },
  });
});

test('a chat completion is stored only if that is asked for, and only when it is whole', async () => {
  const { client } = await startStateGateway('test');
  await client.chat.completions.create(ask('/sim say Hello.'));
  await client.chat.completions.create({ ...ask('/sim say Hello.'), store: false, metadata: { a: 'b' } });
  const stream = await client.chat.completions.create({
    ...ask('/sim say Some text.\n/sim fail engine_error It broke.'),
    store: true,
    stream: true,
  });
  await failureOf(
    (async () => {
      for await (const chunk of stream) expect(chunk.object).toBe('chat.completion.chunk');
    })(),
  );
  expect((await client.chat.completions.list()).data).toEqual([]);
});

test('chat completions are listed by model and metadata, page by page', async () => {
  const { client } = await startStateGateway('test');
  const ids: string[] = [];
  for (const [name, color] of [
    [model, 'red'],
    [model, 'blue'],
    ['gpt-oss:20b', 'red'],
    [model, 'red'],
  ] as const) {
    const body = { ...ask('/sim say Hello.'), model: name, metadata: { color, 'odd key&': '=' }, store: true };
    ids.push((await client.chat.completions.create(body)).id);
  }
  const list = async (query: ChatCompletionListParams) => {
    const listed: number[] = [];
    for await (const { id } of client.chat.completions.list(query)) listed.push(ids.indexOf(id));
    return listed;
  };
  expect(await list({})).toEqual([0, 1, 2, 3]);
  expect(await list({ order: 'desc', limit: 1 })).toEqual([3, 2, 1, 0]);
  expect(await list({ after: ids[1]! })).toEqual([2, 3]);
  expect(await list({ model })).toEqual([0, 1, 3]);
  expect(await list({ metadata: { color: 'red' }, limit: 1 })).toEqual([0, 2, 3]);
  expect(await list({ metadata: { color: 'red', 'odd key&': '=' }, model })).toEqual([0, 3]);
  expect(await list({ metadata: { color: 'green' } })).toEqual([]);
});

test('the messages of a stored chat completion are those of its request', async () => {
  const { client } = await startStateGateway('test');
  const { id } = await client.chat.completions.create({
    model,
    store: true,
    messages: [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        name: 'Ada',
        content: [
          { type: 'text', text: '/sim say ' },
          { type: 'text', text: 'Hello.' },
        ],
      },
    ],
  });
  const listed = [];
  for await (const message of client.chat.completions.messages.list(id, { limit: 1 })) listed.push(message);
  expect(listed).toEqual([
    { id: `${id}-0`, role: 'system', content: 'Be brief.', content_parts: null, name: null },
    {
      id: `${id}-1`,
      role: 'user',
      content: '/sim say Hello.',
      content_parts: [
        { type: 'text', text: '/sim say ' },
        { type: 'text', text: 'Hello.' },
      ],
      name: 'Ada',
    },
  ]);
});

test('metadata that break the rules are refused where they would be stored', async () => {
  const { client } = await startStateGateway('test');
  const body = { ...ask('/sim say Hello.'), metadata: { a: 1 } as never };
  expect(await failureOf(client.chat.completions.create({ ...body, store: true }))).toMatchObject({
    status: 400,
    param: 'metadata.a',
  });
  expect(await client.chat.completions.create(body)).toMatchObject({ object: 'chat.completion' });
});

test('labels are taken away by null alone, and not by a body that says nothing of them', async () => {
  const { url } = await startStateGateway('test');
  const made = await call(`${url}/v1/chat/completions`, {
    body: { ...ask('/sim say Hello.'), store: true, metadata: { a: 'b' } },
  });
  const { id } = made.json() as { id: string };
  const update = async (body: unknown) => {
    const answer = await call(`${url}/v1/chat/completions/${id}`, { body });
    const { metadata, error } = answer.json() as { metadata?: object; error?: { param: string } };
    return error?.param ?? metadata;
  };
  expect(await update({})).toBe('metadata');
  expect(await update({ metadata: 'c' })).toBe('metadata');
  expect((await call(`${url}/v1/chat/completions/${id}`)).json()).toMatchObject({ metadata: { a: 'b' } });
  expect(await update({ metadata: null })).toEqual({});
});

test.each(['metadata[a]=1&metadata[a]=2', 'model=a&model=b'])(
  'a filter that is given twice is refused: %s',
  async (query) => {
    const { url } = await startStateGateway('test');
    const answer = await call(`${url}/v1/chat/completions?${query}`);
    expect([answer.status, (answer.json() as { error: { param: string } }).error.param]).toEqual([
      400,
      query.split('=')[0],
    ]);
  },
);

test('without a store there are no stored chat completions', async () => {
  const { url, close } = await startGateway({ encoding });
  endWith('test', close);
  const made = await call(`${url}/v1/chat/completions`, { body: { ...ask('/sim say Hello.'), store: true } });
  expect(made.status).toBe(200);
  expect((await call(`${url}/v1/chat/completions`)).json()).toMatchObject({ object: 'list', data: [] });
  const { id } = made.json() as { id: string };
  expect((await call(`${url}/v1/chat/completions/${id}`)).status).toBe(404);
});
