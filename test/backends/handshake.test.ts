import { expect, test } from 'vitest';
import type { Handshake } from '../../src/backends/backend.ts';
import { handshakeDifferences } from '../../src/backends/handshake.ts';
import { chooseInputs } from '../../src/backends/codexpc/inputs.ts';
import { control } from '../../src/harmony/encoding.ts';

const ours: Handshake = {
  harmonyVersion: 'unknown',
  encodingName: 'HarmonyGptOss',
  specialTokens: [...Object.keys(control).map((name) => `<|${name}|>`), '<|reserved_200013|>', '<|refusal|>'],
  stopTokens: [control.call, control.return],
};
const without = (name: string) => ours.specialTokens.filter((token) => token !== name);

test('a Harmony like ours has no differences, in whatever order it gives its tokens', () => {
  expect(handshakeDifferences(ours)).toEqual([]);
  expect(handshakeDifferences({ ...ours, stopTokens: ours.stopTokens.toReversed() })).toEqual([]);
});

test.each([
  [{ encodingName: 'HarmonyNext' }, 'its encoding is "HarmonyNext", not \'HarmonyGptOss\''],
  [{ specialTokens: without('<|call|>') }, 'it does not know <|call|>'],
  [{ stopTokens: [1, 200002] }, 'it stops at 1, 200002, not at 200002, 200012'],
  [{ stopTokens: [] }, 'it stops at nothing, not at 200002, 200012'],
])('another one is told by what differs: %j', (change, difference) => {
  expect(handshakeDifferences({ ...ours, ...change })).toEqual([difference]);
});

const greeting = (handshake: Handshake | null, trouble: string | null = null) => ({
  handshake,
  trouble,
  sessions: null,
});

test('auto means tokens for a Harmony like ours, and for one that can’t be compared, which is said', () => {
  expect(chooseInputs('auto', greeting(ours))).toEqual({ inputs: ['tokens'], warning: null });
  const unknown = chooseInputs('auto', greeting(null, 'it is silent'));
  expect(unknown).toEqual({ inputs: ['tokens'], warning: expect.stringContaining('it is silent') as string });
});

test('auto means a conversation for another Harmony, then typed messages, and says what is lost', () => {
  const { inputs, warning } = chooseInputs('auto', greeting({ ...ours, encodingName: 'HarmonyNext' }));
  expect(inputs).toEqual(['conversation', 'messages']);
  expect(warning).toContain('HarmonyNext');
  expect(warning).toContain('the model does not think');
});

test('what is configured is used whatever the handshake says', () => {
  for (const input of ['tokens', 'messages', 'conversation'] as const) {
    expect(chooseInputs(input, greeting({ ...ours, encodingName: 'X' })).inputs).toEqual([input]);
    expect(chooseInputs(input, greeting(null)).inputs).toEqual([input]);
  }
});
