import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChatCompletionCreateParamsBase } from 'openai/resources/chat/completions/completions';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/core/errors.ts';
import { chatRequest } from '../../../src/dialects/chat/schema.ts';
import { chatFields } from '../../../src/dialects/chat/support.ts';
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

function failureOf(fields: object): GatewayError {
  try {
    open({ ...question, ...fields });
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('the request was accepted');
}

describe('the support table', () => {
  it("has every parameter of OpenAI's SDK, once, and no other", async () => {
    const path = join(import.meta.dirname, '../../../node_modules/openai/resources/chat/completions/completions.d.ts');
    const text = await readFile(path, 'utf8');
    const body = /export interface ChatCompletionCreateParamsBase \{\n(.*?)\n\}/s.exec(text)![1]!;
    const parameters = [...body.matchAll(/^ {4}(\w+)\??:/gm)].map((match) => match[1]!);
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

  for (const { field, support, note, neutral } of topLevel) {
    const value = everything[field as keyof typeof everything];
    switch (support) {
      case 'honoured':
        it(`is right that ${field} is honoured: nothing is said of it`, () => {
          const { warnings } = open({ ...question, [field]: value });
          expect(warnings.filter((warning) => warning.startsWith(`${field} `))).toEqual([]);
        });
        break;
      case 'ignored':
        it(`is right that ${field} is ignored: the log has the reason, and the turn is the same`, () => {
          const { turn, warnings } = open({ ...question, [field]: value });
          expect(warnings).toEqual([`${field} has no effect: ${note}`]);
          expect(turn).toEqual(open(question).turn);
        });
        break;
      case 'refused':
        it(`is right that ${field} is refused: the error names it and has the reason`, () => {
          const error = failureOf({ [field]: value });
          expect(error).toMatchObject({
            status: 400,
            param: field,
            code: neutral === undefined ? 'unsupported_parameter' : 'unsupported_value',
          });
          expect(error.message).toContain(note);
        });
        break;
    }
    for (const same of neutral ?? []) {
      it(`takes ${field}: ${JSON.stringify(same)} in silence`, () => {
        expect(open({ ...question, [field]: same }).warnings).toEqual([]);
      });
    }
  }
});

it('unknown fields are accepted, and the log names them', () => {
  const { turn, warnings } = open({ ...question, top_k: 40, chat_template_kwargs: { thinking: true } });
  expect(turn).toEqual(open(question).turn);
  expect(warnings).toEqual([
    'top_k has no effect: it is no parameter of this API',
    'chat_template_kwargs has no effect: it is no parameter of this API',
  ]);
});
