import type OpenAI from 'openai';
import { expect, test } from 'vitest';
import { model, startStateGateway } from './state-gateway.ts';

const gateway = await startStateGateway('file', { settings: 'simulator: { output: tokens }' });
const { client } = gateway;
const { responses } = client;

const long = [
  { role: 'user' as const, content: 'My name is Ada.' },
  { role: 'assistant' as const, content: 'Hello Ada.' },
  { role: 'developer' as const, content: 'Be brief.' },
  { role: 'user' as const, content: '/sim say Ada wants tea.' },
];

test('a conversation is compacted to what people said and one sealed summary', async () => {
  const compacted = await responses.compact({ model, input: long, instructions: 'Be kind.' });
  expect(compacted).toMatchObject({ object: 'response.compaction', id: expect.stringMatching(/^resp_/) });
  expect(compacted.output.map((item: any) => item.role ?? item.type)).toEqual([
    'user',
    'developer',
    'user',
    'compaction',
  ]);
  expect(compacted.usage.total_tokens).toBe(compacted.usage.input_tokens + compacted.usage.output_tokens);
  expect(JSON.stringify(compacted.output.at(-1))).not.toContain('tea');
  const prompt = gateway.prompts().at(-1)!;
  expect(prompt).toContain('Hello Ada.');
  expect(prompt).toContain('Be kind.');
  expect(prompt).toMatch(/summary of this conversation[^]*<\|start\|>assistant$/);
});

test('the compacted conversation goes on where the long one was', async () => {
  const { output } = await responses.compact({ model, input: long });
  const next = [...output, { role: 'user' as const, content: 'And now?' }];
  await responses.create({ model, input: next as OpenAI.Responses.ResponseInput, store: false });
  const prompt = gateway.prompts().at(-1)!;
  expect(prompt).not.toContain('Hello Ada.');
  expect(prompt).toContain('My name is Ada.');
  expect(prompt).toMatch(/This is a summary[^]*And now\?/);
});

test('a stored response is compacted by its id, and stays as it is', async () => {
  const first = await responses.create({ model, input: 'Remember the number 7.' });
  const compacted = await responses.compact({ model, previous_response_id: first.id });
  expect(compacted.output).toHaveLength(2);
  expect(gateway.prompts().at(-1)).toContain(first.output_text);
  await expect(responses.retrieve(compacted.id)).rejects.toMatchObject({ status: 404 });
  expect((await responses.retrieve(first.id)).output_text).toBe(first.output_text);
});

test('a response can compact what it follows on, and what follows sees the summary instead', async () => {
  const first = await responses.create({ model, input: '/sim say The answer is forty-two.' });
  const stream = responses.stream({
    model,
    previous_response_id: first.id,
    input: [{ type: 'compaction_trigger' } as OpenAI.Responses.ResponseInputItem.CompactionTrigger],
  });
  const types: string[] = [];
  for await (const event of stream) types.push(event.type);
  expect(types).toContain('response.compaction.compacting');
  const compacting = await stream.finalResponse();
  expect(compacting.output.map(({ type }) => type)).toEqual(['compaction']);
  await responses.create({ model, previous_response_id: compacting.id, input: 'Go on.' });
  const prompt = gateway.prompts().at(-1)!;
  expect(prompt).toMatch(/This is a summary[^]*Go on\./);
  expect(prompt).not.toContain('assistant<|channel|>final<|message|>The answer is forty-two.');
  const { data } = await responses.inputItems.list(compacting.id);
  expect(data).toEqual([]);
});

test('what was sealed here and has been changed is refused, by the name of its field', async () => {
  const { output } = await responses.compact({ model, input: 'Hello.' });
  const compaction = output.at(-1) as OpenAI.Responses.ResponseCompactionItem;
  const input = [{ ...compaction, encrypted_content: `${compaction.encrypted_content.slice(0, -2)}AA` }];
  await expect(responses.create({ model, input })).rejects.toMatchObject({
    status: 400,
    code: 'invalid_encrypted_content',
    param: 'input[0].encrypted_content',
  });
});

test.each([
  [{ input: 5 }, 'invalid_type', 'input'],
  [{ input: [{ role: 'robot', content: 'x' }] }, 'invalid_value', 'input[0].role'],
  [{ previous_response_id: 'resp_none' }, 'previous_response_not_found', 'previous_response_id'],
])('a compaction of %j is refused', async (body, code, param) => {
  await expect(responses.compact({ model, ...body } as never)).rejects.toMatchObject({ status: 400, code, param });
});

test('a compaction of what is no object is refused', async () => {
  const answer = await fetch(`${gateway.url}/v1/responses/compact`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '[1]',
  });
  expect(answer.status).toBe(400);
});

test('a request for a compaction without a body is refused, as it is by /openapi.json', async () => {
  expect((await fetch(`${gateway.url}/v1/responses/compact`, { method: 'POST' })).status).toBe(400);
});

test('a compaction of no fields is one of nothing', async () => {
  const compacted = await responses.compact({} as never);
  expect(compacted.output.map(({ type }) => type)).toEqual(['compaction']);
});

test('reasoning leaves sealed, and comes back to the model, for a client that keeps nothing else', async () => {
  const first = await responses.create({
    model,
    input: '/sim think The river is deep.\n/sim say Careful.',
    store: false,
    include: ['reasoning.encrypted_content'],
    reasoning: { summary: 'auto' },
  });
  const [item] = first.output as [OpenAI.Responses.ResponseReasoningItem];
  expect(item).toMatchObject({ type: 'reasoning', summary: [{ text: 'The river is deep.' }], content: [] });
  const { id, type, encrypted_content } = item;
  const call = { type: 'function_call' as const, call_id: 'call_1', name: 'look', arguments: '{}' };
  const output = { type: 'function_call_output' as const, call_id: 'call_1', output: 'Deep.' };
  await responses.create({
    model,
    input: [
      { role: 'user', content: 'Look.' },
      { id, type, summary: [], encrypted_content: encrypted_content! },
      call,
      output,
    ],
    store: false,
  });
  expect(gateway.prompts().at(-1)).toContain('<|channel|>analysis<|message|>The river is deep.<|end|>');
  expect(JSON.stringify(gateway.log)).not.toContain('river');
});
