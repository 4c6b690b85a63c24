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

for (const file of ['render-reference', 'render-messages', 'render-schemas']) {
  const vectors = JSON.parse(readFileSync(new URL(`vectors/${file}.json`, import.meta.url), 'utf8')) as Vector[];
  describe(`the conversations of ${file}.json render as the reference renders them`, () => {
    test.each(vectors)('$name', (vector) => {
      const tokens = encodeSegments(segments(vector), encode);
      // The texts are compared first: they say more than a list of numbers.
      expect(encoding.decode(tokens)).toBe(encoding.decode(vector.tokens));
      expect([...tokens]).toEqual(vector.tokens);
    });
  });
}

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
