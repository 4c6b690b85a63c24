import type { IdList } from './encoding-ids.ts';
import type { Merger } from './encoding-merge.ts';
import { writeCharacter } from './encoding-utf8.ts';
import type { Vocabulary } from './encoding-vocabulary.ts';

/** How many bytes at the end of a window are not trusted at first, and how many windows that makes. */
const firstLookahead = 64;
const windowLookaheads = 16;

/**
 * Encodes one long piece of a text, window by window, in memory that doesn't grow with the piece.
 *
 * Why that is exact: a sequence of tokens is what merging makes of its bytes if and only if that holds for every two
 * neighbours in it. For as long as no merge crosses the border between two tokens, merging the whole does within those
 * two the same merges in the same order as merging the two alone (the lowest and leftmost of the whole, where it lies
 * within the two, is also theirs). So the first merge of the whole that crossed a border would cross it with the two
 * alone as well; and if merging the two alone crosses it, so does merging the whole, unless another crossing came first.
 *
 * Tokens of one window are neighbours that merging made, so only the joint between two windows has to be checked. A
 * window's last tokens may depend on bytes it didn't see; they are left to the next window. Where a joint turns out
 * wrong, tokens are taken back and the window begins earlier.
 */
export function* encodeLongPiece(
  { vocabulary, merger }: { vocabulary: Vocabulary; merger: Merger },
  text: string,
  from: number,
  to: number,
  ids: IdList,
): Generator<void, void> {
  const first = ids.length;
  let lookahead = firstLookahead;
  let position = from;
  let bytes = new Uint8Array(2048);
  let filled = 0;
  let takeBack = 1;
  const pair = new Uint8Array(2 * vocabulary.longest);

  function makeRoom(room: number): void {
    if (filled + room <= bytes.length) return;
    const larger = new Uint8Array(Math.max(bytes.length * 2, filled + room));
    larger.set(bytes);
    bytes = larger;
  }

  /** Whether merging keeps these two tokens as they are. */
  function stand(left: number, right: number): boolean {
    const middle = vocabulary.copy(left, pair, 0);
    const end = vocabulary.copy(right, pair, middle);
    return merger.merge(pair, end) === 2 && merger.ids[0] === left && merger.ids[1] === right;
  }

  while (position < to || filled > 0) {
    const window = lookahead * windowLookaheads;
    makeRoom(Math.max(0, window - filled) + 4);
    while (filled < window && position < to) {
      const end = writeCharacter(text, position, bytes, filled);
      position += end - filled === 4 ? 2 : 1;
      filled = end;
    }
    let count = merger.merge(bytes, filled);

    if (ids.length > first) {
      const left = ids.pop();
      const right = merger.ids[0]!;
      if (!stand(left, right)) {
        // Room for the tokens taken back, and more to look ahead: what reached this far back may do so again.
        ids.push(left);
        const back: Uint8Array[] = [];
        for (let taken = 0; taken < takeBack && ids.length > first; taken++) back.push(vocabulary.bytes(ids.pop()));
        const returned = back.reduce((total, each) => total + each.length, 0);
        makeRoom(returned);
        bytes.copyWithin(returned, 0, filled);
        let at = returned;
        for (const each of back) {
          at -= each.length;
          bytes.set(each, at);
        }
        filled += returned;
        takeBack *= 2;
        lookahead *= 2;
        yield;
        continue;
      }
      ids.push(left);
      count = merger.merge(bytes, filled);
    }
    takeBack = 1;

    let accepted = count;
    if (position < to) {
      while (accepted > 1 && merger.starts[accepted]! > filled - lookahead) accepted--;
    }
    for (let token = 0; token < accepted; token++) ids.push(merger.ids[token]!);
    const consumed = merger.starts[accepted]!;
    bytes.copyWithin(0, consumed, filled);
    filled -= consumed;
    yield;
  }
}
