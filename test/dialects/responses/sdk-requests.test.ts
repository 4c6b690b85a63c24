import type {
  ResponseCreateParams,
  ResponseIncludable,
  ResponseInputItem,
  Tool,
} from 'openai/resources/responses/responses';
import { describe, expect, it } from 'vitest';
import { hostedTools } from '../../../src/dialects/responses/hosted-tools.ts';
import { declaredTools, inputItemTypes } from '../../../src/dialects/responses/support-items.ts';
import { open, patchTool, question, weatherTool } from './turns.ts';

/*
 * Examples of everything that OpenAI's SDK lets a request have. The type checker holds these tables to the SDK's types:
 * a type that a newer one adds is an error here until somebody has decided what becomes of it.
 */

/** Those of a union that may have this type. */
type OfType<Union, Type> = Union extends { type?: infer Own } ? (Type extends Own ? Union : never) : never;

type ItemType = NonNullable<ResponseInputItem['type']>;

const items: { readonly [Type in ItemType]: OfType<ResponseInputItem, Type> } = {
  message: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
  reasoning: { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm.' }] },
  function_call: { type: 'function_call', call_id: 'call_a', name: 'get_weather', arguments: '{}' },
  function_call_output: {
    type: 'function_call_output',
    call_id: 'call_a',
    output: [{ type: 'input_text', text: 'x' }],
  },
  custom_tool_call: { type: 'custom_tool_call', call_id: 'call_b', name: 'apply_patch', input: '' },
  custom_tool_call_output: { type: 'custom_tool_call_output', call_id: 'call_b', output: 'ok' },
  additional_tools: { type: 'additional_tools', role: 'developer', tools: [{ type: 'custom', name: 'more' }] },
  tool_search_output: { type: 'tool_search_output', tools: [{ type: 'custom', name: 'found' }] },
  configuration_update: { type: 'configuration_update', reasoning: { effort: 'low' } },
  compaction: { type: 'compaction', encrypted_content: 'foreign' },
  compaction_trigger: { type: 'compaction_trigger' },
  item_reference: { type: 'item_reference', id: 'msg_1' },
  tool_search_call: { type: 'tool_search_call', call_id: 'call_c', arguments: {} },
  web_search_call: {
    type: 'web_search_call',
    id: 'ws_1',
    status: 'completed',
    action: { type: 'search', query: 'ferns' },
  },
  file_search_call: { type: 'file_search_call', id: 'fs_1', status: 'completed', queries: [] },
  computer_call: {
    type: 'computer_call',
    id: 'cu_1',
    call_id: 'call_d',
    status: 'completed',
    pending_safety_checks: [],
  },
  computer_call_output: { type: 'computer_call_output', call_id: 'call_d', output: { type: 'computer_screenshot' } },
  image_generation_call: { type: 'image_generation_call', id: 'ig_1', status: 'completed', result: null },
  code_interpreter_call: {
    type: 'code_interpreter_call',
    id: 'ci_1',
    status: 'completed',
    code: null,
    container_id: 'c',
    outputs: null,
  },
  local_shell_call: {
    type: 'local_shell_call',
    id: 'ls_1',
    call_id: 'call_e',
    status: 'completed',
    action: { type: 'exec', command: ['ls'], env: {} },
  },
  local_shell_call_output: { type: 'local_shell_call_output', id: 'call_e', output: 'x' },
  shell_call: { type: 'shell_call', call_id: 'call_f', action: { commands: ['ls'] } },
  shell_call_output: { type: 'shell_call_output', call_id: 'call_f', output: [] },
  apply_patch_call: {
    type: 'apply_patch_call',
    call_id: 'call_g',
    status: 'completed',
    operation: { type: 'delete_file', path: 'x' },
  },
  apply_patch_call_output: { type: 'apply_patch_call_output', call_id: 'call_g', status: 'completed' },
  mcp_list_tools: { type: 'mcp_list_tools', id: 'ml_1', server_label: 'x', tools: [] },
  mcp_approval_request: { type: 'mcp_approval_request', id: 'mr_1', server_label: 'x', name: 'y', arguments: '{}' },
  mcp_approval_response: { type: 'mcp_approval_response', approval_request_id: 'mr_1', approve: true },
  mcp_call: { type: 'mcp_call', id: 'mc_1', server_label: 'x', name: 'y', arguments: '{}' },
  program: { type: 'program', id: 'pg_1', call_id: 'call_h', code: '', fingerprint: '' },
  program_output: { type: 'program_output', id: 'po_1', call_id: 'call_h', result: '', status: 'completed' },
};

/** What an item needs to have before it. */
const before: { readonly [Type in ItemType]?: ResponseInputItem } = {
  function_call_output: items.function_call,
  custom_tool_call_output: items.custom_tool_call,
};

const tools: { readonly [Type in Tool['type']]: OfType<Tool, Type> } = {
  function: { type: 'function', name: 'f', parameters: null, strict: null, defer_loading: true },
  custom: { type: 'custom', name: 'c', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } },
  namespace: { type: 'namespace', name: 'n', description: '', tools: [{ type: 'function', name: 'inner' }] },
  web_search: { type: 'web_search' },
  web_search_2025_08_26: { type: 'web_search_2025_08_26' },
  web_search_preview: { type: 'web_search_preview' },
  web_search_preview_2025_03_11: { type: 'web_search_preview_2025_03_11' },
  file_search: { type: 'file_search', vector_store_ids: [] },
  code_interpreter: { type: 'code_interpreter', container: { type: 'auto' } },
  mcp: { type: 'mcp', server_label: 'x', server_url: 'https://example.com' },
  image_generation: { type: 'image_generation' },
  computer: { type: 'computer' },
  computer_use_preview: {
    type: 'computer_use_preview',
    display_height: 1,
    display_width: 1,
    environment: 'browser',
  },
  local_shell: { type: 'local_shell' },
  shell: { type: 'shell', environment: { type: 'local' } },
  apply_patch: { type: 'apply_patch' },
  tool_search: { type: 'tool_search' },
  programmatic_tool_calling: { type: 'programmatic_tool_calling' },
};

type ChoiceObject = Exclude<NonNullable<ResponseCreateParams['tool_choice']>, string>;

/** By their types; what the model is told of each. */
const choices: { readonly [Type in ChoiceObject['type']]: readonly [OfType<ChoiceObject, Type>, string] } = {
  function: [{ type: 'function', name: 'get_weather' }, 'named'],
  custom: [{ type: 'custom', name: 'apply_patch' }, 'named'],
  allowed_tools: [
    { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'get_weather' }] },
    'allowed',
  ],
  mcp: [{ type: 'mcp', server_label: 'x' }, 'auto'],
  apply_patch: [{ type: 'apply_patch' }, 'auto'],
  shell: [{ type: 'shell' }, 'auto'],
  programmatic_tool_calling: [{ type: 'programmatic_tool_calling' }, 'auto'],
  file_search: [{ type: 'file_search' }, 'auto'],
  web_search_preview: [{ type: 'web_search_preview' }, 'auto'],
  web_search_preview_2025_03_11: [{ type: 'web_search_preview_2025_03_11' }, 'auto'],
  computer: [{ type: 'computer' }, 'auto'],
  computer_use_preview: [{ type: 'computer_use_preview' }, 'auto'],
  computer_use: [{ type: 'computer_use' }, 'auto'],
  image_generation: [{ type: 'image_generation' }, 'auto'],
  code_interpreter: [{ type: 'code_interpreter' }, 'auto'],
};

const includes: { readonly [Value in ResponseIncludable]: 'honoured' | 'ignored' } = {
  'reasoning.encrypted_content': 'honoured',
  'message.input_image.image_url': 'honoured',
  'computer_call_output.output.image_url': 'honoured',
  'file_search_call.results': 'ignored',
  'web_search_call.results': 'ignored',
  'web_search_call.action.sources': 'ignored',
  'code_interpreter_call.outputs': 'ignored',
  'message.output_text.logprobs': 'ignored',
};

const user = { role: 'user', content: 'Hi' };

describe('an item of the SDK’s type', () => {
  it.each(Object.keys(items) as ItemType[])('%s becomes what the table says', (type) => {
    const input = [user, before[type], items[type]].filter((item) => item !== undefined);
    const { support } = inputItemTypes[type];
    // Without a store there is nothing to be referred to; the error says so.
    if (type === 'item_reference') return expect(() => open({ ...question, input })).toThrow('responses are not kept');
    const { turn, warnings } = open({ ...question, input });
    if (support === 'honoured') {
      // Sealed elsewhere.
      expect(warnings).toEqual(type === 'compaction' ? [expect.stringMatching(/^input\[1\] is left out/)] : []);
    } else {
      expect(turn.items).toHaveLength(1);
      expect(warnings).toEqual([expect.stringMatching(`^input\\[1\\] is left out: .*'${type}'`)]);
    }
  });

  it('or of Codex’s is in the table, and no other', () => {
    expect(Object.keys(inputItemTypes).toSorted()).toEqual([...Object.keys(items), 'compaction_summary'].toSorted());
  });
});

describe('a tool of the SDK’s type', () => {
  it.each(Object.values(tools))('$type is declared, or left out with its reason', (tool) => {
    const { turn, warnings } = open({ ...question, tools: [tool] });
    if (tool.type in declaredTools) {
      expect(turn.tools).toHaveLength(1);
      expect(warnings).toEqual([]);
      return;
    }
    const [, note] = Object.entries(hostedTools).find(([family]) => tool.type.startsWith(family))!;
    expect(turn.tools).toEqual([]);
    expect(warnings).toEqual([`tools[0] is left out: no '${tool.type}' here; ${note}`]);
  });

  it('is of one of the families in the table, which has no others', () => {
    for (const family of Object.keys({ ...declaredTools, ...hostedTools }))
      expect(Object.keys(tools)).toContain(family);
  });
});

describe('a tool choice of the SDK’s type', () => {
  it.each(Object.values(choices))('%j is understood', (choice, meaning) => {
    const { turn, warnings } = open({ ...question, tools: [weatherTool, patchTool], tool_choice: choice });
    expect(turn.toolChoice.type).toBe(meaning);
    expect(warnings).toEqual(meaning === 'auto' ? [expect.stringContaining(`'auto': no '${choice.type}' here; `)] : []);
  });
});

describe('include', () => {
  it.each(Object.entries(includes))('%s is %s', (value, support) => {
    const { warnings } = open({ ...question, include: [value] });
    expect(warnings).toEqual(support === 'honoured' ? [] : [expect.stringMatching(/^include\[0\] has no effect/)]);
  });
});

it('an output without a call id answers the latest call that has none, of the function that it names', () => {
  const call = (id: string, name: string, namespace?: string) => ({
    ...items.function_call,
    call_id: id,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  });
  const output = (text: string, more: object = {}) => ({ type: 'function_call_output', output: text, ...more });
  const input = [
    call('call_1', 'a'),
    call('call_2', 'b'),
    call('call_3', 'a', 'n'),
    output('to a', { call_id: null, name: 'a' }),
    output('to the last'),
    output('to b', { call_id: 'call_2' }),
  ];
  const { turn } = open({ ...question, input });
  const outputs = turn.items.flatMap((item) => (item.type === 'tool-output' ? [[item.callId, item.text]] : []));
  expect(outputs).toEqual([
    ['call_1', 'to a'],
    ['call_3', 'to the last'],
    ['call_2', 'to b'],
  ]);
  expect(() => open({ ...question, input: [...input, output('to nobody')] })).toThrow("'input[6]' has no call_id");
});
