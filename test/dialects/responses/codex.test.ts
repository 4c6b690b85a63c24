import { describe, expect, it } from 'vitest';
import { open } from './turns.ts';

/*
 * Requests as Codex sends them, with its texts made short: the fields, their order and their odd corners are those seen
 * of the real CLI.
 */

const thread = '01a20af9-7e64-75f1-b548-b983a5351313';

const message = (role: string, id: string, text: string) => ({
  type: 'message',
  id: `msg_${id}`,
  role,
  content: [{ type: role === 'assistant' ? 'output_text' : 'input_text', text }],
});

const execCommand = {
  type: 'function',
  name: 'exec_command',
  description: 'Runs a command in a PTY.',
  strict: false,
  parameters: {
    type: 'object',
    properties: { cmd: { type: 'string', description: 'Shell command to execute.' } },
    required: ['cmd'],
    additionalProperties: false,
  },
  output_schema: { type: 'object' },
};

const agents = {
  type: 'namespace',
  name: 'multi_agent_v1',
  description: 'Tools for spawning and managing sub-agents.',
  tools: [
    { type: 'function', name: 'close_agent', description: 'Closes.', strict: false, parameters: { type: 'object' } },
    { type: 'function', name: 'spawn_agent', description: 'Spawns.', strict: false, parameters: { type: 'object' } },
  ],
};

const applyPatch = {
  type: 'custom',
  name: 'apply_patch',
  description: 'Edits files.',
  format: { type: 'grammar', syntax: 'lark', definition: 'start: begin_patch hunk+ end_patch' },
};

const newest = {
  model: 'gpt-oss:20b',
  stream: true,
  tool_choice: 'auto',
  parallel_tool_calls: true,
  reasoning: { summary: 'auto' },
  store: false,
  include: ['reasoning.encrypted_content'],
  prompt_cache_key: thread,
  client_metadata: { session_id: thread, 'x-codex-turn-metadata': '{"request_kind":"turn"}' },
};

const prompts = [
  message('developer', '6b9bfe34-fcdf-5e35-a48f-8840de19ca02', 'You are a coding agent.'),
  message('user', '01a20af9-7ec9-7501-961c-127fb8607f86', '<environment_context/>'),
  message('user', '01a20af9-7ede-7dc1-896c-d3e86ec0e3d7', 'say hi'),
];

describe('Codex 0.169', () => {
  it('sends its prompt as developer messages, and the whole history with every turn', () => {
    const { turn, stream, warnings } = open({
      ...newest,
      input: [
        ...prompts,
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [],
          content: [{ type: 'reasoning_text', text: 'A command will do.' }],
          encrypted_content: null,
        },
        {
          type: 'message',
          status: 'completed',
          id: 'msg_1',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'I will look.', annotations: [], logprobs: [] }],
          phase: 'commentary',
        },
        {
          type: 'function_call',
          status: 'completed',
          id: 'fc_1',
          name: 'exec_command',
          arguments: '{"cmd":"ls"}',
          call_id: 'call_1',
        },
        { type: 'function_call_output', id: 'fco_1', call_id: 'call_1', output: 'Process exited with code 0\n' },
        {
          type: 'function_call',
          status: 'completed',
          id: 'fc_2',
          name: 'spawn_agent',
          namespace: 'multi_agent_v1',
          arguments: '{}',
          call_id: 'call_2',
        },
        {
          type: 'function_call_output',
          id: 'fco_2',
          call_id: 'call_2',
          output: [
            { type: 'input_text', text: 'spawned' },
            { type: 'input_image', image_url: 'data:image/png;base64,AA==', detail: 'high' },
          ],
        },
        {
          type: 'custom_tool_call',
          id: 'ctc_1',
          status: 'completed',
          call_id: 'call_3',
          name: 'apply_patch',
          input: '*** Begin Patch\n*** End Patch\n',
        },
        { type: 'custom_tool_call_output', id: 'ctco_1', call_id: 'call_3', output: 'Done!' },
      ],
      tools: [execCommand, agents, { type: 'web_search', external_web_access: true }],
    });
    expect(stream).toBe(true);
    expect(turn.conversationKey).toBe(thread);
    expect(turn.effort).toBe('medium');
    expect(turn.tools.map(({ name, namespace }) => [namespace, name])).toEqual([
      [null, 'exec_command'],
      ['multi_agent_v1', 'close_agent'],
      ['multi_agent_v1', 'spawn_agent'],
    ]);
    expect(turn.items).toEqual([
      { type: 'message', role: 'developer', text: 'You are a coding agent.' },
      { type: 'message', role: 'user', text: '<environment_context/>' },
      { type: 'message', role: 'user', text: 'say hi' },
      { type: 'reasoning', text: 'A command will do.' },
      { type: 'message', role: 'assistant', text: 'I will look.', phase: 'commentary' },
      {
        type: 'tool-call',
        callId: 'call_1',
        tool: { type: 'function', name: 'exec_command', namespace: null },
        input: '{"cmd":"ls"}',
      },
      { type: 'tool-output', callId: 'call_1', text: 'Process exited with code 0\n' },
      {
        type: 'tool-call',
        callId: 'call_2',
        tool: { type: 'function', name: 'spawn_agent', namespace: 'multi_agent_v1' },
        input: '{}',
      },
      { type: 'tool-output', callId: 'call_2', text: 'spawned[image omitted: this model reads text only]' },
      {
        type: 'tool-call',
        callId: 'call_3',
        tool: { type: 'custom', name: 'apply_patch', namespace: null },
        input: '*** Begin Patch\n*** End Patch\n',
      },
      { type: 'tool-output', callId: 'call_3', text: 'Done!' },
    ]);
    expect(warnings.map((warning) => warning.split(' ')[0])).toEqual([
      'client_metadata',
      'input[8].output[1]',
      'tools[2]',
    ]);
  });

  it('brings its tools along as an item for the newest models', () => {
    const { turn } = open({
      ...newest,
      input: [
        {
          type: 'additional_tools',
          role: 'developer',
          tools: [execCommand, applyPatch, { type: 'tool_search', execution: 'client' }],
        },
        ...prompts,
      ],
    });
    expect(turn.tools.map(({ type, name }) => [type, name])).toEqual([
      ['function', 'exec_command'],
      ['custom', 'apply_patch'],
    ]);
    expect(turn.items).toHaveLength(3);
  });

  it('compacts with no tools and a last prompt of its own', () => {
    const { turn } = open({ ...newest, tools: [], input: [...prompts, message('user', 'c', 'Summarise.')] });
    expect(turn.tools).toEqual([]);
    expect(turn.items.at(-1)).toMatchObject({ text: 'Summarise.' });
  });

  it('asks for JSON by --output-schema', () => {
    const schema = { type: 'object', properties: {}, required: [], additionalProperties: false };
    const format = { type: 'json_schema', strict: true, schema, name: 'codex_output_schema' };
    expect(open({ ...newest, text: { format }, input: prompts }).turn.format).toEqual({
      type: 'json-schema',
      name: 'codex_output_schema',
      description: null,
      schema,
      strict: true,
    });
  });
});

describe('Codex 0.144', () => {
  it('has a history with searches of tools and of the web in it', () => {
    const { turn } = open({
      ...newest,
      instructions: 'You are a coding agent.',
      text: { verbosity: 'low' },
      input: [
        ...prompts.slice(1),
        { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x' } },
        { type: 'tool_search_call', id: 'tsc_1', call_id: 'call_1', execution: 'client', arguments: { query: 'crm' } },
        { type: 'tool_search_output', call_id: 'call_1', execution: 'client', status: 'completed', tools: [agents] },
        {
          type: 'local_shell_call',
          id: 'lsh_1',
          call_id: 'call_2',
          status: 'completed',
          action: { type: 'exec', command: ['ls'] },
        },
        { type: 'function_call_output', call_id: 'call_2', output: 'a.txt' },
        { type: 'compaction', encrypted_content: 'gAAAA' },
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [{ type: 'summary_text', text: 'Looked.' }],
          encrypted_content: 'gAAAA',
        },
        message('user', 'd', 'Go on.'),
      ],
      tools: [execCommand, applyPatch, { type: 'tool_search', execution: 'client', description: 'x', parameters: {} }],
    });
    expect(turn.items.map((item) => [item.type, 'text' in item ? item.text : null])).toEqual([
      ['message', 'You are a coding agent.'],
      ['message', '<environment_context/>'],
      ['message', 'say hi'],
      ['reasoning', 'Looked.'],
      ['message', 'Go on.'],
    ]);
    expect(turn.tools.map(({ name }) => name)).toEqual(['exec_command', 'apply_patch', 'close_agent', 'spawn_agent']);
  });
});

describe('Codex 0.110', () => {
  it('sends instructions, null reasoning and nothing to include', () => {
    const { turn, warnings } = open({
      model: 'gpt-oss:20b',
      instructions: 'You are a coding agent.',
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'say hi' }] }],
      tools: [execCommand],
      tool_choice: 'auto',
      parallel_tool_calls: false,
      reasoning: null,
      store: false,
      stream: true,
      include: [],
      prompt_cache_key: thread,
    });
    expect(turn).toMatchObject({
      items: [
        { role: 'developer', text: 'You are a coding agent.' },
        { role: 'user', text: 'say hi' },
      ],
      parallelToolCalls: false,
      effort: 'medium',
    });
    expect(warnings).toEqual([]);
  });
});
