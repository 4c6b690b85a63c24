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

const blockSize = 256;

/** Says the class of a code point. Classes are worked out a block of 256 at a time, when first asked for. */
export function createCharacterClasses(): (codePoint: number) => number {
  const classes = new Uint8Array(0x110000);

  function fill(codePoint: number): number {
    const first = codePoint & ~(blockSize - 1);
    for (let member = first; member < first + blockSize; member++) classes[member] = classify(member);
    return classes[codePoint]!;
  }

  return (codePoint) => classes[codePoint]! || fill(codePoint);
}

function classify(codePoint: number): number {
  const character = String.fromCodePoint(codePoint);
  if (character === '\n' || character === '\r') return characterClass.newline;
  if (character === ' ') return characterClass.blank;
  if (character === '/') return characterClass.slash;
  if (/\p{White_Space}/u.test(character)) return characterClass.space;
  if (/\p{N}/u.test(character)) return characterClass.number;
  if (/\p{M}/u.test(character)) return characterClass.mark;
  if (/[\p{Lu}\p{Lt}]/u.test(character)) return characterClass.upper;
  if (/\p{Ll}/u.test(character)) return characterClass.lower;
  if (/\p{L}/u.test(character)) return characterClass.caseless;
  return characterClass.other;
}
