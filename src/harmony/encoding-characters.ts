/** The classes of characters that the pre-tokeniser's pattern tells apart. 0 is kept for "not looked up yet". */
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

/** A run of characters of one class; the number of the group that matched is the class. */
const run =
  /([\p{Lu}\p{Lt}]+)|(\p{Ll}+)|([\p{Lm}\p{Lo}]+)|(\p{M}+)|(\p{N}+)|([\r\n]+)|( +)|([^\P{White_Space}\r\n ]+)|(\/+)|([^\p{L}\p{M}\p{N}\p{White_Space}/]+)/gu;

const blockSize = 256;

/**
 * Says the class of a code point. Classes are worked out a block at a time, when first asked for: all of Unicode would
 * take longer than loading the vocabulary, and a text uses few blocks.
 */
export function createCharacterClasses(): (codePoint: number) => number {
  const classes = new Uint8Array(0x110000);

  function classify(codePoint: number): number {
    const first = codePoint & ~(blockSize - 1);
    const members = String.fromCodePoint(...Array.from({ length: blockSize }, (_, index) => first + index));
    const unitsEach = members.length / blockSize;
    for (const match of members.matchAll(run)) {
      const from = first + match.index / unitsEach;
      classes.fill(match.indexOf(match[0], 1), from, from + match[0].length / unitsEach);
    }
    return classes[codePoint]!;
  }

  return (codePoint) => classes[codePoint]! || classify(codePoint);
}
