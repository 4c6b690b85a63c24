import { expect, test } from 'vitest';
import { createCharacterClasses } from '../../src/harmony/encoding-characters.ts';
import { createSplitter, nextPiece, startSplitting } from '../../src/harmony/encoding-split.ts';
import { longRun, randomText, worstCases } from './encoding-texts.ts';
import { createRandom } from './random.ts';

const split = createSplitter(createCharacterClasses());

/** The pieces of a text, looking at no more than `limit` characters at a time. */
function piecesOf(text: string, limit = 256): string[] {
  const pieces: string[] = [];
  const cursor = startSplitting(text);
  while (cursor.start < text.length) {
    while (!split(cursor, limit));
    pieces.push(text.slice(cursor.start, cursor.end));
    nextPiece(cursor);
  }
  return pieces;
}

const contraction = String.raw`(?:'[sSſtTmMdD]|'[rRvV][eE]|'[lL][lL])?`;
/** o200k's pattern as JavaScript can run it, on texts too short for its stack to matter. */
const pattern = new RegExp(
  [
    String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+${contraction}`,
    String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*${contraction}`,
    String.raw`\p{N}{1,3}`,
    String.raw` ?[^\p{White_Space}\p{L}\p{N}]+[\r\n/]*`,
    String.raw`\p{White_Space}*[\r\n]+`,
    String.raw`\p{White_Space}+(?!\P{White_Space})`,
    String.raw`\p{White_Space}+`,
  ].join('|'),
  'gu',
);

test.each([
  ["Don't stop, HTTPServer! 12345", ["Don't", ' stop', ',', ' HTTPServer', '!', ' ', '123', '45']],
  ["They'll've SAID'S it'ſ", ["They'll", "'ve", " SAID'S", " it'ſ"]],
  ['camelCase中ABCd中ABC!', ['camel', 'Case中', 'ABCd中', 'ABC', '!']],
  ['a  b \n\n  c   ', ['a', ' ', ' b', ' \n\n', ' ', ' c', '   ']],
  ['://\n/a /*\r\n*/ .A', ['://\n/', 'a', ' /*\r\n', '*/', ' .', 'A']],
  ['\u0301A.\u0301A e\u0301é', ['\u0301', 'A', '.\u0301', 'A', ' e\u0301é']],
  ['\ufeffa\u0085b\u00a0 c', ['\ufeffa', '\u0085b', '\u00a0', ' c']],
])('%j is split as the pattern says', (text, pieces) => {
  expect(piecesOf(text)).toEqual(pieces);
  expect(text.match(pattern)).toEqual(pieces);
});

test('any text is split as the pattern says, however little is looked at a time', () => {
  const random = createRandom(8);
  for (let each = 0; each < 6000; each++) {
    const text = random.chance(0.05) ? longRun(random, 600) : randomText(random);
    expect(piecesOf(text, 1 + random.below(20)), JSON.stringify(text)).toEqual(text.match(pattern));
  }
});

// Characters of every block are left out: what Unicode versions after tiktoken's have assigned, JavaScript may know.
const knownCharacters = Object.entries(worstCases).filter(([name]) => name !== 'a character of every block');
test.each(knownCharacters)('a run of %s is split as the pattern says', (_, make) => {
  expect(piecesOf(make(1000))).toEqual(make(1000).match(pattern));
});
