import { setImmediate } from 'node:timers/promises';

/** Code units of a piece of text: less than a millisecond to write or to read. */
const pieceLength = 32_768;

/** Pieces between two stops. */
const piecesPerStep = 4;

/** The text in pieces that are texts by themselves: no character is cut in two. */
export function* piecesOf(text: string): Generator<string, void, undefined> {
  if (text.length <= pieceLength) return yield text;
  for (let from = 0; from < text.length;) {
    let to = Math.min(text.length, from + pieceLength);
    if (to < text.length && (text.charCodeAt(to - 1) & 0xfc00) === 0xd800) to++;
    yield text.slice(from, to);
    from = to;
  }
}

/** Lets others go first, every few calls. */
export function createBreaks(): () => Promise<void> {
  let calls = 0;
  return async () => {
    calls++;
    if (calls % piecesPerStep === 0) await setImmediate();
  };
}
