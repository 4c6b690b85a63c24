import { expect, it } from 'vitest';
import { expectSoundAnswers } from '../../support/odd-bodies.ts';
import { open, patchTool, weatherTool } from './turns.ts';

const rich = {
  model: 'gpt-oss-20b',
  messages: [
    { role: 'system', content: 'Be brief.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Hi' },
        { type: 'image_url', image_url: { url: 'data:,' } },
      ],
      name: 'Ann',
    },
    {
      role: 'assistant',
      content: null,
      reasoning_content: 'Think.',
      tool_calls: [
        { id: 'call_a', type: 'function', function: { name: 'get_weather', arguments: '{}' } },
        { id: 'call_b', type: 'custom', custom: { name: 'apply_patch', input: '' } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_a', content: 'sun' },
    { role: 'assistant', function_call: { name: 'f', arguments: '' } },
    { role: 'function', name: 'f', content: null },
  ],
  tools: [weatherTool, patchTool],
  tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [weatherTool] } },
  response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' }, strict: true } },
  stop: ['END'],
  stream_options: { include_usage: true },
  modalities: ['text'],
  metadata: { key: 'value' },
};

it('no body, however odd, is met with anything but an answer or a 400 that says where', () => {
  expect(open(rich).turn.items).toHaveLength(8);
  expectSoundAnswers(rich, (body) => expect(open(body).turn.model).not.toBe(''));
});
