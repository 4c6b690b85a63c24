import { BadRequestError, NotFoundError } from 'openai';
import { zodResponsesFunction, zodTextFormat } from 'openai/helpers/zod';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { model, startStateGateway } from './state-gateway.ts';

/** Every method of `client.responses` and `client.conversations`, as OpenAI's documentation uses it. */
const { client } = await startStateGateway('file', { settings: 'simulator: { output: tokens }' });
const { responses, conversations } = client;

/** Methods of a resource and of those inside it, as in `inputItems.list`. */
function methodsOf(resource: object): string[] {
  const own = Object.getOwnPropertyNames(Object.getPrototypeOf(resource)).filter((name) => name !== 'constructor');
  const inner = Object.entries(resource).filter(([name, value]) => !name.startsWith('_') && typeof value === 'object');
  return [...own, ...inner.flatMap(([name, value]) => methodsOf(value as object).map((method) => `${name}.${method}`))];
}

test('the methods are those that are driven here', () => {
  expect(methodsOf(responses).toSorted()).toEqual([
    'cancel',
    'compact',
    'create',
    'delete',
    'inputItems.list',
    'inputTokens.count',
    'parse',
    'retrieve',
    'stream',
  ]);
  expect(methodsOf(conversations).toSorted()).toEqual([
    'create',
    'delete',
    'items.create',
    'items.delete',
    'items.list',
    'items.retrieve',
    'retrieve',
    'update',
  ]);
});

test('responses.create, plain and streamed', async () => {
  const plain = await responses.create({ model, input: '/sim say Hello.' });
  expect(plain).toMatchObject({ status: 'completed', output_text: 'Hello.' });
  let text = '';
  for await (const event of await responses.create({ model, input: '/sim say Hello again.', stream: true })) {
    if (event.type === 'response.output_text.delta') text += event.delta;
  }
  expect(text).toBe('Hello again.');
});

test('responses.retrieve, plain and streamed', async () => {
  const { id, output } = await responses.create({ model, input: '/sim say Kept.', metadata: { topic: 'test' } });
  const kept = await responses.retrieve(id);
  expect(kept).toMatchObject({ id, output, output_text: 'Kept.', metadata: { topic: 'test' } });
  const events = [];
  for await (const event of await responses.retrieve(id, { stream: true })) events.push(event);
  expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { id, output } });
});

test('responses.delete', async () => {
  const { id } = await responses.create({ model, input: 'x' });
  await responses.delete(id);
  await expect(responses.retrieve(id)).rejects.toBeInstanceOf(NotFoundError);
});

test('responses.cancel, of one that ended while its client waited', async () => {
  const { id } = await responses.create({ model, input: 'x' });
  await expect(responses.cancel(id)).rejects.toBeInstanceOf(BadRequestError);
  await expect(responses.cancel('resp_none')).rejects.toBeInstanceOf(NotFoundError);
});

test('responses.inputItems.list, page by page', async () => {
  const input = ['one', 'two', 'three'].map((content) => ({ role: 'user' as const, content }));
  const { id } = await responses.create({ model, input });
  const texts: unknown[] = [];
  for await (const item of responses.inputItems.list(id, { limit: 1, order: 'asc' })) texts.push(item);
  expect(texts).toMatchObject(input.map(({ content }) => ({ content: [{ type: 'input_text', text: content }] })));
});

test('responses.inputTokens.count', async () => {
  const { input_tokens: counted } = await responses.inputTokens.count({ model, input: 'How long am I?' });
  const { usage } = await responses.create({ model, input: 'How long am I?' });
  expect(counted).toBe(usage!.input_tokens);
});

test('responses.compact', async () => {
  const first = await responses.create({ model, input: 'Hello.' });
  const { output } = await responses.compact({ model, previous_response_id: first.id });
  const next = await responses.create({ model, input: [...output, { role: 'user', content: 'Go on.' }] as never });
  expect(next.status).toBe('completed');
});

test('responses.parse, of a format and of a tool', async () => {
  const City = z.object({ city: z.string(), people: z.number() });
  const answer = await responses.parse({
    model,
    input: '/sim say {"city":"Paris","people":2}',
    text: { format: zodTextFormat(City, 'city') },
  });
  expect(answer.output_parsed).toEqual({ city: 'Paris', people: 2 });
  const called = await responses.parse({
    model,
    input: '/sim call look {"city":"Paris","people":2}',
    tools: [zodResponsesFunction({ name: 'look', parameters: City })],
  });
  const call = called.output.find(({ type }) => type === 'function_call');
  expect(call).toMatchObject({ name: 'look', parsed_arguments: { city: 'Paris', people: 2 } });
});

test('responses.stream, with its events by name and its final response', async () => {
  const stream = responses.stream({
    model,
    input: '/sim think Hm.\n/sim say Streamed.',
    reasoning: { summary: 'auto' },
  });
  const seen = { text: '', summary: '' };
  stream.on('response.output_text.delta', ({ delta, snapshot }) => {
    seen.text += delta;
    expect(snapshot).toBe(seen.text);
  });
  stream.on('response.reasoning_summary_text.delta', ({ delta }) => (seen.summary += delta));
  const final = await stream.finalResponse();
  expect(seen).toEqual({ text: 'Streamed.', summary: 'Hm.' });
  expect(final.output_text).toBe('Streamed.');
});

test('conversations: create, retrieve, update, delete', async () => {
  const { id } = await conversations.create({ metadata: { topic: 'a' } });
  expect(await conversations.retrieve(id)).toMatchObject({ id, object: 'conversation', metadata: { topic: 'a' } });
  expect(await conversations.update(id, { metadata: { topic: 'b' } })).toMatchObject({ metadata: { topic: 'b' } });
  expect(await conversations.delete(id)).toEqual({ id, object: 'conversation.deleted', deleted: true });
  await expect(conversations.retrieve(id)).rejects.toBeInstanceOf(NotFoundError);
});

test('conversations.items: create, list, retrieve, delete, beside a response that joins', async () => {
  const { id } = await conversations.create({ items: [{ type: 'message', role: 'user', content: 'I am Ada.' }] });
  const { data } = await conversations.items.create(id, {
    items: [{ type: 'message', role: 'developer', content: 'Be brief.' }],
  });
  const added = data[0]!.id!;
  expect(await conversations.items.retrieve(added, { conversation_id: id })).toMatchObject({ role: 'developer' });
  await responses.create({ model, conversation: id, input: '/sim say Hello Ada.' });
  await conversations.items.delete(added, { conversation_id: id });
  const roles: unknown[] = [];
  for await (const item of conversations.items.list(id, { order: 'asc', limit: 2 })) {
    roles.push('role' in item ? item.role : item.type);
  }
  expect(roles).toEqual(['user', 'user', 'assistant']);
});

test('a conversation that is too long is shortened when it may be, and refused when not', async () => {
  const small = await startStateGateway('test', {
    settings: 'models: [{ id: gpt-oss-20b, checkpoint: /models/gpt-oss-20b.bin, contextWindow: 400 }]',
  });
  const input = Array.from({ length: 40 }, (_, n) => [
    { role: 'user' as const, content: `Question ${n}: how much is ${n} and ${n}, in words?` },
    { role: 'assistant' as const, content: `It is ${n + n}.` },
  ]).flat();
  const question = { role: 'user' as const, content: '/sim say Fits.' };
  const asked = { model, instructions: 'Be exact.', input: [...input, question] };
  await expect(small.client.responses.create(asked)).rejects.toMatchObject({ code: 'context_length_exceeded' });
  const { output_text: text, usage } = await small.client.responses.create({ ...asked, truncation: 'auto' });
  expect(text).toBe('Fits.');
  expect(usage!.input_tokens).toBeLessThanOrEqual(300);
  expect(usage!.input_tokens).toBeGreaterThan(250);
  const prompt = small.prompts().at(-1)!;
  expect(prompt).toContain('Be exact.');
  expect(prompt).toContain('Question 39');
  expect(prompt).not.toContain('Question 3:');
});
