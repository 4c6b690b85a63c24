import { describe, expect, test } from 'vitest';
import { createIdList, collectIds } from '../../src/harmony/encoding-ids.ts';
import { createCharacterClasses } from '../../src/harmony/encoding-characters.ts';
import { encodeLongPiece } from '../../src/harmony/encoding-long.ts';
import { createMerger } from '../../src/harmony/encoding-merge.ts';
import { createOrdinaryEncoder } from '../../src/harmony/encoding-ordinary.ts';
import { createSplitter, nextPiece, startSplitting } from '../../src/harmony/encoding-split.ts';
import { writeText } from '../../src/harmony/encoding-utf8.ts';
import { loadVocabulary, noRank } from '../../src/harmony/encoding-vocabulary.ts';
import type { Vocabulary } from '../../src/harmony/encoding-vocabulary.ts';
import { finish, longRun, worstCases } from './encoding-texts.ts';
import { createRandom } from './random.ts';

const vocabulary = loadVocabulary();
const merger = createMerger(vocabulary);

/** A long piece merged in one go. */
function mergeWhole(text: string): number[] {
  const bytes = new Uint8Array(3 * text.length);
  const count = merger.merge(bytes, writeText(text, 0, text.length, bytes));
  return [...merger.ids.subarray(0, count)];
}

/** The same in windows, and how often one was merged again because its first tokens were not final. */
function mergeInWindows(text: string): { ids: number[]; windows: number } {
  const ids = createIdList(0);
  const parts = { vocabulary, merger: createMerger(vocabulary), pairMerger: createMerger(vocabulary) };
  let windows = 0;
  for (const _ of encodeLongPiece(parts, text, 0, text.length, ids)) windows++;
  return { ids: [...finish(collectIds(ids))], windows };
}

/**
 * The longest run over these characters in which each pair ranks below the pair before it: the last pair has to be
 * merged first, so a window can't know any of its tokens before it has seen the end of the run.
 */
function fallingRun(characters: string): string {
  const bytes = new Uint8Array(8);
  const pairs = [...characters].flatMap((first) =>
    [...characters].map((second) => ({
      first,
      second,
      rank: vocabulary.rank(bytes, 0, writeText(first + second, 0, 2, bytes)),
    })),
  );
  const longest = new Map<string, string>();
  for (const { first, second, rank } of pairs.toSorted((one, other) => one.rank - other.rank)) {
    if (rank === noRank) continue;
    const run = first + (longest.get(second) ?? second);
    if (run.length > (longest.get(first)?.length ?? 0)) longest.set(first, run);
  }
  return [...longest.values()].reduce((one, other) => (other.length > one.length ? other : one));
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
    for (const length of [300, 1500, 5001]) expect(mergeInWindows(make(length)).ids).toEqual(mergeWhole(make(length)));
  });

  test('random runs', () => {
    const random = createRandom(4);
    for (let each = 0; each < 400; each++) {
      const text = longRun(random, 300 + random.below(2500));
      expect(mergeInWindows(text).ids).toEqual(mergeWhole(text));
    }
  });

  test('runs whose tokens depend on what comes far behind them', () => {
    for (const characters of ['abcdefghijklmnopqrstuvwxyz', '!"#$%&()*+,-.:;<=>?@[]^_`{|}~', 'абвгдежзийклмнопрст']) {
      const run = fallingRun(characters);
      expect(run.length).toBeGreaterThan(20);
      for (const text of [run.repeat(100), `${run}${run.slice(1)}`.repeat(60), run.slice(1).repeat(101)]) {
        expect(mergeInWindows(text).ids).toEqual(mergeWhole(text));
      }
    }
  });
});

describe('the cost of a text grows with its length alone', () => {
  test.each(Object.entries(worstCases))('%s', (_, make) => {
    const [small, large] = [20_000, 200_000].map((length) => {
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
    expect(large!.total).toBeLessThan(200_000 * 3 * 5);
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
