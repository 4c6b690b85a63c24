import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createEncoding } from '../../src/harmony/encoding.ts';
import type { HarmonyMessage, HarmonyRole } from '../../src/harmony/message.ts';
import { completionSegments, encodeSegments, segmentsOf, trainingSegments } from '../../src/harmony/render.ts';

/** A conversation and what the reference implementation renders it to; written by make_render_vectors.py. */
type Vector = {
  readonly name: string;
  readonly mode?: 'conversation' | 'completion' | 'training';
  readonly keepAnalysis?: boolean;
  readonly nextRole?: HarmonyRole;
  readonly messages: readonly HarmonyMessage[];
  readonly tokens: readonly number[];
};

const encoding = createEncoding();
const encode = (text: string) => encoding.encode(text);

const files = ['render-reference', 'render-messages', 'render-schemas'];
const vectorsOf = (file: string) =>
  JSON.parse(readFileSync(new URL(`vectors/${file}.json`, import.meta.url), 'utf8')) as Vector[];

for (const file of files) {
  const vectors = vectorsOf(file);
  describe(`the conversations of ${file}.json render as the reference renders them`, () => {
    test.each(vectors)('$name', (vector) => {
      const tokens = encodeSegments(segments(vector), encode);
      // The texts are compared first: they say more than a list of numbers.
      expect(encoding.decode(tokens)).toBe(encoding.decode(vector.tokens));
      expect([...tokens]).toEqual(vector.tokens);
    });
  });
}

/** The reference's own tests expect these renderings, in files of these names with .txt. */
const expectedByReference = [
  'test_browser_and_function_tool',
  'test_browser_and_python_tool',
  'test_browser_tool_only',
  'test_does_not_drop_if_ongoing_analysis',
  'test_dropping_cot_by_default',
  'test_keep_analysis_between_finals',
  'test_no_tools',
  'test_preserve_cot',
  'test_reasoning_system_message',
  'test_reasoning_system_message_no_instruction',
  'test_reasoning_system_message_with_dates',
  'test_render_functions_with_parameters',
  'test_simple_convo',
  'test_simple_convo_high_effort',
  'test_simple_convo_high_effort_no_instruction',
  'test_simple_convo_low_effort',
  'test_simple_convo_low_effort_no_instruction',
  'test_simple_convo_medium_effort',
  'test_simple_convo_medium_effort_no_instruction',
  'test_simple_reasoning_response',
  'test_simple_tool_call',
  'test_streamable_parser',
  'test_tool_response_parsing',
];

test('there are hundreds of them, all that the reference expects of itself among them', () => {
  expect(
    vectorsOf('render-reference')
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(expectedByReference);
  const asked = files.flatMap((file) =>
    vectorsOf(file).map(({ name: _, tokens: __, ...rest }) => JSON.stringify(rest)),
  );
  expect(new Set(asked).size).toBeGreaterThan(300);
});

function segments(vector: Vector) {
  switch (vector.mode ?? 'conversation') {
    case 'conversation':
      return segmentsOf(vector.messages, vector);
    case 'completion':
      return completionSegments(vector.messages, vector);
    case 'training':
      return trainingSegments(vector.messages, vector);
  }
}
