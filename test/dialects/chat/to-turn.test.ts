import { describe, expect, it } from 'vitest';
import { turn as plainTurn } from '../../harmony/turns.ts';
import { open, patchTool, question, weatherTool } from './turns.ts';

function itemsOf(...messages: object[]) {
  return open({ model: 'm', messages }).turn.items;
}

function turnOf(fields: object) {
  return open({ ...question, ...fields }).turn;
}

const callOf = (id: string, input: string) => ({
  id,
  type: 'function',
  function: { name: 'get_weather', arguments: input },
});

describe('messages', () => {
  it('become items in their order, whatever the role', () => {
    expect(
      itemsOf(
        { role: 'system', content: 'Be brief.' },
        { role: 'developer', content: 'Be kind.' },
        { role: 'user', content: 'Hi ' },
        { role: 'assistant', content: 'Hello.' },
        {
          role: 'developer',
          content: [
            { type: 'text', text: 'Now ' },
            { type: 'text', text: 'sing.' },
          ],
        },
        { role: 'user', content: [], name: 'Ann' },
      ),
    ).toEqual([
      { type: 'message', role: 'system', text: 'Be brief.' },
      { type: 'message', role: 'developer', text: 'Be kind.' },
      { type: 'message', role: 'user', text: 'Hi ' },
      { type: 'message', role: 'assistant', text: 'Hello.', phase: 'final' },
      { type: 'message', role: 'developer', text: 'Now sing.' },
      { type: 'message', role: 'user', text: '' },
    ]);
  });

  it('of an assistant become what it said, in the order it said it: reasoning, preamble, calls', () => {
    expect(
      itemsOf(
        { role: 'user', content: 'Weather in Paris and Rome?' },
        {
          role: 'assistant',
          content: 'Let me look.',
          reasoning_content: 'Two calls.',
          reasoning: 'Two calls.',
          refusal: null,
          annotations: [],
          audio: null,
          function_call: null,
          tool_calls: [
            callOf('call_a', '{"city": "Paris"}'),
            { id: 'call_b', type: 'custom', custom: { name: 'rome', input: '<|end|>' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_b', content: 'rain' },
        { role: 'tool', tool_call_id: 'call_a', content: [{ type: 'text', text: 'sun' }] },
      ).slice(1),
    ).toEqual([
      { type: 'reasoning', text: 'Two calls.' },
      { type: 'message', role: 'assistant', text: 'Let me look.', phase: 'commentary' },
      {
        type: 'tool-call',
        callId: 'call_a',
        tool: { type: 'function', name: 'get_weather', namespace: null },
        input: '{"city": "Paris"}',
      },
      {
        type: 'tool-call',
        callId: 'call_b',
        tool: { type: 'custom', name: 'rome', namespace: null },
        input: '<|end|>',
      },
      { type: 'tool-output', callId: 'call_b', text: 'rain' },
      { type: 'tool-output', callId: 'call_a', text: 'sun' },
    ]);
  });

  it('take reasoning under its other name too, and leave objects of that name alone', () => {
    const [first, second] = itemsOf(
      { role: 'assistant', content: 'A', reasoning: 'Why A' },
      { role: 'user', content: 'B' },
    );
    expect([first, second]).toMatchObject([{ type: 'reasoning', text: 'Why A' }, { text: 'A' }]);
    expect(itemsOf({ role: 'assistant', content: 'A', reasoning: { effort: 'low' } })).toHaveLength(1);
  });

  it('of an assistant may be empty, and a refusal is what it said', () => {
    expect(
      itemsOf({ role: 'assistant', content: null }, { role: 'assistant' }, { role: 'assistant', tool_calls: [] }),
    ).toEqual([]);
    expect(
      itemsOf(
        { role: 'assistant', content: null, refusal: 'No.' },
        { role: 'assistant', content: [{ type: 'refusal', refusal: 'Never.' }] },
      ),
    ).toMatchObject([{ text: 'No.' }, { text: 'Never.' }]);
  });

  it('of role function answer the last function_call of that name, by ids that are the same in every turn', () => {
    const history = [
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{"n":1}' } },
      { role: 'function', name: 'f', content: 'one' },
      { role: 'assistant', content: 'Again.', function_call: { name: 'f', arguments: '{"n":2}' } },
      { role: 'function', name: 'f', content: null },
    ];
    const items = itemsOf(...history);
    const tool = { type: 'function', name: 'f', namespace: null };
    expect(items).toEqual([
      { type: 'tool-call', callId: 'function_call_0', tool, input: '{"n":1}' },
      { type: 'tool-output', callId: 'function_call_0', text: 'one' },
      { type: 'message', role: 'assistant', text: 'Again.', phase: 'commentary' },
      { type: 'tool-call', callId: 'function_call_2', tool, input: '{"n":2}' },
      { type: 'tool-output', callId: 'function_call_2', text: '' },
    ]);
    expect(itemsOf(...history, { role: 'user', content: 'Go on.' }).slice(0, 5)).toEqual(items);
  });

  it('may bear names, of which the log says that the model will not see them', () => {
    const call = {
      role: 'assistant',
      function_call: { name: 'f', arguments: '' },
      tool_calls: [callOf('call_a', '{}')],
    };
    const { warnings } = open({
      model: 'm',
      messages: [
        { role: 'user', content: 'Hi', name: 'Ann' },
        call,
        { role: 'tool', name: 'get_weather', tool_call_id: 'call_a', content: 'sun' },
        { role: 'function', name: 'f', content: 'one' },
        { role: 'assistant', content: 'Hello.', name: 'Bob' },
      ],
    });
    expect(warnings.map((warning) => warning.split(' has no effect')[0])).toEqual(['messages[0].name (and 1 more)']);
  });

  it('say what was left out of them, to the model and to the log', () => {
    const { turn, warnings } = open({
      model: 'm',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is ' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
            { type: 'image_url', image_url: { url: 'https://example.com/cat.png', detail: 'low' } },
            { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } },
            { type: 'file', file: { file_id: 'file_1' } },
          ],
        },
        { role: 'assistant', audio: { id: 'audio_1' } },
      ],
    });
    const only = 'omitted: this model reads text only]';
    expect(turn.items).toMatchObject([
      { text: `What is [image ${only}[image ${only}[audio ${only}[file ${only}` },
      { text: `[audio ${only}` },
    ]);
    expect(warnings.map((warning) => warning.split(' has no effect')[0])).toEqual([
      'messages[0].content[1].image_url (and 1 more)',
      'messages[0].content[3].input_audio',
      'messages[0].content[4].file',
      'messages[1].audio',
    ]);
  });
});

describe('settings', () => {
  it('have these defaults, and null is absent', () => {
    const defaults = plainTurn({ items: [{ type: 'message', role: 'user', text: 'What is the weather?' }] });
    expect(open(question)).toMatchObject({ turn: defaults, stream: false, warnings: [] });
    const names = Object.keys(nulls);
    const exchange = open({ ...question, ...nulls });
    expect(names.length).toBeGreaterThan(30);
    expect(exchange).toMatchObject({ turn: defaults, stream: false, warnings: [] });
  });

  it('take max_completion_tokens before max_tokens', () => {
    expect(turnOf({ max_tokens: 5 }).maxOutputTokens).toBe(5);
    expect(turnOf({ max_tokens: 5, max_completion_tokens: 7 }).maxOutputTokens).toBe(7);
  });

  it('take stop texts one or many, and none that is empty', () => {
    expect(turnOf({ stop: 'END' }).stop).toEqual(['END']);
    expect(turnOf({ stop: ['a', '', '\n', 'c'] }).stop).toEqual(['a', '\n', 'c']);
  });

  it('take every effort that OpenAI has', () => {
    const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
    expect(efforts.map((reasoning_effort) => turnOf({ reasoning_effort }).effort)).toEqual([
      'none',
      'low',
      'low',
      'medium',
      'high',
      'high',
      'high',
    ]);
  });

  it('take the formats of answers', () => {
    expect(turnOf({ response_format: { type: 'text' } }).format).toEqual({ type: 'text' });
    expect(turnOf({ response_format: { type: 'json_object' } }).format).toEqual({ type: 'json-object' });
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
    };
    expect(
      turnOf({ response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } } })
        .format,
    ).toEqual({ type: 'json-schema', name: 'answer', description: null, schema, strict: true });
    expect(
      turnOf({ response_format: { type: 'json_schema', json_schema: { name: 'a', description: 'd', strict: null } } })
        .format,
    ).toEqual({ type: 'json-schema', name: 'a', description: 'd', schema: {}, strict: false });
  });

  it('take the rest', () => {
    expect(turnOf({ temperature: 0, prompt_cache_key: 'thread-1', parallel_tool_calls: false })).toMatchObject({
      temperature: 0,
      conversationKey: 'thread-1',
      parallelToolCalls: false,
    });
    expect(open({ ...question, stream: true }).stream).toBe(true);
  });
});

describe('tools', () => {
  const grammar = { syntax: 'lark', definition: 'start: "x"' };
  const tools = [
    weatherTool,
    { type: 'function', function: { name: 'now', strict: true, parameters: null } },
    patchTool,
    { type: 'custom', custom: { name: 'calc', format: { type: 'grammar', grammar } } },
  ];

  it('are functions and custom tools', () => {
    expect(turnOf({ tools }).tools).toEqual([
      {
        type: 'function',
        name: 'get_weather',
        namespace: null,
        description: 'Weather of a place',
        parameters: weatherTool.function.parameters,
        strict: false,
      },
      { type: 'function', name: 'now', namespace: null, description: null, parameters: null, strict: true },
      { type: 'custom', name: 'apply_patch', namespace: null, description: 'Changes files', grammar: null },
      { type: 'custom', name: 'calc', namespace: null, description: null, grammar },
    ]);
  });

  it('are chosen in every way that OpenAI has', () => {
    const choose = (tool_choice: unknown) => turnOf({ tools, tool_choice }).toolChoice;
    const now = { type: 'function', name: 'now', namespace: null };
    const calc = { type: 'custom', name: 'calc', namespace: null };
    expect(['none', 'auto', 'required'].map(choose)).toEqual([
      { type: 'none' },
      { type: 'auto' },
      { type: 'required' },
    ]);
    expect(choose({ type: 'function', function: { name: 'now' } })).toEqual({ type: 'named', tool: now });
    expect(choose({ type: 'custom', custom: { name: 'calc' } })).toEqual({ type: 'named', tool: calc });
    expect(
      choose({
        type: 'allowed_tools',
        allowed_tools: {
          mode: 'required',
          tools: [
            { type: 'custom', custom: { name: 'calc' } },
            { type: 'function', function: { name: 'now' } },
          ],
        },
      }),
    ).toEqual({ type: 'allowed', mode: 'required', tools: [calc, now] });
  });

  it('may still be called functions', () => {
    const functions = [weatherTool.function];
    const turn = turnOf({ functions, function_call: { name: 'get_weather' }, parallel_tool_calls: true });
    expect(turn.tools).toEqual(turnOf({ tools: [weatherTool] }).tools);
    expect(turn.toolChoice).toEqual({
      type: 'named',
      tool: { type: 'function', name: 'get_weather', namespace: null },
    });
    expect(turn.parallelToolCalls).toBe(false);
    expect(turnOf({ functions, function_call: 'none' }).toolChoice).toEqual({ type: 'none' });
  });

  it('need not be declared again for their outputs to be read', () => {
    const history = [
      ...question.messages,
      { role: 'assistant', content: null, tool_calls: [callOf('call_a', '{}')] },
      { role: 'tool', tool_call_id: 'call_a', content: 'sun' },
    ];
    expect(open({ model: 'm', messages: history }).turn.items.map(({ type }) => type)).toEqual([
      'message',
      'tool-call',
      'tool-output',
    ]);
  });

  it('make a round trip: what the answer called comes back as it was', () => {
    const first = open({ ...question, tools });
    const answer = first.answer();
    const input = '{"city":\u00a0"Zürich" }';
    for (const event of [
      { type: 'turn-start', inputTokens: 1, cachedTokens: 0 },
      { type: 'reasoning-start' },
      { type: 'reasoning-delta', text: 'Call it.' },
      { type: 'reasoning-end', text: 'Call it.' },
      { type: 'tool-call-start', callId: 'call_x', tool: { type: 'function', name: 'get_weather', namespace: null } },
      { type: 'tool-call-delta', text: input },
      { type: 'tool-call-end', input },
      {
        type: 'turn-end',
        reason: 'tool-calls',
        usage: { inputTokens: 1, cachedTokens: 0, outputTokens: 1, reasoningTokens: 0 },
      },
    ] as const) {
      answer.push(event);
    }
    const { message } = (answer.object() as { choices: [{ message: object }] }).choices[0];
    const second = itemsOf(...question.messages, message, { role: 'tool', tool_call_id: 'call_x', content: 'sun' });
    expect(second.slice(1)).toEqual([
      { type: 'reasoning', text: 'Call it.' },
      { type: 'tool-call', callId: 'call_x', tool: { type: 'function', name: 'get_weather', namespace: null }, input },
      { type: 'tool-output', callId: 'call_x', text: 'sun' },
    ]);
  });
});

/** Every optional parameter as null, as clients that fill in whole objects send it. */
const nulls = Object.fromEntries(
  [
    'audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens metadata',
    'modalities moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key prompt_cache_options',
    'prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store stream',
    'stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options',
  ]
    .flatMap((line) => line.split(' '))
    .map((name) => [name, null]),
);
