import { createCharacterClasses } from './encoding-characters.ts';
import { collectIds, createIdList, pushId } from './encoding-ids.ts';
import type { IdList } from './encoding-ids.ts';
import { encodeLongPiece } from './encoding-long.ts';
import { createMerger } from './encoding-merge.ts';
import { createSplitter, nextPiece, startSplitting } from './encoding-split.ts';
import type { SplitCursor } from './encoding-split.ts';
import { writeText } from './encoding-utf8.ts';
import { noRank } from './encoding-vocabulary.ts';
import type { Vocabulary } from './encoding-vocabulary.ts';

/** Code units that a step encodes, where pieces are short: well under a millisecond. */
const unitsPerStep = 1 << 10;
/** Characters of a long piece that a step reads in search of its end. */
const charactersPerStep = 1 << 16;
/** Characters up to which a piece is short, and so encoded in one go. No token is longer. */
const shortPiece = 256;

/**
 * Encodes ordinary text: splits it by o200k's pattern, and takes each piece as the token that it is or merges its bytes.
 * Nothing is kept between texts, so memory doesn't grow with what was encoded.
 */
export function createOrdinaryEncoder(
  vocabulary: Vocabulary,
): (text: string) => Generator<void, Uint32Array<ArrayBuffer>> {
  const merger = createMerger(vocabulary);
  const pairMerger = createMerger(vocabulary);
  const split = createSplitter(createCharacterClasses());
  const bytes = new Uint8Array(4 * shortPiece);

  function encodeShortPiece(text: string, from: number, to: number, ids: IdList): void {
    const length = writeText(text, from, to, bytes);
    const whole = vocabulary.rank(bytes, 0, length);
    if (whole !== noRank) {
      pushId(ids, whole);
      return;
    }
    const count = merger.merge(bytes, length);
    for (let token = 0; token < count; token++) pushId(ids, merger.ids[token]!);
  }

  /** Goes on until a step's share is done, the text ends, or a piece turns out to be a long one: true in that case. */
  function encodeShortPieces(cursor: SplitCursor, ids: IdList): boolean {
    const { text } = cursor;
    const stop = Math.min(text.length, cursor.start + unitsPerStep);
    while (cursor.start < stop) {
      if (!split(cursor, shortPiece)) return true;
      encodeShortPiece(text, cursor.start, cursor.end, ids);
      nextPiece(cursor);
    }
    return false;
  }

  return function* encodeSteps(text) {
    const ids = createIdList(text.length >> 2);
    const cursor = startSplitting(text);
    while (cursor.start < text.length) {
      if (encodeShortPieces(cursor, ids)) {
        while (!split(cursor, charactersPerStep)) yield;
        const { start, end } = cursor;
        if (end - start > shortPiece) yield* encodeLongPiece({ vocabulary, merger, pairMerger }, text, start, end, ids);
        else encodeShortPiece(text, start, end, ids);
        nextPiece(cursor);
      }
      yield;
    }
    return yield* collectIds(ids);
  };
}
