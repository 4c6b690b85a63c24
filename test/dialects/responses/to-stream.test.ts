import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../src/core/dialect.ts';
import { failures, GatewayError } from '../../../src/core/errors.ts';
import type { FailureCode } from '../../../src/core/errors.ts';
import { cannedClient } from '../../support/canned-client.ts';
import { checkResponseObject, checkResponseStream } from '../../support/response-grammar.ts';
import { end, now, patch, queued, reasoning, start, text, toolCall, turn, weather } from '../../support/turn-events.ts';
import { eventsOf, failure, namespaced, open, question, run, silence, turns, weatherTool } from './turns.ts';
import type { Step } from './turns.ts';

function streamOf(fields: object, steps: readonly Step[]): Frame[] {
  return run(open({ ...question, ...fields, stream: true }).answer(), steps);
}

function eventStream(frames: readonly Frame[]): string {
  return frames.map(({ event, data }) => `event: ${event}\ndata: ${data}\n\n`).join('');
}

describe('a stream of response events', () => {
  it('is exactly this for a short answer', () => {
    const [created, inProgress, ...events] = eventsOf(streamOf({}, turn('stop', text('final', 'Hi', '!'))));
    const response = {
      id: 'resp_000000000000000000000001',
      object: 'response',
      created_at: Math.floor(now / 1000),
      status: 'in_progress',
      completed_at: null,
      error: null,
      incomplete_details: null,
      output: [],
      usage: null,
      access_programs: null,
      background: false,
      frequency_penalty: 0,
      instructions: null,
      max_output_tokens: null,
      max_tool_calls: null,
      metadata: {},
      model: 'gpt-oss-20b',
      parallel_tool_calls: true,
      presence_penalty: 0,
      previous_response_id: null,
      prompt_cache_key: null,
      prompt_cache_retention: null,
      reasoning: { effort: 'medium', summary: null },
      safety_identifier: null,
      service_tier: 'default',
      store: false,
      temperature: 1,
      text: { format: { type: 'text' }, verbosity: 'medium' },
      tool_choice: 'auto',
      tools: [],
      top_logprobs: 0,
      top_p: 1,
      truncation: 'disabled',
      user: null,
    };
    expect(created).toEqual({ type: 'response.created', sequence_number: 0, response });
    expect(inProgress).toEqual({ type: 'response.in_progress', sequence_number: 1, response });
    const id = 'msg_000000000000000000000002';
    const place = { item_id: id, output_index: 0, content_index: 0 };
    const message = { type: 'message', id, role: 'assistant', phase: 'final_answer' };
    const part = { type: 'output_text', annotations: [], logprobs: [], text: 'Hi!' };
    const done = { ...message, status: 'completed', content: [part] };
    expect(events).toEqual([
      {
        type: 'response.output_item.added',
        sequence_number: 2,
        output_index: 0,
        item: { ...message, status: 'in_progress', content: [] },
      },
      { type: 'response.content_part.added', sequence_number: 3, ...place, part: { ...part, text: '' } },
      { type: 'response.output_text.delta', sequence_number: 4, ...place, delta: 'Hi', logprobs: [] },
      { type: 'response.output_text.delta', sequence_number: 5, ...place, delta: '!', logprobs: [] },
      { type: 'response.output_text.done', sequence_number: 6, ...place, text: 'Hi!', logprobs: [] },
      { type: 'response.content_part.done', sequence_number: 7, ...place, part },
      { type: 'response.output_item.done', sequence_number: 8, output_index: 0, item: done },
      {
        type: 'response.completed',
        sequence_number: 9,
        response: {
          ...response,
          status: 'completed',
          completed_at: Math.floor(now / 1000) + 2,
          output: [done],
          usage: {
            input_tokens: 100,
            input_tokens_details: { cached_tokens: 60, cache_write_tokens: 0 },
            output_tokens: 30,
            output_tokens_details: { reasoning_tokens: 12 },
            total_tokens: 130,
          },
        },
      },
    ]);
  });

  for (const { name, fields, steps } of turns) {
    it(`keeps the grammar: ${name}`, () => {
      const frames = streamOf(fields, steps);
      expect(() => checkResponseStream(frames)).not.toThrow();
    });

    it(`tells the same as the object in one piece: ${name}`, () => {
      const answer = open({ ...question, ...fields }).answer();
      const final = checkResponseStream(run(answer, steps));
      const object = JSON.parse(JSON.stringify(answer.object()));
      expect(object).toEqual(final);
      expect(Object.keys(object)).toEqual(Object.keys(final));
      checkResponseObject(object);
    });

    it(`is read by OpenAI's own stream reader: ${name}`, async () => {
      const frames = streamOf(fields, steps);
      const client = cannedClient(eventStream(frames), 'text/event-stream');
      const stream = client.responses.stream({ model: 'gpt-oss-20b', input: 'x' });
      const seen: string[] = [];
      stream.on('event', (event) => seen.push(event.type));
      const response = await stream.finalResponse();
      expect(seen).toEqual(frames.map(({ event }) => event));
      const { response: final } = eventsOf(frames).at(-1)!;
      expect(response.output.map(({ id, type }) => [id, type])).toEqual(
        final['output'].map((item: any) => [item.id, item.type]),
      );
      expect(response.usage).toEqual(final['usage']);
    });
  }

  it('says created and queued once, however often the position changes', () => {
    const frames = streamOf({}, [queued, { type: 'turn-queued', position: 3 }, start, end('stop')]);
    expect(eventsOf(frames).map(({ type, response }) => [type, response.status])).toEqual([
      ['response.created', 'queued'],
      ['response.queued', 'queued'],
      ['response.in_progress', 'in_progress'],
      ['response.completed', 'completed'],
    ]);
  });

  it('marks what the token limit cut off, and only that', () => {
    const events = eventsOf(streamOf({}, turn('length', reasoning('Done.'), text('final', 'Cut'))));
    const done = events.filter(({ type }) => type === 'response.output_item.done');
    expect(done.map(({ item }) => [item.type, item.status])).toEqual([
      ['reasoning', 'completed'],
      ['message', 'incomplete'],
    ]);
    expect(events.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, completed_at: null },
    });
  });

  it('answers calls in the form of their tools, namespaces included', () => {
    const events = eventsOf(
      streamOf(
        {},
        turn(
          'tool-calls',
          toolCall('call_a', weather, '{}'),
          toolCall('call_b', namespaced, '{}'),
          toolCall('call_c', patch, 'free'),
        ),
      ),
    );
    const { output } = events.at(-1)!['response'];
    expect(output).toEqual([
      {
        type: 'function_call',
        id: expect.stringMatching(/^fc_/),
        call_id: 'call_a',
        name: 'get_weather',
        arguments: '{}',
        status: 'completed',
      },
      {
        type: 'function_call',
        id: expect.stringMatching(/^fc_/),
        call_id: 'call_b',
        name: 'lookup',
        namespace: 'crm',
        arguments: '{}',
        status: 'completed',
      },
      {
        type: 'custom_tool_call',
        id: expect.stringMatching(/^ctc_/),
        call_id: 'call_c',
        name: 'apply_patch',
        input: 'free',
        status: 'completed',
      },
    ]);
  });

  it('names commentary and the final answer by their phases', () => {
    const events = eventsOf(streamOf({}, turn('stop', text('commentary', 'a'), text('final', 'b'))));
    expect(events.at(-1)!['response'].output.map((item: any) => item.phase)).toEqual(['commentary', 'final_answer']);
  });

  it('gives reasoning an empty summary, without which Codex drops it', () => {
    const events = eventsOf(streamOf({}, turn('stop', reasoning('Hm.'))));
    expect(events.at(-1)!['response'].output).toEqual([
      {
        type: 'reasoning',
        id: expect.stringMatching(/^rs_/),
        summary: [],
        content: [{ type: 'reasoning_text', text: 'Hm.' }],
        status: 'completed',
      },
    ]);
  });

  it('does not call an item done that a failure left open', () => {
    const frames = streamOf({}, [start, ...text('final', 'Half').slice(0, 2), failure]);
    expect(frames.map(({ event }) => event)).not.toContain('response.output_item.done');
    expect(eventsOf(frames).at(-1)!['response']).toMatchObject({
      status: 'failed',
      output: [{ status: 'incomplete', content: [{ text: 'Half' }] }],
    });
  });

  it('ends with the first terminal event, whatever comes after', () => {
    const answer = open(question).answer();
    run(answer, turn('stop', text('final', 'Hi')));
    expect(answer.fail(new GatewayError('backend_lost', 'Late.'))).toEqual([]);
    expect(answer.keepAlive()).toEqual({ event: null, data: null });
    expect(answer.object()).toMatchObject({ status: 'completed', error: null });
  });

  it('keeps a stream alive by an event with data, and not before the response was created', () => {
    const frames = streamOf({}, [silence, silence, queued, silence, start, silence]);
    expect(frames.map(({ event }) => event)).toEqual([
      'response.created',
      'response.queued',
      'response.queued',
      'response.in_progress',
      'response.in_progress',
    ]);
  });

  it('fails with a code of the closed list for every failure of the table', () => {
    for (const code of Object.keys(failures) as FailureCode[]) {
      const error = new GatewayError(code, 'It went wrong.');
      const [failed] = eventsOf(streamOf({}, [start, { type: 'failure', error }])).slice(-1);
      expect(failed).toMatchObject({
        type: 'response.failed',
        response: { error: { code: failures[code].failedCode, message: 'It went wrong.' }, usage: null },
      });
    }
  });

  it('tells Codex in the words it reads when to come back', () => {
    const error = new GatewayError('rate_limit_exceeded', 'Too many turns are waiting.', { retryAfter: 1.5 });
    const [failed] = eventsOf(streamOf({}, [start, { type: 'failure', error }])).slice(-1);
    expect(failed!['response'].error).toEqual({
      code: 'rate_limit_exceeded',
      message: 'Too many turns are waiting. Please try again in 1.5s.',
    });
  });

  it("keeps a preamble out of the messages where OpenAI's SDK parses them", async () => {
    const format = { type: 'json_schema', name: 'answer', schema: { type: 'object' }, strict: true } as const;
    const answer = open({ ...question, text: { format } }).answer();
    run(answer, turn('stop', text('commentary', 'Let me see.'), text('final', '{"sunny":true}')));
    const client = cannedClient(JSON.stringify(answer.object()), 'application/json');
    const response = await client.responses.parse({ model: 'gpt-oss-20b', input: 'x', text: { format } });
    expect(response.output_parsed).toEqual({ sunny: true });
    expect(response.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
  });

  it("repeats the request's parameters as they were written", () => {
    const fields = {
      instructions: 'Be brief.',
      tools: [
        { type: 'function', name: 'bare' },
        { ...weatherTool, strict: true, defer_loading: false },
        { type: 'web_search', filters: { allowed_domains: ['example.org'] } },
      ],
      tool_choice: { type: 'function', name: 'bare' },
      parallel_tool_calls: false,
      max_output_tokens: 100,
      max_tool_calls: 3,
      metadata: { run: '7' },
      temperature: 0.25,
      top_p: 0.5,
      reasoning: { effort: 'minimal', summary: 'detailed' },
      text: { format: { type: 'json_schema', name: 'answer', schema: { type: 'object' } }, verbosity: 'low' },
      prompt_cache_key: 'thread-1',
      safety_identifier: 'someone',
      user: 'me',
      truncation: 'auto',
    };
    const [created] = eventsOf(streamOf(fields, [start]));
    expect(created!['response']).toMatchObject({
      ...fields,
      tools: [
        { type: 'function', name: 'bare', description: null, parameters: null, strict: false },
        fields.tools[1],
        fields.tools[2],
      ],
      text: {
        format: { type: 'json_schema', name: 'answer', description: null, schema: { type: 'object' }, strict: false },
        verbosity: 'low',
      },
    });
  });
});

describe('the object of an unstreamed response', () => {
  it("is read by OpenAI's SDK", async () => {
    const answer = open({ ...question, tools: [weatherTool] }).answer();
    run(
      answer,
      turn('tool-calls', text('commentary', 'Let me look. '), toolCall('call_a', weather, '{"city":"Rome"}')),
    );
    const client = cannedClient(JSON.stringify(answer.object()), 'application/json');
    const response = await client.responses.create({ model: 'gpt-oss-20b', input: 'x' });
    expect(response.output_text).toBe('Let me look. ');
    expect(response.output[1]).toMatchObject({
      type: 'function_call',
      call_id: 'call_a',
      arguments: '{"city":"Rome"}',
    });
  });
});
