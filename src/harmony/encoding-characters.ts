import { characterRuns } from './encoding-character-runs.ts';

/** The classes of characters that the pre-tokeniser's pattern tells apart. */
export const characterClass = {
  /** Lu and Lt. */
  upper: 1,
  /** Ll. */
  lower: 2,
  /** Lm and Lo: letters that stand wherever the pattern wants an upper or a lower one. */
  caseless: 3,
  /** M: like a caseless letter inside a word, like punctuation outside. */
  mark: 4,
  /** N. */
  number: 5,
  /** Carriage return and line feed alone. */
  newline: 6,
  /** U+0020 alone. */
  blank: 7,
  /** The rest of Unicode's White_Space: with U+0085, without U+FEFF, unlike JavaScript's `\s`. */
  space: 8,
  /** U+002F alone. */
  slash: 9,
  /** Everything else, lone surrogates among it since they count as U+FFFD. */
  other: 10,
} as const;

/** Says the class of a code point. */
export function createCharacterClasses(): (codePoint: number) => number {
  const classes = new Uint8Array(0x110000);
  let at = 0;
  for (const [, name, length] of characterRuns.matchAll(/([A-J])([0-9a-z]*)/g)) {
    const end = at + (length === '' ? 1 : Number.parseInt(length!, 36));
    classes.fill(name!.charCodeAt(0) - 64, at, end);
    at = end;
  }
  return (codePoint) => classes[codePoint]!;
}
