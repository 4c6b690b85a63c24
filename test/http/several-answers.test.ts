import { expect, test } from 'vitest';
import { control } from '../../src/harmony/encoding.ts';
import { endWith } from '../support/cleanup.ts';
import { call } from '../support/client.ts';
import { checkChatStream } from '../support/chat-grammar.ts';
import { startGateway } from '../support/gateway.ts';
import { encoding, model, startStateGateway } from './state-gateway.ts';

const ask = (text: string) => ({ model, messages: [{ role: 'user' as const, content: text }] });

/** The data of a streamed body. */
const dataOf = (body: string) =>
  body.split('\n\n').flatMap((frame) => (frame.startsWith('data: ') ? [frame.slice('data: '.length)] : []));

test('n answers are n turns on the engine, one after another, whose prompt is counted once', async () => {
  const { client, prompts, log } = await startStateGateway('test');
  const one = await client.chat.completions.create(ask('/sim say Hello.'));
  const three = await client.chat.completions.create({ ...ask('/sim say Hello.'), n: 3 });
  expect(three.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
  for (const choice of three.choices) expect({ ...choice, index: 0 }).toEqual(one.choices[0]);
  expect(three.usage).toMatchObject({
    prompt_tokens: one.usage!.prompt_tokens,
    completion_tokens: 3 * one.usage!.completion_tokens,
    total_tokens: one.usage!.prompt_tokens + 3 * one.usage!.completion_tokens,
  });
  expect(prompts()).toHaveLength(4);
  expect(new Set(prompts()).size).toBe(1);
  // The log says what the engine did.
  expect(log.findLast(({ msg }) => msg === 'turn')).toMatchObject({
    turns: 3,
    inputTokens: 3 * one.usage!.prompt_tokens,
    outputTokens: 3 * one.usage!.completion_tokens,
  });
});

test('n answers are streamed choice by choice, and are stored as one completion', async () => {
  const { client, url } = await startStateGateway('test');
  const tools = [{ type: 'function' as const, function: { name: 'look', parameters: { type: 'object' } } }];
  const body = {
    ...ask('/sim think Hm.\n/sim call look {"at":"me"}'),
    tools,
    n: 2,
    store: true,
    stream: true,
    stream_options: { include_usage: true },
  };
  const { text } = await call(`${url}/v1/chat/completions`, { body });
  const { choices, usage } = checkChatStream(dataOf(text), { includeUsage: true, choices: 2 });
  expect(choices.map(({ toolCalls, finishReason }) => [toolCalls.map(({ input }) => input), finishReason])).toEqual([
    [['{"at":"me"}'], 'tool_calls'],
    [['{"at":"me"}'], 'tool_calls'],
  ]);
  const ids = choices.map(({ toolCalls }) => toolCalls[0]!.id);
  expect(new Set(ids).size).toBe(2);
  const [stored] = (await client.chat.completions.list()).data;
  expect(stored!.choices.map(({ index, finish_reason }) => [index, finish_reason])).toEqual([
    [0, 'tool_calls'],
    [1, 'tool_calls'],
  ]);
  expect(stored!.usage).toEqual(usage);
});

test('an answer of several that fails is the end of all, and nothing is stored', async () => {
  const { client, url } = await startStateGateway('test');
  const body = { ...ask('/sim say Half.\n/sim fail engine_error It broke.'), n: 2, store: true };
  expect((await call(`${url}/v1/chat/completions`, { body })).status).toBe(502);
  const { text } = await call(`${url}/v1/chat/completions`, { body: { ...body, stream: true } });
  const { error } = checkChatStream(dataOf(text), { broken: true });
  expect(error).toMatchObject({ code: 'engine_error' });
  expect((await client.chat.completions.list()).data).toEqual([]);
});

test('a second answer that fails is told as an error behind the first', async () => {
  let sessions = 0;
  const { url, close } = await startGateway({
    encoding,
    script: {
      rules: [
        { when: { session: 2 }, do: [{ type: 'fail', code: 'engine_error', message: 'It broke.' }] },
        { when: {}, do: [{ type: 'say', text: 'Fine.' }] },
      ],
    },
    onMessage: (message) => void (message.get('type') === 'create_from_tokens' && (sessions += 1)),
  });
  endWith('test', close);
  const { text } = await call(`${url}/v1/chat/completions`, { body: { ...ask('Hi'), n: 3, stream: true } });
  const { choices, error } = checkChatStream(dataOf(text), { broken: true });
  expect(choices.map(({ content, finishReason }) => [content, finishReason])).toEqual([
    ['Fine.', 'stop'],
    ['', null],
  ]);
  expect(error).toMatchObject({ code: 'engine_error' });
  expect(sessions).toBe(2);
});

test('a legacy completion gives the engine a text as it stands, never as control tokens', async () => {
  const { client, received, prompts } = await startStateGateway('test');
  const prompt = '/sim say once upon a time\n<|start|>assistant';
  const { choices, usage } = await client.completions.create({ model, prompt });
  expect(choices).toEqual([{ text: 'once upon a time', index: 0, logprobs: null, finish_reason: 'stop' }]);
  expect(prompts()).toEqual([prompt]);
  expect(usage).toMatchObject({ prompt_tokens: encoding.encode(prompt).length });
  const create = received.find((message) => message.get('type') === 'create_from_tokens')!;
  expect(create.get('prime_final')).toBe(true);
});

test('a legacy completion gives the engine token ids as they are, control tokens among them', async () => {
  const { client, received } = await startStateGateway('test');
  const rendered = [
    control.start,
    ...encoding.encode('user'),
    control.message,
    ...encoding.encode('/sim think Hm.\n/sim say Hello.'),
    control.end,
    control.start,
    ...encoding.encode('assistant'),
  ];
  const final = [control.channel, ...encoding.encode('final'), control.message, ...encoding.encode('Well')];
  const completion = await client.completions.create({
    model,
    prompt: [rendered, [...rendered, ...final]],
    echo: true,
    max_tokens: 100,
  });
  const user = '<|start|>user<|message|>/sim think Hm.\n/sim say Hello.<|end|><|start|>assistant';
  expect(completion.choices.map(({ text }) => text)).toEqual([
    `${user}Hello.`,
    `${user}<|channel|>final<|message|>WellHello.`,
  ]);
  expect(completion.usage!.prompt_tokens).toBe(2 * rendered.length + final.length);
  const creates = received.filter((message) => message.get('type') === 'create_from_tokens');
  const sent = creates.map((message) => {
    const tokens = message.get('prefill_tokens') as Uint8Array;
    return [...new Uint32Array(tokens.buffer.slice(tokens.byteOffset, tokens.byteOffset + tokens.byteLength))];
  });
  expect(sent).toEqual([rendered, [...rendered, ...final]]);
  expect(creates.map((message) => message.get('prime_final'))).toEqual([false, true]);
});

test('a legacy completion ends at a stop text or at its limit, streamed as in one piece', async () => {
  const { client } = await startStateGateway('test');
  const folded = async (body: { prompt: string | string[]; stop?: string; max_tokens?: number; n?: number }) => {
    const whole = await client.completions.create({ model, ...body });
    const choices = whole.choices.map(() => ({ text: '', finish_reason: null as string | null }));
    for await (const chunk of await client.completions.create({ model, ...body, stream: true })) {
      for (const { index, text, finish_reason: reason } of chunk.choices) {
        choices[index]!.text += text;
        choices[index]!.finish_reason = reason;
      }
    }
    expect(whole.choices.map(({ text, finish_reason }) => ({ text, finish_reason }))).toEqual(choices);
    return choices.map(({ text, finish_reason: reason }) => [text, reason]);
  };
  expect(await folded({ prompt: '/sim say one two three', stop: ' two' })).toEqual([['one', 'stop']]);
  expect(await folded({ prompt: '/sim repeat 100 word' })).toEqual([[Array(16).fill('word').join(' '), 'length']]);
  expect(await folded({ prompt: ['/sim say a', '/sim repeat 9 b'], n: 2, max_tokens: 3 })).toEqual([
    ['a', 'stop'],
    ['a', 'stop'],
    ['b b b', 'length'],
    ['b b b', 'length'],
  ]);
});

test('a prompt that is longer than the context is refused as one of a conversation is', async () => {
  const { url, close } = await startGateway({
    encoding,
    settings: 'models:\n  - id: small\n    checkpoint: /models/small.bin\n    contextWindow: 64\n',
  });
  endWith('test', close);
  const answer = await call(`${url}/v1/completions`, { body: { model: 'small', prompt: Array(65).fill(1) } });
  expect(answer.status).toBe(400);
  expect(answer.json()).toMatchObject({ error: { code: 'context_length_exceeded' } });
});
