import { exactSeals } from '../support/seals.ts';

/*
 * Requests that have every field in which a client can type, so that whoever replaces one text after the other has tried
 * all of them. What the tables of supported fields and items name is held against these by the test that uses them.
 */

const schema = {
  $defs: { place: { type: 'string', title: 'Place', description: 'A place.', enum: ['here', 'there'] } },
  type: 'object',
  title: 'Arguments',
  description: 'What it takes.',
  properties: {
    city: { type: 'string', title: 'City', description: 'Which one.\nOne only.', default: 'Oslo', examples: ['Rome'] },
    unit: { type: 'string', enum: ['celsius', 'kelvin'], default: 'celsius', nullable: true },
    kind: { const: 'now', pattern: '^n', format: 'word' },
    where: { $ref: '#/$defs/place' },
    days: { type: ['integer', 'null'], description: 'How many.', default: { least: ['one'] } },
    list: {
      type: 'array',
      items: { type: 'object', description: 'One.', properties: { deep: { type: 'string', default: 'down' } } },
    },
    either: { oneOf: [{ type: 'string', description: 'As text.', default: 'text' }, { type: 'number' }] },
    any: { anyOf: [{ type: 'string', title: 'Any' }, { type: 'null' }] },
  },
  required: ['city'],
};

const format = { type: 'json_schema', name: 'answer', description: 'An answer.', schema, strict: true };
const seal = (kind: 'reasoning' | 'compaction', text: string) => exactSeals().seal(kind, text);

/** Items of each type that an input may have, but `compaction_trigger`, which changes what the request asks for. */
export const responseItems = [
  { type: 'compaction', encrypted_content: seal('compaction', 'It was so.') },
  { type: 'compaction_summary', encrypted_content: seal('compaction', 'And so.') },
  { type: 'message', role: 'system', content: 'Be kind.' },
  { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Be brief.' }] },
  {
    type: 'message',
    role: 'user',
    content: [
      { type: 'input_text', text: 'Look.' },
      { type: 'input_image', image_url: 'data:,', file_id: 'file_1', detail: 'low' },
      { type: 'input_file', filename: 'a.pdf', file_data: 'AA==', file_id: 'file_2' },
      { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } },
    ],
  },
  {
    type: 'reasoning',
    id: 'rs_1',
    summary: [{ type: 'summary_text', text: 'In short.' }],
    content: [{ type: 'reasoning_text', text: 'At length.' }],
    encrypted_content: 'foreign',
  },
  { type: 'reasoning', id: 'rs_2', summary: [{ type: 'summary_text', text: 'Summed up.' }] },
  {
    type: 'message',
    role: 'assistant',
    id: 'msg_2',
    phase: 'commentary',
    content: [
      { type: 'output_text', text: 'Let me see.', annotations: [] },
      { type: 'refusal', refusal: 'I had rather not.' },
    ],
  },
  { type: 'function_call', call_id: 'call_a', name: 'get_weather', arguments: '{"city": "Oslo"}' },
  { type: 'custom_tool_call', call_id: 'call_b', name: 'apply_patch', input: '*** Begin' },
  { type: 'function_call', call_id: 'call_c', name: 'lookup', namespace: 'crm', arguments: '{}' },
  { type: 'function_call', call_id: 'call_d', name: 'nobody', arguments: 'no JSON' },
  {
    type: 'function_call_output',
    call_id: 'call_a',
    output: [
      { type: 'input_text', text: 'It rains.' },
      { type: 'input_image', image_url: 'data:,' },
    ],
  },
  { type: 'custom_tool_call_output', call_id: 'call_b', output: 'Done.' },
  { type: 'function_call_output', call_id: 'call_c', output: 'Found.' },
  { type: 'function_call_output', call_id: 'call_d', output: 'No such tool.' },
  { type: 'additional_tools', role: 'developer', tools: [{ type: 'custom', name: 'more', description: 'More.' }] },
  { type: 'tool_search_output', tools: [{ type: 'custom', name: 'found', description: 'Found.' }] },
  { type: 'configuration_update', reasoning: { effort: 'low' } },
  { type: 'item_reference', id: 'msg_1' },
  { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'ferns' } },
  { type: 'message', role: 'user', content: 'And now?' },
] as const;

/** What is stored of the conversation before. */
export const stored = {
  history: {
    items: [
      { type: 'message', role: 'user', content: 'Long ago.' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'It was.' }] },
    ],
    key: 'resp_1',
  },
  items: new Map([['msg_1', { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Once more.' }] }]]),
};

export const responsesBody = {
  model: 'gpt-oss-20b',
  instructions: 'Be clear.',
  previous_response_id: 'resp_1',
  input: responseItems,
  tools: [
    { type: 'function', name: 'get_weather', description: 'Weather.\nOf a place.', parameters: schema, strict: true },
    {
      type: 'custom',
      name: 'apply_patch',
      description: 'Changes files.',
      format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
    },
    {
      type: 'namespace',
      name: 'crm',
      description: 'Customers.',
      tools: [{ type: 'function', name: 'lookup', description: 'Finds one.', parameters: { type: 'object' } }],
    },
    { type: 'web_search' },
  ],
  tool_choice: 'required',
  text: { format, verbosity: 'low' },
  reasoning: { effort: 'high', summary: 'auto', generate_summary: 'auto' },
  metadata: { topic: 'weather' },
  prompt_cache_key: 'thread',
  safety_identifier: 'someone',
  user: 'me',
  client_metadata: { thread: 'one' },
  include: ['reasoning.encrypted_content'],
  truncation: 'auto',
  context_management: [{ type: 'compaction', compact_threshold: 1 }],
  service_tier: 'auto',
};

/** The same with a choice among the tools, whose names can't be any others then. */
export const choosingResponsesBody = {
  model: 'gpt-oss-20b',
  input: 'Just this.',
  tools: responsesBody.tools.slice(0, 2),
  tool_choice: {
    type: 'allowed_tools',
    mode: 'required',
    tools: [
      { type: 'function', name: 'get_weather' },
      { type: 'custom', name: 'apply_patch' },
    ],
  },
};

const chatSchema = { ...format, type: undefined };

export const chatBody = {
  model: 'gpt-oss-20b',
  messages: [
    { role: 'system', content: [{ type: 'text', text: 'Be kind.' }], name: 'Sue' },
    { role: 'developer', content: 'Be brief.', name: 'Dan' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Look.' },
        { type: 'image_url', image_url: { url: 'data:,', detail: 'low' } },
        { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } },
        { type: 'file', file: { file_data: 'AA==', file_id: 'file_1', filename: 'a.pdf' } },
      ],
      name: 'Ann',
    },
    {
      role: 'assistant',
      name: 'Bob',
      content: [
        { type: 'text', text: 'Let me see.' },
        { type: 'refusal', refusal: 'I had rather not.' },
      ],
      refusal: 'Never.',
      reasoning_content: 'At length.',
      audio: { id: 'audio_1' },
      tool_calls: [
        { id: 'call_a', type: 'function', function: { name: 'get_weather', arguments: '{"city": "Oslo"}' } },
        { id: 'call_b', type: 'custom', custom: { name: 'apply_patch', input: '*** Begin' } },
        { id: 'call_c', type: 'function', function: { name: 'nobody', arguments: 'no JSON' } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_a', content: [{ type: 'text', text: 'It rains.' }] },
    { role: 'tool', tool_call_id: 'call_b', content: 'Done.' },
    { role: 'tool', tool_call_id: 'call_c', content: 'No such tool.' },
    {
      role: 'assistant',
      content: null,
      reasoning: 'By the other name.',
      function_call: { name: 'now', arguments: '{}' },
    },
    { role: 'function', name: 'now', content: 'Noon.' },
    { role: 'user', content: 'And now?' },
  ],
  tools: [
    {
      type: 'function',
      function: { name: 'get_weather', description: 'Weather.\nOf a place.', parameters: schema, strict: true },
    },
    {
      type: 'custom',
      custom: {
        name: 'apply_patch',
        description: 'Changes files.',
        format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "x"' } },
      },
    },
  ],
  tool_choice: 'required',
  response_format: { type: 'json_schema', json_schema: chatSchema },
  reasoning_effort: 'high',
  stop: ['END', 'STOP'],
  metadata: { topic: 'weather' },
  prediction: { type: 'content', content: [{ type: 'text', text: 'It rains.' }] },
  prompt_cache_key: 'thread',
  safety_identifier: 'someone',
  user: 'me',
  store: true,
};

export const choosingChatBody = {
  model: 'gpt-oss-20b',
  messages: [{ role: 'user', content: 'Just this.' }],
  tools: chatBody.tools,
  tool_choice: {
    type: 'allowed_tools',
    allowed_tools: {
      mode: 'required',
      tools: [
        { type: 'function', function: { name: 'get_weather' } },
        { type: 'custom', custom: { name: 'apply_patch' } },
      ],
    },
  },
};

/** The older form of tools, which can't stand beside the newer one. */
export const functionsBody = {
  model: 'gpt-oss-20b',
  messages: [{ role: 'user', content: 'And now?' }],
  functions: [{ name: 'now', description: 'The time.', parameters: { type: 'object', properties: { zone: {} } } }],
  function_call: { name: 'now' },
};

export const completionBody = { model: 'gpt-oss-20b', prompt: 'Once upon', stop: 'END', user: 'me' };
