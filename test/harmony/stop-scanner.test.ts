import { describe, expect, test } from 'vitest';
import { endScan, openScanner, scan } from '../../src/harmony/stop-scanner.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';

/** What is shown of pieces, piece by piece and at the end, and the stop text that was met. */
function scanAll(stops: readonly string[], pieces: readonly string[]) {
  const scanner = openScanner(stops);
  let stopped: string | null = null;
  const shown = pieces.map((piece) => {
    const result = scan(scanner, piece);
    stopped = result.stopped;
    return result.text;
  });
  return { shown: [...shown, endScan(scanner)], stopped };
}

describe('a stop text', () => {
  test('ends the text before it, and nothing behind it is shown', () => {
    expect(scanAll(['END'], ['one END two', ' three'])).toEqual({ shown: ['one ', '', ''], stopped: 'END' });
  });

  test('is found across pieces, and no part of it is shown', () => {
    expect(scanAll(['\n\nUser:'], ['Hi', '\n', '\nUs', 'er', ': no'])).toEqual({
      shown: ['Hi', '', '', '', '', ''],
      stopped: '\n\nUser:',
    });
  });

  test('that does not come about is shown as soon as that is clear', () => {
    expect(scanAll(['\n\n\n'], ['a\n', '\n', 'b'])).toEqual({ shown: ['a', '', '\n\nb', ''], stopped: null });
  });

  test('that has begun when the text ends is shown in the end', () => {
    expect(scanAll(['STOP'], ['a STO'])).toEqual({ shown: ['a ', 'STO'], stopped: null });
  });

  test('counts when it is complete first, however early another one began', () => {
    expect(scanAll(['abcd', 'bc'], ['xabcd'])).toEqual({ shown: ['xa', ''], stopped: 'bc' });
  });

  test('is the longest of those that are complete at once', () => {
    expect(scanAll(['c', 'abc', 'bc'], ['xabc'])).toEqual({ shown: ['x', ''], stopped: 'abc' });
  });

  test('holds back no more than could become one', () => {
    expect(scanAll(['aab'], ['aaaa', 'a', 'c'])).toEqual({ shown: ['aa', 'a', 'aac', ''], stopped: null });
  });

  test('that is empty, or half a character, never matches', () => {
    expect(scanAll(['', '\udc00', '\ud83d'], ['a\ud83d', '\udc00b'])).toEqual({
      shown: ['a', '\ud83d\udc00b', ''],
      stopped: null,
    });
  });

  test('is not needed', () => {
    expect(scanAll([], ['a', 'b'])).toEqual({ shown: ['a', 'b', ''], stopped: null });
  });

  test('of any length on a text that almost matches takes time in proportion to the text', () => {
    const most = 50_000;
    const scanner = openScanner([`${'a'.repeat(most)}b`, `${'a'.repeat(most / 2)}c`]);
    let shown = 0;
    for (let at = 0; at < 1_000_000; at += 1) shown += scan(scanner, 'a').text.length;
    expect(shown).toBe(1_000_000 - most);
    expect(endScan(scanner)).toHaveLength(most);
  });
});

describe('whatever the stops, the text and its pieces,', () => {
  const letters = ['a', 'b', 'ab', '😀', '\ud83d\udc00', 'c'];
  const word = (random: Random, least: number, most: number) =>
    random.list(least, most, () => random.pick(letters)).join('');

  /** Cuts anywhere, also within surrogate pairs. */
  function pieces(random: Random, text: string): string[] {
    const cut: string[] = [];
    for (let at = 0; at < text.length;) {
      const length = random.below(4);
      cut.push(text.slice(at, at + length));
      at += length;
    }
    return cut;
  }

  /** The scanner in one line: the first end of a text that is the end of a stop text. */
  function expected(stops: readonly string[], text: string) {
    for (let end = 1; end <= text.length; end += 1) {
      const found = stops
        .filter((stop) => text.slice(0, end).endsWith(stop))
        .toSorted((a, b) => b.length - a.length)[0];
      if (found !== undefined) return { text: text.slice(0, end - found.length), stopped: found };
    }
    return { text, stopped: null };
  }

  test('it shows what comes before the first one, never half a character', () => {
    for (let seed = 0; seed < 5000; seed += 1) {
      const random = createRandom(seed);
      const stops = random.list(0, 4, () => word(random, 1, 4));
      const text = word(random, 0, 14);
      const { shown, stopped } = scanAll(stops, pieces(random, text));
      expect({ text: shown.join(''), stopped }).toEqual(expected(stops, text));
      for (const each of shown) expect(each).not.toMatch(/[\ud800-\udbff]$|^[\udc00-\udfff]/);
    }
  });

  test('it holds back only what begins one', () => {
    for (let seed = 0; seed < 2000; seed += 1) {
      const random = createRandom(seed);
      const stops = random.list(1, 3, () => random.list(1, 4, () => random.pick(['a', 'b'])).join(''));
      const scanner = openScanner(stops);
      let pushed = '';
      let shown = '';
      for (const piece of random.list(1, 12, () => random.pick(['a', 'b', 'c']))) {
        pushed += piece;
        const result = scan(scanner, piece);
        shown += result.text;
        if (result.stopped !== null) break;
        const held = pushed.slice(shown.length);
        expect(held === '' || stops.some((stop) => stop.startsWith(held))).toBe(true);
      }
    }
  });
});
