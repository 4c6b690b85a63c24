import { firstControlId } from '../harmony/encoding.ts';
import type { Encoding } from '../harmony/encoding.ts';

/** A control token, or the text between two of them. */
export type PrefillPiece = { readonly control: boolean; readonly text: string; readonly ids: readonly number[] };

/** Cuts a prefill where control tokens stand. The pieces' ids, one after another, are the prefill. */
export function prefillPieces(tokens: Uint32Array, encoding: Encoding): PrefillPiece[] {
  const pieces: PrefillPiece[] = [];
  let from = 0;
  const endText = (to: number) => {
    if (to === from) return;
    const ids = [...tokens.subarray(from, to)];
    pieces.push({ control: false, text: encoding.decode(ids), ids });
  };
  for (const [index, id] of tokens.entries()) {
    if (id < firstControlId) continue;
    endText(index);
    pieces.push({ control: true, text: encoding.decode([id]), ids: [id] });
    from = index + 1;
  }
  endText(tokens.length);
  return pieces;
}
