import { describe, expect, test } from 'vitest';
import { call } from '../support/client.ts';
import { endWith } from '../support/cleanup.ts';
import { startGateway } from '../support/gateway.ts';
import { encoding, model, startStateGateway } from './state-gateway.ts';

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('it succeeded'),
    (error: unknown) => error,
  );

const rolesIn = (items: readonly unknown[]) => items.map((item) => (item as { role?: string }).role);

describe('a conversation', () => {
  test('is created, read, changed and deleted', async () => {
    const { client } = await startStateGateway('test');
    const created = await client.conversations.create({
      metadata: { topic: 'one' },
      items: [{ role: 'user', content: 'Hi' }],
    });
    expect(created).toMatchObject({
      id: expect.stringMatching(/^conv_/) as string,
      object: 'conversation',
      created_at: Date.UTC(2026, 0, 31, 12) / 1000,
      metadata: { topic: 'one' },
    });
    expect(await client.conversations.retrieve(created.id)).toEqual(created);
    const changed = await client.conversations.update(created.id, { metadata: { topic: 'two' } });
    expect(changed).toEqual({ ...created, metadata: { topic: 'two' } });
    expect(await client.conversations.delete(created.id)).toEqual({
      id: created.id,
      object: 'conversation.deleted',
      deleted: true,
    });
    expect(await failureOf(client.conversations.retrieve(created.id))).toMatchObject({ status: 404 });
    expect(await failureOf(client.conversations.delete(created.id))).toMatchObject({ status: 404 });
  });

  test('needs no body', async () => {
    const { client } = await startStateGateway('test');
    expect(await client.conversations.create()).toMatchObject({ object: 'conversation', metadata: {} });
  });

  test.each([
    [{ items: 'text' }, 'items'],
    [{ items: [{ role: 'nobody', content: 'x' }] }, 'items[0].role'],
    [
      {
        items: [
          { role: 'user', content: 'x' },
          { type: 'item_reference', id: 'msg_none' },
        ],
      },
      'items[1]',
    ],
    [{ items: Array.from({ length: 21 }, () => ({ role: 'user', content: 'x' })) }, 'items'],
    [{ metadata: { a: 1 } }, 'metadata.a'],
    [{ metadata: 'text' }, 'metadata'],
  ])('is not created of %j', async (body, param) => {
    const { url } = await startStateGateway('test');
    const answer = await call(`${url}/v1/conversations`, { body });
    expect([400, 404]).toContain(answer.status);
    expect(answer.json()).toMatchObject({ error: { param } });
  });

  test('has items that are added, listed, read and deleted', async () => {
    const { client } = await startStateGateway('test');
    const { id } = await client.conversations.create({ items: [{ role: 'developer', content: 'Be brief.' }] });
    const added = await client.conversations.items.create(id, {
      items: [
        { role: 'user', content: 'One' },
        { role: 'assistant', content: 'Two' },
      ],
    });
    expect(added).toMatchObject({ object: 'list', has_more: false, first_id: (added.data[0] as { id: string }).id });
    expect(rolesIn(added.data)).toEqual(['user', 'assistant']);
    const listed = [];
    for await (const item of client.conversations.items.list(id, { limit: 2 })) listed.push(item);
    expect(rolesIn(listed)).toEqual(['assistant', 'user', 'developer']);
    const [one] = added.data as { id: string }[];
    expect(await client.conversations.items.retrieve(one!.id, { conversation_id: id })).toEqual(one);
    expect(await client.conversations.items.delete(one!.id, { conversation_id: id })).toMatchObject({ id });
    expect(rolesIn((await client.conversations.items.list(id, { order: 'asc' })).data)).toEqual([
      'developer',
      'assistant',
    ]);
    expect(await failureOf(client.conversations.items.retrieve(one!.id, { conversation_id: id }))).toMatchObject({
      status: 404,
    });
    expect(
      await failureOf(client.conversations.items.create('conv_none', { items: [{ role: 'user', content: 'x' }] })),
    ).toMatchObject({ status: 404 });
  });
});

describe('a response in a conversation', () => {
  test.each([
    ['by its id', (id: string) => id],
    ['by an object', (id: string) => ({ id })],
  ])('has its items before its input, and is added to it: %s', async (_how, conversationOf) => {
    const { client, prompts } = await startStateGateway('test');
    const { id } = await client.conversations.create({ items: [{ role: 'user', content: 'I am Ada.' }] });
    const conversation = conversationOf(id);
    const first = await client.responses.create({ model, input: 'Who?\n/sim say Ada.', conversation });
    expect(first.conversation).toEqual({ id });
    const stream = await client.responses.create({ model, input: '/sim say Bye.', conversation, stream: true });
    for await (const event of stream) expect(event.type).not.toBe('response.failed');
    expect(prompts()[0]).toContain('I am Ada.');
    expect(prompts()[1]).toContain('I am Ada.');
    expect(prompts()[1]).toContain('Who?');
    const items = [];
    for await (const item of client.conversations.items.list(id, { order: 'asc' })) items.push(item);
    expect(rolesIn(items)).toEqual(['user', 'user', 'assistant', 'user', 'assistant']);
    expect(items[2]).toEqual(first.output.at(-1));
    expect(rolesIn((await client.responses.inputItems.list(first.id)).data)).toEqual(['user']);
  });

  test('can be followed on when the conversation is gone', async () => {
    const { client, prompts } = await startStateGateway('test');
    const { id } = await client.conversations.create({ items: [{ role: 'user', content: 'I am Ada.' }] });
    const first = await client.responses.create({ model, input: 'Who?\n/sim say Ada.', conversation: id });
    await client.conversations.delete(id);
    await client.responses.create({ model, input: '/sim say Bye.', previous_response_id: first.id });
    expect(prompts()[1]).toContain('I am Ada.');
    expect(await failureOf(client.responses.create({ model, input: 'x', conversation: id }))).toMatchObject({
      status: 404,
      code: 'not_found',
      param: 'conversation',
    });
  });

  test('is not added to it when it fails', async () => {
    const { client } = await startStateGateway('test');
    const { id } = await client.conversations.create();
    const stream = await client.responses.create({
      model,
      input: '/sim say Some text.\n/sim fail engine_error It broke.',
      conversation: id,
      stream: true,
    });
    const types = [];
    for await (const event of stream) types.push(event.type);
    expect(types.at(-1)).toBe('response.failed');
    expect((await client.conversations.items.list(id)).data).toEqual([]);
  });

  test('excludes a previous response, and must be stored', async () => {
    const { client } = await startStateGateway('test');
    const { id: conversation } = await client.conversations.create();
    const { id } = await client.responses.create({ model, input: '/sim say Hello.' });
    expect(
      await failureOf(client.responses.create({ model, input: 'x', conversation, previous_response_id: id })),
    ).toMatchObject({ status: 400, param: 'previous_response_id' });
    expect(await failureOf(client.responses.create({ model, input: 'x', conversation, store: false }))).toMatchObject({
      status: 400,
      code: 'unsupported_value',
      param: 'store',
    });
  });
});

test('without a store there are no conversations', async () => {
  const { url, close } = await startGateway({ encoding });
  endWith('test', close);
  const created = await call(`${url}/v1/conversations`, { body: {} });
  expect(created.status).toBe(404);
  expect(created.text).toContain('store.enabled');
  expect((await call(`${url}/v1/conversations/conv_1`)).status).toBe(404);
  const response = await call(`${url}/v1/responses`, { body: { model, input: 'x', conversation: 'conv_1' } });
  expect(response.status).toBe(400);
});
