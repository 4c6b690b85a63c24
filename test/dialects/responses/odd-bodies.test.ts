import { expect, it } from 'vitest';
import { expectSoundAnswers } from '../../support/odd-bodies.ts';
import { checkResponseStream } from '../../support/response-grammar.ts';
import { text, turn } from '../../support/turn-events.ts';
import { open, patchTool, run, weatherTool } from './turns.ts';

const rich = {
  model: 'gpt-oss-20b',
  instructions: 'Be brief.',
  input: [
    { role: 'user', content: 'Hi' },
    {
      type: 'message',
      role: 'user',
      content: [
        { type: 'input_text', text: 'See' },
        { type: 'input_image', image_url: 'data:,' },
      ],
    },
    {
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: 'S' }],
      content: [{ type: 'reasoning_text', text: 'R' }],
    },
    { type: 'message', role: 'assistant', phase: 'commentary', content: [{ type: 'output_text', text: 'Let me.' }] },
    { type: 'function_call', call_id: 'call_a', name: 'get_weather', namespace: 'x', arguments: '{}' },
    { type: 'custom_tool_call', call_id: 'call_b', name: 'apply_patch', input: '' },
    { type: 'function_call_output', call_id: 'call_a', output: [{ type: 'input_text', text: 'sun' }] },
    { type: 'custom_tool_call_output', call_id: 'call_b', output: 'ok' },
    { type: 'additional_tools', role: 'developer', tools: [{ type: 'function', name: 'more' }] },
    { type: 'configuration_update', reasoning: { effort: 'low' }, text: { format: { type: 'text' } } },
    { type: 'web_search_call', id: 'ws_1', status: 'completed' },
  ],
  tools: [
    weatherTool,
    patchTool,
    { type: 'namespace', name: 'crm', description: 'd', tools: [{ type: 'function', name: 'lookup' }] },
    { type: 'web_search' },
  ],
  tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'lookup' }, { type: 'mcp' }] },
  text: { format: { type: 'json_schema', name: 'answer', schema: { type: 'object' }, strict: true }, verbosity: 'low' },
  reasoning: { effort: 'high', summary: 'auto' },
  metadata: { key: 'value' },
  include: ['reasoning.encrypted_content'],
  stream_options: { include_obfuscation: true },
  top_p: 0.5,
  user: 'me',
};

it('meets every body, however odd, with a sound answer or a 400 that says where', () => {
  expect(open(rich).turn.items).toHaveLength(9);
  expectSoundAnswers(rich, (body) => {
    checkResponseStream(run(open(body).answer(), turn('stop', text('final', 'Hi'))));
  });
});
