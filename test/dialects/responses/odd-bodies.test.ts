import { expect, it } from 'vitest';
import { GatewayError } from '../../../src/core/errors.ts';
import { checkResponseStream } from '../../support/response-grammar.ts';
import { open, patchTool, run, text, turn, weatherTool } from './turns.ts';

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

const odd = [
  null,
  true,
  0,
  -1,
  1e308,
  '',
  'tool',
  [],
  [null],
  [[]],
  {},
  { type: 'function' },
  { role: 'tool' },
  { id: 1 },
];

/** Numbers from 0 up to `below`, the same in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** The value with something odd, or nothing, somewhere inside it. */
function spoil(value: unknown, random: (below: number) => number): unknown {
  if (typeof value !== 'object' || value === null || random(6) === 0) return odd[random(odd.length)];
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<string, unknown>;
  const keys = Object.keys(copy);
  const key = keys[random(keys.length)];
  if (key === undefined) return odd[random(odd.length)];
  if (!Array.isArray(copy) && random(8) === 0) delete copy[key];
  else copy[key] = spoil(copy[key], random);
  return copy;
}

it('meets every body, however odd, with a sound answer or a 400 that says where', () => {
  expect(open(rich).turn.items).toHaveLength(9);
  const random = randomNumbers(20_251_124);
  let refused = 0;
  let accepted = 0;
  for (let round = 0; round < 3000; round++) {
    let body: unknown = rich;
    for (let times = random(3); times >= 0; times--) body = spoil(body, random);
    try {
      const exchange = open(body);
      checkResponseStream(run(exchange.answer(), turn('stop', text('final', 'Hi'))));
      accepted += 1;
    } catch (error) {
      if (!(error instanceof GatewayError)) throw new Error(JSON.stringify(body), { cause: error });
      expect(error.status).toBe(400);
      expect(error.message).not.toMatch(/Invalid input|Invalid discriminator|undefined|\[object/);
      // Only a body that is no object at all has no field to name.
      if (error.param === null) expect(typeof body === 'object' && body !== null && !Array.isArray(body)).toBe(false);
      refused += 1;
    }
  }
  // Both kinds were met often, or this test would show little.
  expect(accepted).toBeGreaterThan(200);
  expect(refused).toBeGreaterThan(200);
});
