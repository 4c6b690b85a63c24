import { describe, expect, it } from 'vitest';
import type { TurnItem } from '../../../src/core/turn.ts';
import { turn as plainTurn } from '../../harmony/turns.ts';
import { refusalOf } from '../../support/refusal.ts';
import { open, patchTool, question, weatherTool } from './turns.ts';

function turnOf(fields: object) {
  return open({ ...question, ...fields }).turn;
}

function itemsOf(...input: object[]): readonly TurnItem[] {
  return turnOf({ input }).items;
}

function refused(fields: object) {
  return refusalOf(() => open({ ...question, ...fields }));
}

const user = { role: 'user', content: 'Hi' };
const call = { type: 'function_call', call_id: 'call_1', name: 'get_weather', arguments: '{ "city" : "Rome" }' };

describe('a Responses request', () => {
  it('is a turn with defaults where nothing is said', () => {
    const fields = { conversation: 'input', tools: 'tools', schema: 'text.format.schema' };
    expect(turnOf({})).toEqual(
      plainTurn({ items: [{ type: 'message', role: 'user', text: 'What is the weather?' }], fields }),
    );
  });

  it('is a turn with what it says', () => {
    const turn = turnOf({
      instructions: 'Be brief.',
      parallel_tool_calls: false,
      reasoning: { effort: 'high' },
      text: { format: { type: 'json_schema', name: 'answer', schema: { type: 'object' }, strict: true } },
      max_output_tokens: 50,
      temperature: 0,
      prompt_cache_key: 'thread-1',
    });
    expect(turn).toMatchObject({
      items: [
        { type: 'message', role: 'developer', text: 'Be brief.' },
        { type: 'message', role: 'user', text: 'What is the weather?' },
      ],
      parallelToolCalls: false,
      effort: 'high',
      format: { type: 'json-schema', name: 'answer', description: null, schema: { type: 'object' }, strict: true },
      maxOutputTokens: 50,
      temperature: 0,
      conversationKey: 'thread-1',
    });
  });

  it('may have an empty input and ask for a single token, as the check that Codex makes does', () => {
    const { turn, stream } = open({ model: 'm', input: '', max_output_tokens: 1 });
    expect(turn.items).toEqual([{ type: 'message', role: 'user', text: '' }]);
    expect(turn.maxOutputTokens).toBe(1);
    expect(stream).toBe(false);
  });

  it('takes every explicit null for an absent field', () => {
    const fields = {
      instructions: null,
      tools: null,
      tool_choice: null,
      parallel_tool_calls: null,
      reasoning: null,
      text: null,
      max_output_tokens: null,
      temperature: null,
      stream: null,
      prompt_cache_key: null,
      metadata: null,
      top_p: null,
      previous_response_id: null,
      conversation: null,
      background: null,
      prompt: null,
      user: null,
    };
    expect(open({ ...question, ...fields })).toMatchObject({ turn: turnOf({}), stream: false, warnings: [] });
  });

  it.each([
    ['none', 'none'],
    ['minimal', 'low'],
    ['low', 'low'],
    ['medium', 'medium'],
    ['high', 'high'],
    ['xhigh', 'high'],
    ['max', 'high'],
    [null, 'medium'],
  ])('thinks with effort %s as %s', (effort, expected) => {
    expect(turnOf({ reasoning: { effort } }).effort).toBe(expected);
  });

  it('follows the last update of its configuration', () => {
    const { turn } = open({
      ...question,
      reasoning: { effort: 'low' },
      input: [
        { type: 'configuration_update', reasoning: { effort: 'high' }, text: { format: { type: 'json_object' } } },
        user,
        { type: 'configuration_update', text: { format: { type: 'text' } } },
      ],
    });
    expect(turn).toMatchObject({ effort: 'high', format: { type: 'text' }, items: [{ text: 'Hi' }] });
  });

  it.each([
    [{ model: null }, 'missing_required_parameter', 'model'],
    [{ input: null }, 'missing_required_parameter', 'input'],
    [{ input: 5 }, 'invalid_type', 'input'],
    [{ reasoning: { effort: 'huge' } }, 'invalid_value', 'reasoning.effort'],
    [{ max_output_tokens: 0 }, 'invalid_value', 'max_output_tokens'],
    [{ temperature: 2.1 }, 'invalid_value', 'temperature'],
    [{ stream: 'yes' }, 'invalid_type', 'stream'],
    [{ metadata: { key: 1 } }, 'invalid_type', 'metadata.key'],
    [{ text: { format: { type: 'xml' } } }, 'invalid_value', 'text.format.type'],
    [{ text: { format: { type: 'json_schema', schema: {} } } }, 'missing_required_parameter', 'text.format.name'],
    [{ previous_response_id: 'resp_1' }, 'previous_response_not_found', 'previous_response_id'],
    [{ conversation: 'conv_1' }, 'unsupported_parameter', 'conversation'],
    [{ background: true }, 'unsupported_value', 'background'],
    [{ prompt: { id: 'pmpt_1' } }, 'unsupported_parameter', 'prompt'],
    [{ top_logprobs: 3 }, 'unsupported_value', 'top_logprobs'],
    [{ input: undefined, messages: [user] }, 'unsupported_parameter', 'messages'],
    [{ max_tokens: 5 }, 'unsupported_parameter', 'max_tokens'],
  ])('is refused with %j', (fields, code, param) => {
    expect(refused(fields)).toMatchObject({ code, param });
  });

  it.each([null, [], 'text', 5])('is refused when its body is %j', (body) => {
    expect(refusalOf(() => open(body))).toMatchObject({ code: 'invalid_type', param: null });
  });

  it('may have tools and namespaces of long names, but not of any length, nor descriptions', () => {
    const named = (name: string, description = '') => ({
      ...question,
      tools: [{ type: 'function', name, description }],
    });
    expect(open(named('n'.repeat(256))).turn.tools.length).toBe(1);
    expect(refused(named('n'.repeat(257)))).toMatchObject({ code: 'invalid_value', param: 'tools[0].name' });
    expect(refused(named('n', '\n'.repeat(300_000)))).toMatchObject({ param: 'tools[0].description' });
    const tools = [{ type: 'namespace', name: 'n'.repeat(257), tools: [] }];
    expect(refused({ ...question, tools })).toMatchObject({ code: 'invalid_value', param: 'tools[0].name' });
  });

  it('may have fields that nobody knows, with a warning', () => {
    expect(open({ ...question, shiny: true }).warnings).toEqual([
      'shiny has no effect: it is no parameter of this API',
    ]);
  });
});

describe('input', () => {
  it('has messages of all roles, with or without a type, of texts and parts', () => {
    expect(
      itemsOf(
        { role: 'system', content: 'a' },
        { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'b' }] },
        {
          type: null,
          role: 'user',
          content: [
            { type: 'input_text', text: 'c' },
            { type: 'input_text', text: 'd' },
          ],
        },
        {
          type: 'message',
          id: 'msg-0a-1',
          role: 'assistant',
          status: 'completed',
          phase: 'commentary',
          content: [{ type: 'output_text', text: 'e', annotations: [], logprobs: [] }],
        },
        { role: 'assistant', phase: 'final_answer', content: [{ type: 'refusal', refusal: 'f' }] },
        { role: 'assistant', phase: null, content: 'g' },
      ),
    ).toEqual([
      { type: 'message', role: 'system', text: 'a' },
      { type: 'message', role: 'developer', text: 'b' },
      { type: 'message', role: 'user', text: 'cd' },
      { type: 'message', role: 'assistant', text: 'e', phase: 'commentary' },
      { type: 'message', role: 'assistant', text: 'f', phase: 'final' },
      { type: 'message', role: 'assistant', text: 'g' },
    ]);
  });

  it('has a placeholder and a warning where something was that the model cannot read', () => {
    const { turn, warnings } = open({
      ...question,
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'See ' },
            { type: 'input_image', image_url: 'data:image/png;base64,AA==', detail: 'auto' },
            { type: 'input_file', file_id: 'file_1' },
          ],
        },
        call,
        { type: 'function_call_output', call_id: 'call_1', output: [{ type: 'input_image', image_url: 'data:' }] },
      ],
    });
    expect(turn.items[0]).toMatchObject({
      text: 'See [image omitted: this model reads text only][file omitted: this model reads text only]',
    });
    expect(turn.items[2]).toMatchObject({ text: '[image omitted: this model reads text only]' });
    expect(warnings.map((warning) => warning.split(' ')[0])).toEqual([
      'input[0].content[1]',
      'input[0].content[2]',
      'input[2].output[0]',
    ]);
  });

  it('has calls and their outputs, byte for byte', () => {
    expect(
      itemsOf(
        { ...call, namespace: 'weather', id: 'fc_1', status: 'completed' },
        { type: 'function_call_output', call_id: 'call_1', output: ' 20 °C\n' },
        { type: 'custom_tool_call', call_id: 'call_2', name: 'apply_patch', input: '*** Begin' },
        {
          type: 'custom_tool_call_output',
          call_id: 'call_2',
          output: [
            { type: 'input_text', text: 'o' },
            { type: 'input_text', text: 'k' },
          ],
        },
      ),
    ).toEqual([
      {
        type: 'tool-call',
        callId: 'call_1',
        tool: { type: 'function', name: 'get_weather', namespace: 'weather' },
        input: '{ "city" : "Rome" }',
      },
      { type: 'tool-output', callId: 'call_1', text: ' 20 °C\n' },
      {
        type: 'tool-call',
        callId: 'call_2',
        tool: { type: 'custom', name: 'apply_patch', namespace: null },
        input: '*** Begin',
      },
      { type: 'tool-output', callId: 'call_2', text: 'ok' },
    ]);
  });

  it('has reasoning as it was sent, else its summary, else nothing', () => {
    const summary = [
      { type: 'summary_text', text: 'One.' },
      { type: 'summary_text', text: 'Two.' },
    ];
    expect(
      itemsOf(
        { type: 'reasoning', id: 'rs_1', summary, content: [{ type: 'reasoning_text', text: 'Hm.' }] },
        { type: 'reasoning', id: 'rs_2', summary, content: null, encrypted_content: 'gAAA' },
        { type: 'reasoning', id: 'rs_3', summary: [], encrypted_content: null },
      ),
    ).toEqual([
      { type: 'reasoning', text: 'Hm.' },
      { type: 'reasoning', text: 'One.\n\nTwo.' },
    ]);
    const input = [{ type: 'reasoning', id: 'rs_4', summary: [], encrypted_content: 'gAAA' }];
    expect(open({ ...question, input }).warnings).toEqual([expect.stringContaining('input[0]')]);
  });

  it.each([
    'tool_search_call',
    'web_search_call',
    'file_search_call',
    'computer_call',
    'computer_call_output',
    'image_generation_call',
    'code_interpreter_call',
    'local_shell_call',
    'local_shell_call_output',
    'shell_call',
    'shell_call_output',
    'apply_patch_call',
    'apply_patch_call_output',
    'mcp_list_tools',
    'mcp_approval_request',
    'mcp_approval_response',
    'mcp_call',
    'program',
    'program_output',
  ])('may have a %s, which is left out with a warning', (type) => {
    const { turn, warnings } = open({
      ...question,
      input: [user, { type, id: 'x_1', call_id: 'call_9', status: 'completed' }],
    });
    expect(turn.items).toHaveLength(1);
    expect(warnings).toEqual([expect.stringMatching(/^input\[1\] is left out: /)]);
  });

  it('leaves out the output of a call that was left out', () => {
    const items = itemsOf(
      user,
      { type: 'local_shell_call', id: 'lsh_1', call_id: 'call_9', status: 'completed', action: {} },
      { type: 'function_call_output', call_id: 'call_9', output: 'done' },
    );
    expect(items).toHaveLength(1);
  });

  it('names the output whose call is not there', () => {
    const output = { type: 'function_call_output', call_id: 'call_1', output: '20 °C' };
    const fault = refused({ instructions: 'Be brief.', input: [user, output, call] });
    expect(fault).toMatchObject({ code: 'tool_call_not_found', param: 'input[1].call_id' });
    expect(fault.message).toContain("'call_1'");
    expect(refused({ input: [user, { ...output, type: 'custom_tool_call_output' }] }).code).toBe('tool_call_not_found');
  });

  it('finds the call of an output although its tools are not declared any more', () => {
    expect(itemsOf(user, call, { type: 'function_call_output', call_id: 'call_1', output: '' })).toHaveLength(3);
  });

  it.each([
    [{ type: 'item_reference', id: 'msg_1' }, 'unsupported_value', 'input[0]'],
    [{ id: 'msg_1' }, 'unsupported_value', 'input[0]'],
    [{ type: 'telepathy' }, 'invalid_value', 'input[0].type'],
    [{ type: 'message', content: 'x' }, 'missing_required_parameter', 'input[0].role'],
    [{ role: 'tool', content: 'x' }, 'invalid_value', 'input[0].role'],
    [{ role: 'user' }, 'missing_required_parameter', 'input[0].content'],
    [{ role: 'user', content: [{ type: 'text', text: 'x' }] }, 'invalid_value', 'input[0].content[0].type'],
    [{ role: 'user', content: [{ type: 'input_text' }] }, 'missing_required_parameter', 'input[0].content[0].text'],
    [{ ...call, arguments: {} }, 'invalid_type', 'input[0].arguments'],
    [{ ...call, call_id: '' }, 'invalid_value', 'input[0].call_id'],
    [{ type: 'function_call_output', output: 'x' }, 'tool_call_not_found', 'input[0].call_id'],
    [{ type: 'custom_tool_call_output', output: 'x' }, 'missing_required_parameter', 'input[0].call_id'],
    [{ type: 'function_call_output', call_id: 'c' }, 'missing_required_parameter', 'input[0].output'],
    [{ type: 'additional_tools', role: 'developer' }, 'missing_required_parameter', 'input[0].tools'],
  ])('is refused with %j', (item, code, param) => {
    expect(refused({ input: [item] })).toMatchObject({ code, param });
  });
});

describe('tools', () => {
  it('are functions, custom tools and namespaces of both', () => {
    const tools = [
      { ...weatherTool, strict: true },
      { type: 'function', name: 'bare' },
      patchTool,
      { type: 'custom', name: 'note', format: { type: 'text' } },
      {
        type: 'namespace',
        name: 'crm',
        description: 'Customers',
        tools: [
          { type: 'function', name: 'bare', description: 'Another' },
          { type: 'custom', name: 'query' },
        ],
      },
    ];
    expect(turnOf({ tools }).tools).toEqual([
      {
        type: 'function',
        name: 'get_weather',
        namespace: null,
        description: 'Weather of a place',
        parameters: weatherTool.parameters,
        strict: true,
      },
      { type: 'function', name: 'bare', namespace: null, description: null, parameters: null, strict: false },
      {
        type: 'custom',
        name: 'apply_patch',
        namespace: null,
        description: 'Changes files',
        grammar: { syntax: 'lark', definition: 'start: "x"' },
      },
      { type: 'custom', name: 'note', namespace: null, description: null, grammar: null },
      { type: 'function', name: 'bare', namespace: 'crm', description: 'Another', parameters: null, strict: false },
      { type: 'custom', name: 'query', namespace: 'crm', description: null, grammar: null },
    ]);
  });

  it.each([
    'web_search',
    'web_search_2025_08_26',
    'web_search_preview',
    'web_search_preview_2025_03_11',
    'file_search',
    'code_interpreter',
    'mcp',
    'image_generation',
    'computer',
    'computer_use_preview',
    'local_shell',
    'shell',
    'apply_patch',
    'tool_search',
    'programmatic_tool_calling',
  ])('leave out the hosted %s, with a warning', (type) => {
    const { turn, warnings } = open({ ...question, tools: [weatherTool, { type, whatever: {} }] });
    expect(turn.tools.map(({ name }) => name)).toEqual(['get_weather']);
    expect(warnings).toEqual([expect.stringMatching(/^tools\[1\] is left out: /)]);
  });

  it('come from items of the input too, and the later of one name counts', () => {
    const { tools } = turnOf({
      tools: [weatherTool, { type: 'function', name: 'old', description: 'first' }],
      input: [
        {
          type: 'additional_tools',
          role: 'developer',
          tools: [{ type: 'function', name: 'old', description: 'later' }],
        },
        { type: 'tool_search_call', call_id: 'call_1', arguments: {}, execution: 'client' },
        { type: 'tool_search_output', call_id: 'call_1', tools: [patchTool, { type: 'web_search' }] },
        user,
      ],
    });
    expect(tools.map(({ name, description }) => [name, description])).toEqual([
      ['get_weather', 'Weather of a place'],
      ['old', 'later'],
      ['apply_patch', 'Changes files'],
    ]);
  });

  it.each([
    [{ type: 'function', function: { name: 'f' } }, 'invalid_value', 'tools[0]'],
    [{ type: 'custom', custom: { name: 'f' } }, 'invalid_value', 'tools[0]'],
    [
      { type: 'namespace', name: 'n', description: '', tools: [{ type: 'function', function: { name: 'f' } }] },
      'invalid_value',
      'tools[0].tools[0]',
    ],
    [{ type: 'function' }, 'missing_required_parameter', 'tools[0].name'],
    [{ type: 'function', name: 'a b' }, 'invalid_value', 'tools[0].name'],
    [{ type: 'function', name: 'f', parameters: 'none' }, 'invalid_type', 'tools[0].parameters'],
    [{ type: 'funktion', name: 'f' }, 'invalid_value', 'tools[0].type'],
    [{ type: 'hosted' }, 'missing_required_parameter', 'tools[0].hosted'],
    [{ name: 'f' }, 'missing_required_parameter', 'tools[0].type'],
  ])('are refused with %j', (tool, code, param) => {
    expect(refused({ tools: [tool] })).toMatchObject({ code, param });
  });

  it('of the shape of Chat Completions are told so', () => {
    expect(refused({ tools: [{ type: 'function', function: { name: 'f' } }] }).message).toContain('Chat Completions');
  });
});

describe('tool_choice', () => {
  const tools = [
    weatherTool,
    patchTool,
    { type: 'namespace', name: 'crm', description: '', tools: [{ type: 'function', name: 'lookup' }] },
    { type: 'web_search' },
  ];
  const weather = { type: 'function', name: 'get_weather', namespace: null };

  it.each([
    ['none', { type: 'none' }],
    ['auto', { type: 'auto' }],
    ['required', { type: 'required' }],
    [
      { type: 'function', name: 'get_weather' },
      { type: 'named', tool: weather },
    ],
    [
      { type: 'custom', name: 'apply_patch' },
      { type: 'named', tool: { type: 'custom', name: 'apply_patch', namespace: null } },
    ],
    [
      { type: 'function', name: 'lookup' },
      { type: 'named', tool: { type: 'function', name: 'lookup', namespace: 'crm' } },
    ],
    [
      { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'get_weather' }, { type: 'mcp' }] },
      { type: 'allowed', mode: 'required', tools: [weather] },
    ],
    [{ type: 'allowed_tools', mode: 'auto', tools: [{ type: 'image_generation' }] }, { type: 'none' }],
    [{ type: 'web_search_preview' }, { type: 'auto' }],
    [{ type: 'mcp', server_label: 'x', name: 'y' }, { type: 'auto' }],
    [{ type: 'apply_patch' }, { type: 'auto' }],
  ])('%j is understood', (choice, expected) => {
    expect(turnOf({ tools, tool_choice: choice }).toolChoice).toEqual(expected);
  });

  it('warns where it counts as auto', () => {
    const hosted = { ...question, tools: [{ type: 'web_search' }] };
    for (const choice of ['required', { type: 'web_search' }]) {
      const { turn, warnings } = open({ ...hosted, tool_choice: choice });
      expect(turn.toolChoice).toEqual({ type: 'auto' });
      expect(warnings.at(-1)).toMatch(/^tool_choice counts as 'auto'/);
    }
  });

  it.each([
    ['sometimes', 'invalid_value', 'tool_choice.type'],
    [5, 'invalid_type', 'tool_choice'],
    [{ type: 'function' }, 'missing_required_parameter', 'tool_choice.name'],
    [{ type: 'function', name: 'unknown' }, 'invalid_value', 'tool_choice'],
    [{ type: 'custom', name: 'get_weather' }, 'invalid_value', 'tool_choice'],
    [
      { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'unknown' }] },
      'invalid_value',
      'tool_choice.tools[0]',
    ],
  ])('is refused with %j', (choice, code, param) => {
    expect(refused({ tools, tool_choice: choice })).toMatchObject({ code, param });
  });

  it('can be required only where there are tools', () => {
    expect(refused({ tool_choice: 'required' })).toMatchObject({ code: 'invalid_value', param: 'tool_choice' });
  });
});
