import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/core/errors.ts';
import { openChat } from '../../../src/dialects/chat/index.ts';
import { createChatAnswer } from '../../../src/dialects/chat/to-stream.ts';
import { cannedClient } from '../../support/canned-client.ts';
import { checkChatStream } from '../../support/chat-grammar.ts';
import { countingIds, followed, now, reasoning, text, toolCall, turn, weather } from '../../support/turn-events.ts';
import { dataOf, open, question, run, turns, weatherTool } from './turns.ts';

const shared = {
  id: 'chatcmpl_000000000000000000000001',
  object: 'chat.completion.chunk',
  created: Math.floor(now / 1000),
  model: 'gpt-oss-20b',
  system_fingerprint: 'fp_codexpc',
};

function streamOf(fields: object, events: Parameters<typeof run>[1]): string[] {
  return dataOf(run(open({ ...question, ...fields, stream: true }).answer(), events));
}

function eventStream(data: readonly string[]): string {
  return data.map((line) => `data: ${line}\n\n`).join('');
}

describe('a stream of chat completion chunks', () => {
  it('is exactly this for a short answer', () => {
    expect(
      streamOf({}, turn('stop', text('final', 'Hi', '!'))).map((data) => data === '[DONE]' || JSON.parse(data)),
    ).toEqual([
      {
        ...shared,
        choices: [
          { index: 0, delta: { role: 'assistant', content: '', refusal: null }, logprobs: null, finish_reason: null },
        ],
      },
      { ...shared, choices: [{ index: 0, delta: { content: 'Hi' }, logprobs: null, finish_reason: null }] },
      { ...shared, choices: [{ index: 0, delta: { content: '!' }, logprobs: null, finish_reason: null }] },
      { ...shared, choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }] },
      true,
    ]);
  });

  it('names a call once and then carries its arguments alone', () => {
    const data = streamOf(
      { tools: [weatherTool] },
      turn('tool-calls', toolCall('call_a', weather, '{"city"', ':"Paris"}')),
    );
    const deltas = data.slice(0, -1).map((line) => JSON.parse(line).choices[0].delta);
    expect(deltas).toEqual([
      { role: 'assistant', content: null, refusal: null },
      {
        tool_calls: [{ index: 0, id: 'call_a', type: 'function', function: { name: 'get_weather', arguments: '' } }],
      },
      { tool_calls: [{ index: 0, function: { arguments: '{"city"' } }] },
      { tool_calls: [{ index: 0, function: { arguments: ':"Paris"}' } }] },
      {},
    ]);
    expect(JSON.parse(data.at(-2)!).choices[0].finish_reason).toBe('tool_calls');
  });

  for (const { name, fields, events } of turns) {
    for (const includeUsage of [false, true]) {
      it(`keeps the grammar: ${name}${includeUsage ? ', usage asked for' : ''}`, () => {
        const data = streamOf({ ...fields, stream_options: { include_usage: includeUsage } }, events);
        checkChatStream(data, { includeUsage });
      });
    }

    it(`adds up to the object: ${name}`, () => {
      const answer = open({ ...question, ...fields }).answer();
      const [folded] = checkChatStream(dataOf(run(answer, events))).choices;
      const { message, finish_reason } = (answer.object() as OpenAI.ChatCompletion).choices[0]!;
      expect(message.content).toBe(folded!.content);
      expect((message as { reasoning_content?: string }).reasoning_content ?? '').toBe(folded!.reasoning);
      expect((message as { reasoning?: string }).reasoning ?? '').toBe(folded!.reasoning);
      expect(message.function_call ?? null).toEqual(folded!.functionCall);
      expect(message.tool_calls ?? []).toEqual(
        folded!.toolCalls.map(({ id, type, name: tool, input }) =>
          type === 'function'
            ? { id, type, function: { name: tool, arguments: input } }
            : { id, type, custom: { name: tool, input } },
        ),
      );
      expect(finish_reason).toBe(folded!.finishReason);
    });

    it(`is read by OpenAI's client as the object is: ${name}`, async () => {
      const answer = open({ ...question, ...fields, stream_options: { include_usage: true } }).answer();
      const body = eventStream(dataOf(run(answer, events)));
      const request = { model: 'gpt-oss-20b', messages: [] };
      const streamed = await cannedClient(body, 'text/event-stream')
        .chat.completions.stream({ ...request, stream_options: { include_usage: true } })
        .finalChatCompletion();
      const plain = await cannedClient(JSON.stringify(answer.object()), 'application/json').chat.completions.create(
        request,
      );
      const { message: streamedMessage, ...streamedChoice } = streamed.choices[0]!;
      const { message: plainMessage, ...plainChoice } = plain.choices[0]!;
      expect(streamedChoice).toEqual(plainChoice);
      expect(streamed.usage).toEqual(plain.usage);
      expect(streamed.id).toBe(plain.id);
      expect(streamedMessage.content).toBe(plainMessage.content);
      expect(streamedMessage.function_call).toEqual(plainMessage.function_call);
      // The client's helper adds what it parsed of the arguments to the calls it folds.
      expect(streamedMessage.tool_calls ?? []).toMatchObject(plainMessage.tool_calls ?? []);
    });
  }

  it('puts an empty line between a preamble and the answer', () => {
    const data = streamOf({}, turn('stop', text('commentary', 'First this.'), text('final', 'Then', ' that.')));
    expect(checkChatStream(data).choices[0]!.content).toBe('First this.\n\nThen that.');
  });

  it('keeps a preamble out of content that must be JSON', () => {
    const events = turn('stop', text('commentary', 'Let me see.'), text('final', '{"a":1}'));
    const [choice] = checkChatStream(streamOf({ response_format: { type: 'json_object' } }, events)).choices;
    expect(choice).toMatchObject({ content: '{"a":1}', reasoning: 'Let me see.' });
  });

  it('answers `functions` with one function_call, however many the model makes', () => {
    const events = turn('tool-calls', toolCall('call_a', weather, '{"n":1}'), toolCall('call_b', weather, '{"n":2}'));
    const [choice] = checkChatStream(streamOf({ functions: [weatherTool.function] }, events)).choices;
    expect(choice).toMatchObject({
      toolCalls: [],
      functionCall: { name: 'get_weather', arguments: '{"n":1}' },
      finishReason: 'function_call',
    });
  });

  it('tells usage complete, in one last chunk without choices', () => {
    const data = streamOf({ stream_options: { include_usage: true } }, turn('stop', text('final', 'Hi')));
    expect(data.at(-1)).toBe('[DONE]');
    expect(JSON.parse(data.at(-2)!)).toEqual({
      ...shared,
      choices: [],
      usage: {
        prompt_tokens: 100,
        completion_tokens: 30,
        total_tokens: 130,
        prompt_tokens_details: {
          cached_tokens: 60,
          cache_write_tokens: 0,
          text_tokens: 100,
          audio_tokens: 0,
          image_tokens: 0,
        },
        completion_tokens_details: {
          reasoning_tokens: 12,
          text_tokens: 18,
          audio_tokens: 0,
          accepted_prediction_tokens: 0,
          rejected_prediction_tokens: 0,
        },
      },
    });
  });

  it('says nothing while the turn waits, and a comment keeps the connection warm', () => {
    const answer = open(question).answer();
    expect(answer.push({ type: 'turn-queued', position: 3 })).toEqual([]);
    expect(answer.keepAlive()).toEqual({ event: null, data: null });
  });

  it('breaks off with the error and without [DONE], and the client throws it', async () => {
    const answer = open({ ...question, stream: true }).answer();
    const begun = run(answer, turn('stop', text('final', 'Hal')).slice(0, 4));
    const error = new GatewayError('backend_lost', 'The engine went away.');
    const data = dataOf([...begun, ...answer.fail(error)]);
    expect(checkChatStream(data, { broken: true }).error).toEqual({
      message: 'The engine went away.',
      type: 'server_error',
      param: null,
      code: 'backend_lost',
    });
    const stream = await cannedClient(eventStream(data), 'text/event-stream').chat.completions.create({
      model: 'gpt-oss-20b',
      messages: [],
      stream: true,
    });
    let seen = '';
    const reading = (async () => {
      for await (const chunk of stream) seen += chunk.choices[0]?.delta.content ?? '';
    })();
    await expect(reading).rejects.toMatchObject({ code: 'backend_lost', type: 'server_error' });
    expect(seen).toBe('Hal');
  });

  it('makes of two turns two choices', () => {
    const answer = createChatAnswer({
      completion: { id: 'chatcmpl_1', created: 1, model: 'm', showTier: false },
      includeUsage: true,
      obfuscate: false,
      showsReasoning: true,
      mayCall: false,
      legacyFunctions: false,
      jsonContent: false,
    });
    const events = [...followed(turn('stop', text('final', 'One'))), ...turn('length', text('final', 'Two'))];
    const { choices, usage } = checkChatStream(dataOf(run(answer, events)), { includeUsage: true, choices: 2 });
    expect(choices.map(({ content, finishReason }) => [content, finishReason])).toEqual([
      ['One', 'stop'],
      ['Two', 'length'],
    ]);
    expect(usage).toMatchObject({ prompt_tokens: 100, completion_tokens: 60, total_tokens: 160 });
    expect(answer.object()).toMatchObject({
      choices: [{ message: { content: 'One' } }, { message: { content: 'Two' } }],
      usage,
    });
  });

  it('leaves reasoning out where it is not to be shown', () => {
    const events = turn('stop', reasoning('Hm.'), text('commentary', 'Well.'), reasoning('So.'), text('final', 'Yes.'));
    const context = { ids: countingIds(), clock: { now: () => now, elapsed: () => 0 }, showsReasoning: false };
    const answer = openChat(question, context).answer();
    const [choice] = checkChatStream(dataOf(run(answer, events))).choices;
    expect(choice).toMatchObject({ content: 'Well.\n\nYes.', reasoning: '' });
    const { message } = (answer.object() as OpenAI.ChatCompletion).choices[0]!;
    expect(Object.keys(message).filter((key) => key.startsWith('reasoning'))).toEqual([]);
  });

  it('pads every delta to like sizes where that is asked for, and only then', () => {
    const body = { ...question, tools: [weatherTool], stream_options: { include_obfuscation: true } };
    const blocks = [
      text('commentary', 'a', 'Grüße', 'x'.repeat(100)),
      toolCall('call_a', weather, '{"city":', '"Rome"}'),
    ];
    const events = turn('tool-calls', ...blocks);
    const chunks = dataOf(run(open(body).answer(), events)).slice(0, -1);
    const plain = dataOf(run(open({ ...question, tools: [weatherTool] }).answer(), events)).slice(0, -1);
    const unpadded = chunks.map((line) => {
      const { obfuscation, ...chunk } = JSON.parse(line);
      return { obfuscation, line: JSON.stringify(chunk) };
    });
    expect(unpadded.map(({ line }) => line)).toEqual(plain.map((line) => JSON.stringify(JSON.parse(line))));
    const sizes = chunks.slice(0, -1).map((line) => Buffer.byteLength(line));
    expect(new Set(sizes.map((size) => size % 16))).toEqual(new Set([0]));
    expect(unpadded.slice(0, -1).every(({ obfuscation }) => typeof obfuscation === 'string')).toBe(true);
    expect(unpadded.at(-1)!.obfuscation).toBeUndefined();
    expect(plain.join('')).not.toContain('obfuscation');
  });

  it('speaks of a service tier only to those who did', () => {
    const answer = open({ ...question, service_tier: 'flex' }).answer();
    const data = dataOf(run(answer, turn('stop', text('final', 'Hi'))));
    expect(JSON.parse(data[0]!)).toMatchObject({ service_tier: 'default' });
    expect(answer.object()).toMatchObject({ service_tier: 'default' });
    expect(open(question).answer().object()).not.toHaveProperty('service_tier');
  });
});
