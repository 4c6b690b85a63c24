import { describe, expect, test } from 'vitest';
import { createEncoding } from '../../src/harmony/encoding.ts';
import { repairs } from '../../src/harmony/repairs.ts';
import { anyStream, wellFormedStream } from './random-stream.ts';
import { createRandom } from './random.ts';
import { checkStream } from './stream-properties.ts';

// The same with a hundred thousand streams, and against the reference implementation: fuzz-decoder.fuzz.ts.

const encoding = createEncoding();

describe('whatever an engine sends,', () => {
  test('it is decoded and read, no control token shows, and how it was divided makes no difference', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 2000; seed += 1) {
      const random = createRandom(seed);
      const { repairs: made } = checkStream(encoding, anyStream(random, encoding), random);
      for (const [name] of made) seen.add(name);
    }
    // The streams are worth something only if they go wrong in every way there is.
    expect(Object.keys(repairs).filter((name) => !seen.has(name))).toEqual([]);
  });

  test('it may end at any id', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const random = createRandom(seed);
      const { start, ids } = random.chance(0.5) ? wellFormedStream(random, encoding) : anyStream(random, encoding);
      const shown = ids.filter((id) => !(encoding.bytes(id)?.includes(0x7c) === true && id < 199_998));
      for (let end = 0; end <= shown.length; end += 1)
        checkStream(encoding, { start, ids: shown.slice(0, end) }, random);
    }
  });
});
