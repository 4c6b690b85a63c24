import type { ChatCompletionCreateParamsBase } from 'openai/resources/chat/completions/completions';
import { describe, expect, it } from 'vitest';
import { chatRequest } from '../../../src/dialects/chat/schema.ts';
import { chatFields } from '../../../src/dialects/chat/support.ts';
import { propertiesOf } from '../../support/sdk-declarations.ts';
import { testSupportRows } from '../../support/support-rows.ts';
import { open, question, weatherTool } from './turns.ts';

/** Every parameter that OpenAI's SDK knows, each with a value that asks for something. */
const everything: Required<ChatCompletionCreateParamsBase> = {
  model: 'gpt-oss-20b',
  messages: [{ role: 'user', content: 'Hi' }],
  audio: { format: 'wav', voice: 'alloy' },
  frequency_penalty: 1,
  function_call: 'auto',
  functions: [{ name: 'f' }],
  logit_bias: { '50256': -100 },
  logprobs: true,
  max_completion_tokens: 10,
  max_tokens: 10,
  metadata: { key: 'value' },
  modalities: ['text', 'audio'],
  moderation: { model: 'omni-moderation-latest' },
  n: 2,
  parallel_tool_calls: false,
  prediction: { type: 'content', content: 'Hi' },
  presence_penalty: 1,
  prompt_cache_key: 'thread',
  prompt_cache_options: { mode: 'explicit' },
  prompt_cache_retention: '24h',
  reasoning_effort: 'low',
  response_format: { type: 'json_object' },
  safety_identifier: 'somebody',
  seed: 1,
  service_tier: 'flex',
  stop: ['END'],
  store: true,
  stream: true,
  stream_options: { include_usage: true, include_obfuscation: true },
  temperature: 0.5,
  tool_choice: 'auto',
  tools: [weatherTool as never],
  top_logprobs: 3,
  top_p: 0.5,
  user: 'somebody',
  verbosity: 'low',
  web_search_options: {
    search_context_size: 'low',
  },
};

const topLevel = chatFields.filter(({ field }) => !/[.[]/.test(field));

describe('the support table', () => {
  it("has every parameter of OpenAI's SDK, once, and no other", async () => {
    const file = 'resources/chat/completions/completions.d.ts';
    const parameters = propertiesOf(file, 'ChatCompletionCreateParamsBase');
    expect(parameters).toHaveLength(Object.keys(everything).length);
    expect(topLevel.map(({ field }) => field).toSorted()).toEqual(parameters.toSorted());
    expect(new Set(chatFields.map(({ field }) => field)).size).toBe(chatFields.length);
  });

  it('gives a reason for everything that is not honoured', () => {
    const silent = chatFields.filter(({ support, note }) => support !== 'honoured' && note === '');
    expect(silent).toEqual([]);
  });

  it('agrees with the schema on what is read', () => {
    const read = Object.keys(chatRequest.shape);
    // Of the tier the answer speaks, though it changes nothing.
    const honoured = topLevel.filter(({ support, field }) => support === 'honoured' || field === 'service_tier');
    expect(honoured.map(({ field }) => field).toSorted()).toEqual(read.toSorted());
  });

  testSupportRows(topLevel, everything, question, open);
});

it('unknown fields are accepted, and the log names them', () => {
  const { turn, warnings } = open({ ...question, top_k: 40, chat_template_kwargs: { thinking: true } });
  expect(turn).toEqual(open(question).turn);
  expect(warnings).toEqual([
    'top_k has no effect: it is no parameter of this API',
    'chat_template_kwargs has no effect: it is no parameter of this API',
  ]);
});

it('of very many unknown fields the log names some and counts the others', () => {
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`field_${index}`, 0]));
  const { warnings } = open({ ...question, ...many });
  expect(warnings.length).toBe(21);
  expect(warnings[0]).toContain('field_0 ');
  expect(warnings.at(-1)).toBe('980 more fields have no effect: they are no parameters of this API');
});
