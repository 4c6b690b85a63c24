import { describe, expect, test } from 'vitest';
import { createEncoding } from '../../src/harmony/encoding.ts';
import type { Encoding } from '../../src/harmony/encoding.ts';
import { createPrefillCache } from '../../src/harmony/prefill-cache.ts';
import { finish, randomText } from './encoding-texts.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';

const encoding = createEncoding();

/** The encoding, with the texts that it was asked for. */
function watchEncoding(): { watched: Encoding; asked: string[] } {
  const asked: string[] = [];
  const watched: Encoding = {
    ...encoding,
    encode(text) {
      asked.push(text);
      return encoding.encode(text);
    },
    encodeSteps(text) {
      asked.push(text);
      return encoding.encodeSteps(text);
    },
  };
  return { watched, asked };
}

const message = (index: number) => `Message ${index}: `.padEnd(200, `what number ${index} says. `);

describe('a text is encoded once', () => {
  test('for all the turns that repeat it', () => {
    const { watched, asked } = watchEncoding();
    const cache = createPrefillCache({ encoding: watched, maxBytes: 1 << 20 });
    for (let turn = 1; turn <= 30; turn++) for (let index = 0; index < turn; index++) cache.encode(message(index));
    expect(asked).toEqual(Array.from({ length: 30 }, (_, index) => message(index)));
    expect(cache.statistics).toMatchObject({ misses: 30, hits: (30 * 29) / 2, entries: 30 });
  });

  test('whether it came at once or in steps', () => {
    const { watched, asked } = watchEncoding();
    const cache = createPrefillCache({ encoding: watched, maxBytes: 1 << 20 });
    const first = finish(cache.encodeSteps(message(1)));
    expect(cache.encode(message(1))).toBe(first);
    expect(finish(cache.encodeSteps(message(1)))).toBe(first);
    expect(asked.length).toBe(1);
  });

  test('unless it is short: then it is not kept at all', () => {
    const { watched, asked } = watchEncoding();
    const cache = createPrefillCache({ encoding: watched, maxBytes: 1 << 20 });
    for (let each = 0; each < 3; each++) cache.encode('assistant');
    expect(asked.length).toBe(3);
    expect(cache.statistics).toEqual({ hits: 0, misses: 0, entries: 0, bytes: 0 });
  });
});

describe('the ids are those of encoding afresh', () => {
  test('whatever edits a conversation sees', () => {
    const random = createRandom(6);
    const cache = createPrefillCache({ encoding, maxBytes: 100_000 });
    const texts = Array.from({ length: 60 }, () => longText(random));
    for (let each = 0; each < 800; each++) {
      const index = random.below(texts.length);
      if (random.chance(0.3)) texts[index] = edit(random, texts[index]!);
      const text = texts[index]!;
      const ids = random.chance(0.5) ? cache.encode(text) : finish(cache.encodeSteps(text));
      expect(sameIds(ids, encoding.encode(text)), JSON.stringify(text)).toBe(true);
    }
    expect(cache.statistics.hits).toBeGreaterThan(100);
    expect(cache.statistics.misses).toBeGreaterThan(100);
  });

  test('when texts differ in one character, wherever it stands', () => {
    const cache = createPrefillCache({ encoding, maxBytes: 64 << 20 });
    const digested = 1 << 16;
    for (const at of [0, digested - 1, digested, 2 * digested - 1]) {
      for (const character of ['\u{1f600}', '\u{1f601}', '\ud83d', 'x']) {
        const text = 'ab '.repeat(digested).slice(0, at) + character + ' ba'.repeat(100);
        const ids = encoding.encode(text);
        expect(sameIds(cache.encode(text), ids)).toBe(true);
        expect(sameIds(finish(cache.encodeSteps(text)), ids)).toBe(true);
      }
    }
  });

  test('when texts differ only where nothing is looked at to find them, and some of them are kept beside each other', () => {
    const { watched, asked } = watchEncoding();
    const cache = createPrefillCache({ encoding: watched, maxBytes: 1 << 20 });
    const texts = Array.from({ length: 6 }, (_, index) => `${'a'.repeat(500)}${index}${'b'.repeat(499)}`);
    for (const text of texts) expect(cache.encode(text)).toEqual(encoding.encode(text));
    expect(cache.statistics.entries).toBe(4);
    asked.length = 0;
    for (const text of texts.slice(0, 3)) expect(cache.encode(text)).toEqual(encoding.encode(text));
    expect(asked).toEqual([]);
    for (const text of texts.toReversed()) expect(cache.encode(text)).toEqual(encoding.encode(text));
    const alone = createPrefillCache({ encoding, maxBytes: 1 << 20 });
    alone.encode(texts[0]!);
    expect(cache.statistics.bytes).toBe(4 * alone.statistics.bytes);
  });

  test('when the same text is encoded by two in steps at once', () => {
    const cache = createPrefillCache({ encoding, maxBytes: 1 << 20 });
    const text = 'one two three '.repeat(1000);
    const both = [cache.encodeSteps(text), cache.encodeSteps(text)] as const;
    for (let each = 0; each < 5; each++) for (const steps of both) expect(steps.next().done).toBe(false);
    for (const steps of both) expect(finish(steps)).toEqual(encoding.encode(text));
    const { entries, bytes } = cache.statistics;
    expect(entries).toBe(1);
    const alone = createPrefillCache({ encoding, maxBytes: 1 << 20 });
    alone.encode(text);
    expect(bytes).toBe(alone.statistics.bytes);
  });
});

describe('memory is bounded', () => {
  test('by the bytes of ids and entries, however many texts come', () => {
    const random = createRandom(7);
    const maxBytes = 40_000;
    const cache = createPrefillCache({ encoding, maxBytes });
    const kept = new Map<string, number>();
    for (let each = 0; each < 500; each++) {
      const text = `${each} ${longText(random)}`;
      kept.set(text, cache.encode(text).byteLength);
      expect(cache.statistics.bytes).toBeLessThanOrEqual(maxBytes);
    }
    const { entries, bytes } = cache.statistics;
    const latest = [...kept.values()].slice(-entries).reduce((total, each) => total + each, 0);
    expect(entries).toBeGreaterThan(10);
    expect(bytes).toBeGreaterThan(latest * 0.8);
    expect(bytes).toBeGreaterThan(maxBytes / 2);
  });

  test('and the text that was used longest ago leaves first', () => {
    const { watched, asked } = watchEncoding();
    const cache = createPrefillCache({ encoding: watched, maxBytes: 10_000 });
    cache.encode(message(0));
    for (let index = 1; cache.statistics.entries === index; index++) {
      cache.encode(message(0));
      cache.encode(message(index));
    }
    asked.length = 0;
    cache.encode(message(0));
    expect(asked).toEqual([]);
    cache.encode(message(1));
    expect(asked).toEqual([message(1)]);
  });

  test('and one huge text pushes out nothing', () => {
    const { watched, asked } = watchEncoding();
    const cache = createPrefillCache({ encoding: watched, maxBytes: 10_000 });
    const huge = 'word '.repeat(2000);
    cache.encode(message(0));
    expect(cache.encode(huge)).toEqual(encoding.encode(huge));
    cache.encode(message(0));
    expect(asked).toEqual([message(0), huge]);
    expect(cache.statistics.entries).toBe(1);
  });

  test('and a cache of no bytes encodes and keeps nothing', () => {
    const cache = createPrefillCache({ encoding, maxBytes: 0 });
    expect(cache.encode(message(0))).toEqual(encoding.encode(message(0)));
    expect(cache.statistics).toEqual({ hits: 0, misses: 1, entries: 0, bytes: 0 });
  });
});

test('a text that is found stops once too, so that a caller of many can look at its clock', () => {
  const cache = createPrefillCache({ encoding, maxBytes: 1 << 20 });
  cache.encode(message(0));
  const steps = cache.encodeSteps(message(0));
  expect(steps.next().done).toBe(false);
  expect(steps.next().done).toBe(true);
});

/** Quicker than comparing element by element for a message nobody reads. */
function sameIds(one: Uint32Array, other: Uint32Array): boolean {
  return Buffer.from(one.buffer).equals(Buffer.from(other.buffer));
}

function longText(random: Random): string {
  return random.list(2, 12, () => randomText(random)).join('') + message(random.below(100));
}

function edit(random: Random, text: string): string {
  const from = random.below(text.length + 1);
  const to = Math.min(text.length, from + random.below(4));
  return text.slice(0, from) + (random.chance(0.5) ? randomText(random) : '') + text.slice(to);
}
