import { idCount, popId, pushId } from './encoding-ids.ts';
import type { IdList } from './encoding-ids.ts';
import type { Merger } from './encoding-merge.ts';
import { writeCharacter } from './encoding-utf8.ts';
import type { Vocabulary } from './encoding-vocabulary.ts';

/** How many bytes at the end of a window are left to the next one, at first. */
const firstLookahead = 64;
/** How many times its lookahead a window is long: what is left to the next is done twice. */
const windowPerLookahead = 16;

/**
 * Encodes one long piece of a text, a window of about a kilobyte per step, in memory that doesn't grow with the piece.
 *
 * Why that is exact: a sequence of tokens is what merging makes of its bytes if and only if that holds for every two
 * neighbours in it. For as long as no merge crosses a border between two tokens, merging the whole does within those
 * two the same merges in the same order as merging the two alone: the lowest and leftmost pair of the whole, where it
 * lies within the two, is also theirs. So the first merge of the whole to cross a border would also be made in the two
 * neighbours alone; and where none crosses a border, each token comes out as it does alone.
 *
 * Tokens of one window are neighbours that merging made, so only the joint between two windows has to be checked. A
 * window's last tokens may depend on bytes that it didn't see, so they are left to the next. Where a joint turns out
 * wrong nevertheless, tokens before it are taken back, and the window is merged again with them in front.
 */
export function* encodeLongPiece(
  { vocabulary, merger, pairMerger }: { vocabulary: Vocabulary; merger: Merger; pairMerger: Merger },
  text: string,
  from: number,
  to: number,
  ids: IdList,
): Generator<void, void> {
  const firstId = idCount(ids);
  const pair = new Uint8Array(2 * vocabulary.longest);
  let bytes = new Uint8Array(2 * firstLookahead * windowPerLookahead);
  let filled = 0;
  let position = from;
  let lookahead = firstLookahead;
  let back = 1;

  while (position < to || filled > 0) {
    fillWindow();
    const count = merger.merge(bytes, filled);
    if (jointHolds()) {
      const accepted = position < to ? countTrusted(count) : count;
      for (let token = 0; token < accepted; token++) pushId(ids, merger.ids[token]!);
      dropFront(merger.starts[accepted]!);
      back = 1;
    } else {
      for (let taken = 0; taken < back && idCount(ids) > firstId; taken++) prepend(vocabulary.bytes(popId(ids)));
      // What reached this far may do so again: look further ahead for the rest of the piece.
      back *= 2;
      lookahead *= 2;
    }
    yield;
  }

  function fillWindow(): void {
    const window = lookahead * windowPerLookahead;
    makeRoom(window + 4);
    while (filled < window && position < to) {
      const end = writeCharacter(text, position, bytes, filled);
      position += end - filled === 4 ? 2 : 1;
      filled = end;
    }
  }

  /** Whether merging keeps the last token before the window and the first one in it as they are. */
  function jointHolds(): boolean {
    if (idCount(ids) === firstId) return true;
    const left = popId(ids);
    pushId(ids, left);
    const right = merger.ids[0]!;
    const middle = vocabulary.copy(left, pair, 0);
    const count = pairMerger.merge(pair, vocabulary.copy(right, pair, middle));
    return count === 2 && pairMerger.ids[0] === left && pairMerger.ids[1] === right;
  }

  /** How many of the window's tokens end before the lookahead; at least one, so that every window gets on. */
  function countTrusted(count: number): number {
    let trusted = count;
    while (trusted > 1 && merger.starts[trusted]! > filled - lookahead) trusted--;
    return trusted;
  }

  function prepend(returned: Uint8Array): void {
    makeRoom(filled + returned.length);
    bytes.copyWithin(returned.length, 0, filled);
    bytes.set(returned);
    filled += returned.length;
  }

  function dropFront(length: number): void {
    bytes.copyWithin(0, length, filled);
    filled -= length;
  }

  function makeRoom(length: number): void {
    if (length <= bytes.length) return;
    const larger = new Uint8Array(2 * length);
    larger.set(bytes);
    bytes = larger;
  }
}
