import { characterClass } from './encoding-characters.ts';

const { upper, lower, caseless, mark, number, newline, blank, space, slash, other } = characterClass;

/** Where a splitter stands in a text. Made by `startSplitting`, moved by a splitter. */
export type SplitCursor = {
  readonly text: string;
  /** Where the piece in hand begins. */
  start: number;
  /** Behind the piece in hand, as far as it is known: final once the splitter says so. */
  end: number;
  /** The first code unit not looked at yet. */
  position: number;
  state: number;
};

export function startSplitting(text: string): SplitCursor {
  return { text, start: 0, end: 0, position: 0, state: 0 };
}

/** Takes the piece that was found and makes the next one the piece in hand. */
export function nextPiece(cursor: SplitCursor): void {
  cursor.start = cursor.end;
  cursor.position = cursor.end;
  cursor.state = 0;
}

/*
 * The pattern of o200k, in tiktoken's spelling (tiktoken_ext/openai_public.py):
 *
 *   1  [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
 *   2  [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
 *   3  \p{N}{1,3}
 *   4   ?[^\s\p{L}\p{N}]+[\r\n/]*
 *   5  \s*[\r\n]+
 *   6  \s+(?!\S)
 *   7  \s+
 *
 * It is run as a state machine, because a backtracking engine needs stack for long runs (16 million letters overflow
 * it) and can't be interrupted. What backtracking would decide is decided by where a step leaves the end of the piece:
 * the machine reads on as long as a longer match is possible and keeps the end of the best one so far. A character is
 * read at most twice: only upper-case letters behind a caseless one, and spaces behind a newline, are given back.
 */
const state = {
  start: 0,
  /** Alternative 2: upper-case letters, perhaps behind a prefix. */
  uppers: 1,
  /** Alternative 1 with a caseless letter or mark as its last required character; upper-case letters may follow it. */
  mixed: 2,
  /** Alternative 1 behind its first lower-case letter: an upper-case one ends it. */
  lowers: 3,
  /** One character of punctuation: a prefix of 1 or 2, or the first of 4. */
  punctuationPrefix: 4,
  /** Alternative 4. */
  punctuation: 5,
  /** Alternative 4 in its last part. */
  punctuationTail: 6,
  /** One U+0020: a prefix of 1, 2 or 4, or the first of 5, 6 or 7. */
  blankPrefix: 7,
  /** One other space: a prefix of 1 or 2, or the first of 5, 6 or 7. */
  spacePrefix: 8,
  /** Alternative 6 or 7: at least two spaces, the last of which is left to what follows unless the text ends. */
  spaces: 9,
  /** Alternative 5. */
  newlines: 10,
  oneDigit: 11,
  twoDigits: 12,
  threeDigits: 13,
} as const;

/** A step into a state, with the piece's end left where it was. 0, a step into `start`, ends the piece. */
const stay = 0;
/** The piece ends behind this character, as far as is known. */
const take = 0x10;
/** The piece ends before this character, as far as is known. */
const leave = 0x20;
const stateMask = 0x0f;

const steps = new Uint8Array(16 * 16);

function row(from: number, ...entries: [classes: number[], to: number, move: number][]): void {
  for (const [classes, to, move] of entries) for (const each of classes) steps[from * 16 + each] = to | move;
}

row(
  state.start,
  [[upper], state.uppers, take],
  [[lower], state.lowers, take],
  [[caseless, mark], state.mixed, take],
  [[number], state.oneDigit, take],
  [[newline], state.newlines, take],
  [[blank], state.blankPrefix, take],
  [[space], state.spacePrefix, take],
  [[slash, other], state.punctuationPrefix, take],
);
row(state.uppers, [[upper], state.uppers, take], [[lower], state.lowers, take], [[caseless, mark], state.mixed, take]);
row(state.mixed, [[upper], state.mixed, stay], [[lower], state.lowers, take], [[caseless, mark], state.mixed, take]);
row(state.lowers, [[lower, caseless, mark], state.lowers, take]);
row(
  state.punctuationPrefix,
  [[upper], state.uppers, take],
  [[lower], state.lowers, take],
  [[caseless, mark], state.mixed, take],
  [[slash, other], state.punctuation, take],
  [[newline], state.punctuationTail, take],
);
row(state.punctuation, [[mark, slash, other], state.punctuation, take], [[newline], state.punctuationTail, take]);
row(state.punctuationTail, [[newline, slash], state.punctuationTail, take]);
row(
  state.blankPrefix,
  [[upper], state.uppers, take],
  [[lower], state.lowers, take],
  [[caseless, mark], state.mixed, take],
  [[slash, other], state.punctuation, take],
  [[newline], state.newlines, take],
  [[blank, space], state.spaces, leave],
);
row(
  state.spacePrefix,
  [[upper], state.uppers, take],
  [[lower], state.lowers, take],
  [[caseless, mark], state.mixed, take],
  [[newline], state.newlines, take],
  [[blank, space], state.spaces, leave],
);
row(state.spaces, [[blank, space], state.spaces, leave], [[newline], state.newlines, take]);
row(state.newlines, [[newline], state.newlines, take], [[blank, space], state.newlines, stay]);
row(state.oneDigit, [[number], state.twoDigits, take]);
row(state.twoDigits, [[number], state.threeDigits, take]);

/**
 * Looks for the end of the piece in hand, reading at most `limit` characters, one at least. True when `cursor.end` is
 * final; false when it has to be called again for the same piece. Must not be called at the end of the text.
 */
export type Splitter = (cursor: SplitCursor, limit: number) => boolean;

export function createSplitter(classOf: (codePoint: number) => number): Splitter {
  return (cursor, limit) => {
    const { text } = cursor;
    const { length } = text;
    let { position, end: pieceEnd, state: current } = cursor;
    for (let left = limit; left > 0 && position < length; left--) {
      const first = text.charCodeAt(position);
      let after = position + 1;
      let codePoint = first;
      if ((first & 0xfc00) === 0xd800) {
        codePoint = text.codePointAt(position)!;
        if (codePoint !== first) after++;
      }
      const step = steps[current * 16 + classOf(codePoint)]!;
      if (step === 0) {
        cursor.end = current <= state.lowers ? behindContraction(text, pieceEnd) : pieceEnd;
        return true;
      }
      if (step & take) pieceEnd = after;
      else if (step & leave) pieceEnd = position;
      current = step & stateMask;
      position = after;
    }
    if (position === length) {
      if (current === state.spaces) pieceEnd = length;
      cursor.end = current <= state.lowers ? behindContraction(text, pieceEnd) : pieceEnd;
      return true;
    }
    cursor.position = position;
    cursor.end = pieceEnd;
    cursor.state = current;
    return false;
  };
}

/** Where a word that ends at `at` ends with the contraction that may follow it. */
function behindContraction(text: string, at: number): number {
  if (text.charCodeAt(at) !== 0x27) return at;
  switch (text[at + 1]) {
    case 's':
    case 'S':
    case 'ſ':
    case 't':
    case 'T':
    case 'm':
    case 'M':
    case 'd':
    case 'D':
      return at + 2;
    case 'r':
    case 'R':
    case 'v':
    case 'V':
      return text[at + 2] === 'e' || text[at + 2] === 'E' ? at + 3 : at;
    case 'l':
    case 'L':
      return text[at + 2] === 'l' || text[at + 2] === 'L' ? at + 3 : at;
    default:
      return at;
  }
}
