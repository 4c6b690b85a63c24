import { expect, it } from 'vitest';
import { GatewayError } from '../../../src/core/errors.ts';
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
  { length: 1 },
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
  if (typeof value !== 'object' || value === null || random(5) === 0) return odd[random(odd.length)];
  const copy: unknown[] | Record<string, unknown> = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
  const keys = Object.keys(copy);
  const key = keys[random(keys.length)];
  if (key === undefined) return odd[random(odd.length)];
  if (!Array.isArray(copy) && random(8) === 0) delete copy[key];
  else Object.assign(copy, { [key]: spoil((copy as Record<string, unknown>)[key], random) });
  return copy;
}

function isObject(body: unknown): boolean {
  return typeof body === 'object' && body !== null && !Array.isArray(body);
}

it('no body, however odd, is met with anything but an answer or a 400 that says where', () => {
  expect(open(rich).turn.items).toHaveLength(8);
  const random = randomNumbers(20_251_124);
  let refused = 0;
  let accepted = 0;
  for (let round = 0; round < 3000; round++) {
    let body: unknown = rich;
    for (let times = random(3); times >= 0; times--) body = spoil(body, random);
    try {
      expect(open(body).turn.model).not.toBe('');
      accepted += 1;
    } catch (error) {
      if (!(error instanceof GatewayError)) throw new Error(JSON.stringify(body), { cause: error });
      expect(error.status).toBe(400);
      expect(error.message).not.toMatch(/Invalid input|undefined|\[object/);
      // Only a body that is no object at all has no field to name.
      if (error.param === null) expect(isObject(body)).toBe(false);
      refused += 1;
    }
  }
  // Both kinds were met often, or this test would show little.
  expect(accepted).toBeGreaterThan(200);
  expect(refused).toBeGreaterThan(200);
});
