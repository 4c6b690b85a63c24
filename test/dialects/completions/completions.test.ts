import { fileURLToPath } from 'node:url';
import type { CompletionCreateParamsBase } from 'openai/resources/completions';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../src/core/dialect.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import type { TurnEvent } from '../../../src/core/event.ts';
import { openCompletion } from '../../../src/dialects/completions/index.ts';
import { completionRequest } from '../../../src/dialects/completions/schema.ts';
import { completionFields } from '../../../src/dialects/completions/support.ts';
import { control } from '../../../src/harmony/encoding.ts';
import { cannedClient } from '../../support/canned-client.ts';
import { expectSoundAnswers } from '../../support/odd-bodies.ts';
import { refusalOf } from '../../support/refusal.ts';
import { propertiesOf } from '../../support/sdk-declarations.ts';
import { testSupportRows } from '../../support/support-rows.ts';
import { typeErrors } from '../../support/type-errors.ts';

const context = {
  ids: { next: (prefix: string) => `${prefix}_1` },
  clock: { now: () => 1_763_942_400_900, elapsed: () => 0 },
  textOf: (ids: readonly number[]) => `<${ids.join(' ')}>`,
};
const asked = { model: 'gpt-oss-20b', prompt: 'Say "hi".' };

const usage = { inputTokens: 10, cachedTokens: 4, outputTokens: 3, reasoningTokens: 0 };

function said(reason: 'stop' | 'length', ...deltas: string[]): TurnEvent[] {
  return [
    { type: 'turn-start', inputTokens: 10, cachedTokens: 4 },
    { type: 'reasoning-start' },
    { type: 'reasoning-delta', text: 'Hidden.' },
    { type: 'reasoning-end', text: 'Hidden.' },
    { type: 'text-start', phase: 'final' },
    ...deltas.map((text): TurnEvent => ({ type: 'text-delta', text })),
    { type: 'text-end', text: deltas.join('') },
    { type: 'turn-end', reason, usage },
  ];
}

function stream(answer: Answer, events: readonly TurnEvent[]): string[] {
  return events.flatMap((event) => answer.push(event)).map(({ data }) => data!);
}

const openWith = (fields: object) => openCompletion({ ...asked, ...fields }, context);

const shared = {
  id: 'cmpl_1',
  object: 'text_completion',
  created: 1_763_942_400,
  model: 'gpt-oss-20b',
  system_fingerprint: 'fp_codexpc',
};
const choice = (text: string, finish_reason: string | null) => [{ text, index: 0, logprobs: null, finish_reason }];

describe('a legacy completion', () => {
  it('is a turn that goes on with the prompt as it stands', () => {
    const { turn, further, warnings } = openCompletion(
      { ...asked, stop: ['\n', ''], max_tokens: 5, best_of: 1 },
      context,
    );
    expect(warnings).toEqual([]);
    expect(further).toEqual([]);
    expect(turn).toEqual({
      model: 'gpt-oss-20b',
      items: [],
      raw: 'Say "hi".',
      tools: [],
      toolChoice: { type: 'none' },
      parallelToolCalls: false,
      effort: 'none',
      format: { type: 'text' },
      maxOutputTokens: 5,
      temperature: 1,
      stop: ['\n'],
      conversationKey: null,
      fields: { conversation: 'prompt' },
    });
    expect(openCompletion(asked, context).turn.maxOutputTokens).toBe(16);
  });

  it('is a turn for each prompt and answer, whether the prompts are texts or token ids', () => {
    const raws = (fields: object) => {
      const { turn, further = [] } = openCompletion({ ...asked, ...fields }, context);
      return [turn, ...further].map(({ raw }) => raw);
    };
    expect(raws({ prompt: ['a', 'b'], n: 2 })).toEqual(['a', 'a', 'b', 'b']);
    expect(raws({ prompt: [200006, 0, 201087] })).toEqual([[200006, 0, 201087]]);
    expect(raws({ prompt: [[1, 2], [3]], n: 1, best_of: 1 })).toEqual([[1, 2], [3]]);
    const newText = [control.endoftext];
    for (const prompt of [null, undefined, '', ['']]) expect(raws({ prompt })).toEqual([newText]);
    expect(raws({ prompt: ['a', '', [1]] })).toEqual(['a', newText, [1]]);
    expect(raws({ n: 3, best_of: 3 })).toEqual([asked.prompt, asked.prompt, asked.prompt]);
  });

  it('streams its text, then the reason, then usage if asked for, then [DONE]', () => {
    const exchange = openCompletion({ ...asked, stream: true, stream_options: { include_usage: true } }, context);
    const data = stream(exchange.answer(), said('length', 'Hi', '\u2028!'));
    expect(data.pop()).toBe('[DONE]');
    expect(data.map((line) => JSON.parse(line))).toEqual([
      { ...shared, choices: choice('Hi', null), usage: null },
      { ...shared, choices: choice('\u2028!', null), usage: null },
      { ...shared, choices: choice('', 'length'), usage: null },
      {
        ...shared,
        choices: [],
        usage: expect.objectContaining({ prompt_tokens: 10, completion_tokens: 3, total_tokens: 13 }),
      },
    ]);
    expect(data.join('')).not.toContain('\u2028');
    expect(data[0]).not.toContain('Hidden');
  });

  it('is the same in one piece as in a stream, echo and all', () => {
    const answer = openCompletion({ ...asked, echo: true }, context).answer();
    const chunks = stream(answer, said('stop', 'Hi', '!')).slice(0, -1);
    const text = chunks.map((line) => JSON.parse(line).choices[0].text).join('');
    expect(text).toBe('Say "hi".Hi!');
    expect(answer.object()).toEqual({ ...shared, choices: choice(text, 'stop'), usage: expect.anything() });
    const begun = openWith({ prompt: null, echo: true }).answer();
    stream(begun, said('stop', 'Hi'));
    expect(begun.object()).toMatchObject({ choices: choice('Hi', 'stop') });
  });

  it('has a choice for each turn, with the echo and the prompt tokens of its own prompt', () => {
    const fields = { prompt: [[5, 6], [7]], n: 2, echo: true, stream_options: { include_usage: true } };
    const answer = openCompletion({ ...asked, ...fields }, context).answer();
    const texts = ['one', 'two', 'three', 'four'];
    const events = texts.flatMap((text, index) =>
      index === 3
        ? said('stop', text)
        : said(index === 1 ? 'length' : 'stop', text).map((event) => ({ ...event, more: true }) as TurnEvent),
    );
    const data = stream(answer, events);
    expect(data.pop()).toBe('[DONE]');
    const chunks = data.map((line) => JSON.parse(line));
    const told = chunks.pop();
    expect(told).toMatchObject({ choices: [], usage: { prompt_tokens: 20, completion_tokens: 12, total_tokens: 32 } });
    const folded = ['', '', '', ''];
    for (const { choices } of chunks) for (const { index, text } of choices) folded[index] += text;
    expect(folded).toEqual(['<5 6>one', '<5 6>two', '<7>three', '<7>four']);
    expect(answer.object()).toEqual({
      ...shared,
      choices: folded.map((text, index) => ({
        text,
        index,
        logprobs: null,
        finish_reason: index === 1 ? 'length' : 'stop',
      })),
      usage: told.usage,
    });
  });

  it('pads its texts to like sizes where that is asked for', () => {
    const answer = openCompletion({ ...asked, stream_options: { include_obfuscation: true } }, context).answer();
    const sizes = stream(answer, said('stop', 'a', 'Grüße, Welt', '"'))
      .slice(0, -2)
      .map((line) => Buffer.byteLength(line));
    expect(new Set(sizes.map((size) => size % 16))).toEqual(new Set([0]));
  });

  it("is read by OpenAI's client, and so is its breaking off", async () => {
    const answer = openCompletion({ ...asked, stream: true }, context).answer();
    const begun = stream(answer, said('stop', 'Hi', '!').slice(0, -1));
    const broken = [...begun, answer.fail(new GatewayError('backend_lost', 'The engine went away.'))[0]!.data!];
    const client = cannedClient(broken.map((line) => `data: ${line}\n\n`).join(''), 'text/event-stream');
    let text = '';
    const reading = (async () => {
      for await (const part of await client.completions.create({ ...asked, stream: true }))
        text += part.choices[0]!.text;
    })();
    await expect(reading).rejects.toMatchObject({ code: 'backend_lost' });
    expect(text).toBe('Hi!');
  });

  it("is of the type of OpenAI's SDK", async () => {
    const answer = openCompletion({ ...asked, stream_options: { include_usage: true } }, context).answer();
    const chunks = stream(answer, said('stop', 'Hi')).slice(0, -1);
    const source = `
import type { Completion } from 'modules/openai/resources/completions.js';
import type { WireTextChunk } from '${fileURLToPath(new URL('../chat/wire-types.ts', import.meta.url))}';
export const chunks: WireTextChunk[] = [${chunks.join(',\n')}];
export const object: Completion = ${JSON.stringify(answer.object())};`;
    expect(await typeErrors(source)).toEqual([]);
  });

  it('is refused where it asks for what is not there', () => {
    const codes = (fields: object) => {
      const { code, param } = refusalOf(() => openWith(fields));
      return { code, param };
    };
    const invalid = (param: string) => ({ code: 'invalid_value', param });
    expect(codes({ prompt: 5 })).toEqual(invalid('prompt'));
    expect(codes({ prompt: {} })).toEqual(invalid('prompt'));
    expect(codes({ prompt: [] })).toEqual(invalid('prompt'));
    expect(codes({ prompt: ['a', 1] })).toEqual(invalid('prompt[1]'));
    expect(codes({ prompt: [1, 'a'] })).toEqual(invalid('prompt[1]'));
    expect(codes({ prompt: [1, -1] })).toEqual(invalid('prompt[1]'));
    expect(codes({ prompt: [1, 1.5] })).toEqual(invalid('prompt[1]'));
    expect(codes({ prompt: [1, 201_088] })).toEqual(invalid('prompt[1]'));
    expect(codes({ prompt: [[1], []] })).toEqual(invalid('prompt[1]'));
    expect(codes({ prompt: [[1], [null]] })).toEqual(invalid('prompt[1][0]'));
    expect(codes({ n: 129 })).toEqual(invalid('n'));
    expect(codes({ n: 0 })).toEqual(invalid('n'));
    expect(codes({ n: 65, prompt: ['a', 'b'] })).toEqual(invalid('prompt'));
    expect(codes({ best_of: 2 })).toEqual({ code: 'unsupported_value', param: 'best_of' });
    expect(codes({ n: 3, best_of: 2 })).toEqual(invalid('best_of'));
    expect(codes({ max_tokens: 0 })).toEqual({ code: 'invalid_value', param: 'max_tokens' });
  });
});

/** Every parameter that OpenAI's SDK knows, each with a value that asks for something. */
const everything: Required<CompletionCreateParamsBase> = {
  model: 'gpt-oss-20b',
  prompt: ['a', 'b'],
  best_of: 1,
  echo: true,
  frequency_penalty: 1,
  logit_bias: { '50256': -100 },
  logprobs: 0,
  max_tokens: 5,
  n: 2,
  presence_penalty: 1,
  seed: 1,
  stop: ['END'],
  stream: true,
  stream_options: { include_usage: true },
  suffix: 'end',
  temperature: 0.5,
  top_p: 0.5,
  user: 'somebody',
};

it('no body, however odd, is met with anything but an answer or a 400 that says where', () => {
  const rich = { ...everything, logit_bias: {}, logprobs: null, suffix: '', n: 1, prompt: ['a', [1, 200_006], ''] };
  expect(openCompletion(rich, context).further).toHaveLength(2);
  expectSoundAnswers(rich, (body) => {
    const exchange = openCompletion(body, context);
    expect(exchange.turn.raw).not.toBe('');
    exchange.answer();
  });
});

describe('the support table of legacy completions', () => {
  const topLevel = completionFields.filter(({ field }) => !field.includes('.'));

  it("has every parameter of OpenAI's SDK, once, and no other", () => {
    const parameters = propertiesOf('resources/completions.d.ts', 'CompletionCreateParamsBase');
    expect(parameters.toSorted()).toEqual(Object.keys(everything).toSorted());
    expect(topLevel.map(({ field }) => field).toSorted()).toEqual(parameters.toSorted());
  });

  it('agrees with the schema on what is read', () => {
    const honoured = topLevel.filter(({ support }) => support === 'honoured').map(({ field }) => field);
    expect(honoured.toSorted()).toEqual(Object.keys(completionRequest.shape).toSorted());
  });

  testSupportRows(topLevel, everything, asked, (body) => openCompletion(body, context));
});
