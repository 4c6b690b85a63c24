import type OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { checkResponseObject, checkResponseStream } from '../support/response-grammar.ts';
import { call } from '../support/client.ts';
import { model, startStateGateway } from './state-gateway.ts';

const above = (tokens: number) => [{ type: 'compaction', compact_threshold: tokens }];

const said = [
  { role: 'user' as const, content: 'My name is Ada.' },
  { role: 'assistant' as const, content: `Hello Ada. ${'I like ferns. '.repeat(100)}` },
];

const typesOf = (output: readonly { readonly type: string }[]) =>
  output.map(({ type }) => type).filter((type) => type !== 'reasoning');

describe.each(['classic', 'tokens'])('context_management with a daemon of the kind %s', async (output) => {
  const gateway = await startStateGateway('file', { settings: `simulator: { output: ${output} }` });
  const { client, prompts, url } = gateway;
  const { responses } = client;

  test('a prompt above the threshold is summed up first, and the answer goes on from the summary', async () => {
    const before = prompts().length;
    const input = [...said, { role: 'user' as const, content: '/sim say Tea.' }];
    const response = await responses.create({ model, input, context_management: above(300), instructions: 'Be kind.' });
    expect(typesOf(response.output)).toEqual(['compaction', 'message']);
    checkResponseObject({ ...response, output_text: undefined });
    const [summing, answering] = prompts().slice(before);
    expect(summing).toContain('I like ferns.');
    expect(summing).toMatch(/summary of this conversation[^]*<\|start\|>assistant$/);
    expect(answering).not.toContain('Hello Ada.');
    expect(answering).toContain('Be kind.');
    expect(answering).toMatch(/My name is Ada\.[^]*This is a summary[^]*<\|start\|>assistant$/);
    const { usage } = response;
    expect(usage!.total_tokens).toBe(usage!.input_tokens + usage!.output_tokens);
    expect(usage!.input_tokens).toBeGreaterThan(500);

    // What follows reads what was read for this answer, and nothing before it.
    await responses.create({ model, previous_response_id: response.id, input: 'And now?', instructions: 'Be kind.' });
    const common = answering!.slice(0, answering!.lastIndexOf('<|start|>assistant'));
    expect(prompts().at(-1)!.slice(0, common.length)).toBe(common);
  });

  test('a prompt below the threshold is left as it is, and one with nothing to be summed up', async () => {
    const short = await responses.create({ model, input: [...said], context_management: above(100_000) });
    const first = await responses.create({ model, input: `Hi. ${'x '.repeat(500)}`, context_management: above(10) });
    for (const response of [short, first]) expect(typesOf(response.output)).toEqual(['message']);
  });

  test('a conversation is compacted once, until the model has said more', async () => {
    const { id: conversation } = await client.conversations.create({ items: said });
    const ask = () => responses.create({ model, conversation, input: 'Go on.', context_management: above(300) });
    expect(typesOf((await ask()).output)).toEqual(['compaction', 'message']);
    expect(typesOf((await ask()).output)).toContain('message');
    const listed: string[] = [];
    for await (const { type } of client.conversations.items.list(conversation)) listed.push(type);
    expect(listed).toContain('compaction');
  });

  test('its stream, made while the client waits, in the background, or again, keeps the grammar', async () => {
    const body = {
      model,
      input: [...said, { role: 'user', content: '/sim say Tea.' }],
      context_management: above(300),
      stream: true,
    };
    const framesOf = (text: string) =>
      text.split('\n\n').flatMap((frame) => {
        const [, event, data] = /^(?:id: \d+\n)?event: (.*)\ndata: (.*)$/.exec(frame) ?? [];
        return event === undefined ? [] : [{ event, data: data! }];
      });
    for (const background of [false, true]) {
      const frames = framesOf((await call(`${url}/v1/responses`, { body: { ...body, background } })).text);
      const response = checkResponseStream(frames) as unknown as OpenAI.Responses.Response;
      expect(typesOf(response.output)).toEqual(['compaction', 'message']);
      const again = framesOf((await call(`${url}/v1/responses/${response.id}?stream=true`)).text);
      expect(again).toEqual(frames);
    }
  });
});

test('what was done before the summary is not asked for again: calls and outputs go together', async () => {
  const { client, prompts } = await startStateGateway('test', { settings: 'simulator: { output: tokens }' });
  const look = { type: 'function_call' as const, call_id: 'call_1', name: 'look', arguments: '{}' };
  const seen = { type: 'function_call_output' as const, call_id: 'call_1', output: 'A fern. '.repeat(200) };
  const input = [{ role: 'user' as const, content: 'Look. /sim say Seen.' }, look, seen];
  const response = await client.responses.create({ model, input, context_management: above(300) });
  expect(typesOf(response.output)).toEqual(['compaction', 'message']);
  expect(prompts().at(-1)).not.toContain('functions.look');
  const next = [...input, ...response.output, { role: 'user' as const, content: 'And now?' }];
  await client.responses.create({ model, input: next as OpenAI.Responses.ResponseInput, store: false });
  expect(prompts().at(-1)).not.toContain('functions.look');
});

test.each([
  ['what asks for it', 620],
  ['the whole of it', 760],
])('where there is no room for a summary, not for %s, the turn goes on as it is', async (_what, contextWindow) => {
  const settings = `models: [{ id: gpt-oss-20b, checkpoint: /models/gpt-oss-20b.bin, contextWindow: ${contextWindow} }]`;
  const { client, prompts } = await startStateGateway('test', { settings });
  const input = [...said, { role: 'user' as const, content: '/sim say Tea.' }];
  const response = await client.responses.create({ model, input, context_management: above(300) });
  expect(typesOf(response.output)).toEqual(['message']);
  expect(prompts().at(-1)).toContain('Hello Ada.');
  expect(prompts().at(-1)).not.toContain('summary of this conversation');
  expect(prompts()).toHaveLength(contextWindow > 700 ? 2 : 1);
  expect(response.usage!.input_tokens > 1000).toBe(contextWindow > 700);
});

test.each([
  [[{ type: 'other', compact_threshold: 5 }], 'context_management[0].type'],
  [[{ type: 'compaction', compact_threshold: -1 }], 'context_management[0].compact_threshold'],
  [{ type: 'compaction' }, 'context_management'],
  [[null], 'context_management[0]'],
])('context_management %j is refused', async (management, param) => {
  const { url } = await startStateGateway('test');
  const answer = await call(`${url}/v1/responses`, { body: { model, input: 'x', context_management: management } });
  expect(answer.status).toBe(400);
  expect(answer.json()).toMatchObject({ error: { param } });
});
