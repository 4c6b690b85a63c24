import { describe, expect, test } from 'vitest';
import { createIdList, collectIds } from '../../src/harmony/encoding-ids.ts';
import { createCharacterClasses } from '../../src/harmony/encoding-characters.ts';
import { encodeLongPiece } from '../../src/harmony/encoding-long.ts';
import { createMerger } from '../../src/harmony/encoding-merge.ts';
import { createOrdinaryEncoder } from '../../src/harmony/encoding-ordinary.ts';
import { createSplitter, nextPiece, startSplitting } from '../../src/harmony/encoding-split.ts';
import { writeText } from '../../src/harmony/encoding-utf8.ts';
import { loadVocabulary, parseVocabulary } from '../../src/harmony/encoding-vocabulary.ts';
import type { Vocabulary } from '../../src/harmony/encoding-vocabulary.ts';
import { finish, longRun, worstCases } from './encoding-texts.ts';
import { createRandom } from './random.ts';

const vocabulary = loadVocabulary();
/** A long piece merged in one go. */
function mergeWhole(text: string, over: Vocabulary = vocabulary): number[] {
  const merger = createMerger(over);
  const bytes = new Uint8Array(3 * text.length);
  const count = merger.merge(bytes, writeText(text, 0, text.length, bytes));
  return [...merger.ids.subarray(0, count)];
}

/** The same in windows. */
function mergeInWindows(text: string, over: Vocabulary = vocabulary): number[] {
  const ids = createIdList(0);
  const parts = { vocabulary: over, merger: createMerger(over), pairMerger: createMerger(over) };
  finish(encodeLongPiece(parts, text, 0, text.length, ids));
  return [...finish(collectIds(ids))];
}

/** A vocabulary of all bytes and then these ASCII texts, in the order of their ranks. */
function vocabularyOf(texts: readonly string[]): Vocabulary {
  const bytes = Array.from({ length: 256 }, (_, byte) => Buffer.of(byte));
  const tokens = [...bytes, ...texts.map((text) => Buffer.from(text))];
  return parseVocabulary(Buffer.from(tokens.map((token, id) => `${token.toString('base64')} ${id}\n`).join('')));
}

/** A run in which every pair of these characters comes once. */
function everyPair(characters: string): string {
  const parts = [...characters].flatMap((first, index) => [
    first,
    ...[...characters].slice(index + 1).map((second) => first + second),
  ]);
  return parts.join('') + characters[0]!;
}

/** A vocabulary that counts what is asked of it. */
function countingVocabulary(): { counting: Vocabulary; count: () => number } {
  let asked = 0;
  const counting = {
    ...vocabulary,
    rank(bytes: Uint8Array, from: number, to: number) {
      asked++;
      return vocabulary.rank(bytes, from, to);
    },
    pairRank(first: number, second: number) {
      asked++;
      return vocabulary.pairRank(first, second);
    },
  };
  return { counting, count: () => asked };
}

describe('a long run merged in windows is what merging it whole makes of it', () => {
  test.each(Object.entries(worstCases))('%s', (_, make) => {
    for (const length of [300, 1500, 5001]) expect(mergeInWindows(make(length))).toEqual(mergeWhole(make(length)));
  });

  test('random runs', () => {
    const random = createRandom(4);
    for (let each = 0; each < 400; each++) {
      const text = longRun(random, 300 + random.below(2500));
      expect(mergeInWindows(text)).toEqual(mergeWhole(text));
    }
  });

  test('runs in which the last pair has to be merged first, so that no window can know its tokens', () => {
    const run = everyPair('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');
    const pairs = Array.from({ length: run.length - 1 }, (_, at) => run.slice(at, at + 2));
    const falling = vocabularyOf(pairs.toReversed());
    let takenBack = 0;
    const counting: Vocabulary = {
      ...falling,
      bytes(id) {
        takenBack++;
        return falling.bytes(id);
      },
    };
    for (let skipped = 0; skipped < 8; skipped++) {
      for (const text of [run.slice(skipped), run.repeat(2).slice(skipped), `${run}!${run}`.slice(skipped)]) {
        expect(mergeInWindows(text, counting)).toEqual(mergeWhole(text, falling));
      }
    }
    expect(takenBack).toBeGreaterThan(1000);
  });

  test('random runs over vocabularies that no training would make', () => {
    const random = createRandom(5);
    for (let each = 0; each < 60; each++) {
      const letters = 'abcdef'.slice(0, 2 + random.below(5));
      const word = () => random.list(2, 7, () => random.pick([...letters])).join('');
      const odd = vocabularyOf([...new Set(random.list(3, 300, word))]);
      for (let text = 0; text < 5; text++) {
        const run = random.list(300, 4000, () => random.pick([...letters])).join('');
        expect(mergeInWindows(run, odd)).toEqual(mergeWhole(run, odd));
      }
    }
  });
});

describe('the cost of a text grows with its length alone', () => {
  test.each(Object.entries(worstCases))('%s', (_, make) => {
    const [small, large] = [10_000, 100_000].map((length) => {
      const { counting, count } = countingVocabulary();
      const steps = createOrdinaryEncoder(counting)(make(length));
      let busiest = 0;
      for (let before = 0, done = false; !done; before = count()) {
        done = steps.next().done === true;
        busiest = Math.max(busiest, count() - before);
      }
      return { total: count(), busiest };
    });
    expect(large!.total).toBeLessThan(small!.total * 11);
    expect(large!.total).toBeLessThan(100_000 * 3 * 5);
    expect(large!.busiest).toBeLessThan(12_000);
  });

  test.each(Object.entries(worstCases))('splitting %s looks at each character three times at most', (_, make) => {
    const classOf = createCharacterClasses();
    let looks = 0;
    const split = createSplitter((codePoint) => {
      looks++;
      return classOf(codePoint);
    });
    const text = make(100_000);
    const cursor = startSplitting(text);
    while (cursor.start < text.length) {
      while (!split(cursor, 256));
      nextPiece(cursor);
    }
    expect(looks).toBeLessThanOrEqual(3 * text.length);
  });

  test('sixteen million characters of one kind are split without running out of stack', () => {
    const split = createSplitter(createCharacterClasses());
    const text = 'é'.repeat(1 << 24);
    const cursor = startSplitting(text);
    let calls = 0;
    for (let found = false; !found; calls++) found = split(cursor, 1 << 16);
    expect(cursor.end).toBe(text.length);
    expect(calls).toBe(1 << 8);
  });
});
