import type { Random } from './random.ts';

/** Characters by what the pre-tokeniser makes of them, with the ones that other tokenisers get wrong. */
const pools = [
  [...'abcdefghijklmnopqrstuvwxyz'],
  [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'],
  [...'aAbBsStTdDmM', "'", "'s", "'RE", "'ll", "'ve", "'ſ", 'ſ', 'K'],
  [' ', '  ', '\t', '\n', '\r\n', '\r', '\u00a0', '\u0085', '\u2003', '\u3000', '\u2028'],
  [...'.,;:!?/-_=+*#<|>\'"(){}[]\\`~@$%^&'],
  [...'0123456789½Ⅷ²१٣', '\u{1d7d8}'],
  [...'éüßñçåøłıİǅǆΣσς', 'ЖЩы', '\u{10400}\u{10428}'],
  [...'中文字日本語的一是不了人我在有他ーひカ한국어조'],
  [...'กขคงจฉชซเแโไ็่้๊๋ัิีึืุูำ'],
  ['\u0300', '\u0301', '\u20dd', '\u093e', '\u0489', '\ufe0f', '\u{1d165}'],
  ['😀', '👍🏽', '\u200d', '❤️', '🇩🇪', '👩‍👩‍👧‍👦', '\u{1fae0}'],
  ['\ufeff', '\u180e', '\u200b', '\u2060', '\u00ad', '\u0000', '\u007f', '\uffff', '\ue000', '\u0378', '\u{10ffff}'],
  ['\ud800', '\udbff', '\udc00', '\udfff'],
  ['the ', ' of', 'function ', ' return', '://', '": "', '</div>\n', ' и ', '，', '。', 'ing', '<|start|>', '<|end|>'],
] as const;

/** A text of up to a few hundred characters: runs of one pool, mixtures of some, or repetitions. */
export function randomText(random: Random): string {
  const chosen = random.list(1, 4, () => random.pick(pools));
  const longest = random.pick([1, 3, 8, 30]);
  const runs = random.list(1, 10, () => {
    const pool = random.pick(chosen);
    if (random.chance(0.2)) return random.pick<string>(pool).repeat(1 + random.below(longest));
    return random.list(1, longest, () => random.pick<string>(pool)).join('');
  });
  return runs.join('');
}

/** A run of `length` or a few more code units, mostly one piece: merged in windows. */
export function longRun(random: Random, length: number): string {
  const pool = random.pick(pools);
  const few = random.chance(0.5) ? random.list(1, 4, () => random.pick<string>(pool)) : pool;
  let run = '';
  while (run.length < length) run += random.pick<string>(few);
  return run;
}

/** Runs that common tokenisers take quadratic time for, and others that a windowed one may. */
export const worstCases: Record<string, (length: number) => string> = {
  letters: (length) => repeat('a', length),
  capitals: (length) => repeat('A', length),
  'letters in turn': (length) => repeat('abcdefghijklmnopqrstuvwxyz', length),
  'random letters': (length) => randomRun(97, 122, length),
  'random letters of any case': (length) => repeat('aQzRTyKLmvBxWpEoUiSdFghJcNn', length),
  'capitals behind an ideograph': (length) => repeat(`中${'A'.repeat(999)}`, length),
  spaces: (length) => repeat(' ', length),
  'spaces behind a newline': (length) => `\n${repeat(' ', length - 1)}`,
  newlines: (length) => repeat('\n', length),
  'blank lines': (length) => repeat(' \n', length),
  dashes: (length) => repeat('-', length),
  punctuation: (length) => repeat('!?.,;:#*', length),
  apostrophes: (length) => repeat("'", length),
  contractions: (length) => repeat("'s", length),
  digits: (length) => repeat('1234567890', length),
  base64: (length) =>
    repeat('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg', length),
  'one ideograph': (length) => repeat('中', length),
  'random ideographs': (length) => randomRun(0x4e00, 0x9fa5, length),
  thai: (length) => randomRun(0x0e01, 0x0e3a, length),
  emoji: (length) => repeat('😀', length),
  'combining marks': (length) => randomRun(0x0300, 0x036f, length),
  'lone surrogates': (length) => repeat('\ud800', length),
  'a character of every block': (length) => {
    const blocks = Array.from({ length: 0x1100 }, (_, block) => String.fromCodePoint(block * 256 + (block % 251)));
    return repeat(blocks.join(''), length);
  },
};

function repeat(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
}

function randomRun(first: number, last: number, length: number): string {
  let state = 1;
  const units = new Uint16Array(length).map(() => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return first + Math.floor((state / 2 ** 32) * (last - first + 1));
  });
  return Buffer.from(units.buffer).toString('utf16le');
}

/** Runs steps to their end. */
export function finish<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
