/**
 * A text that comes in small pieces and is wanted whole later. `text += piece` would keep 32 bytes for each piece beside
 * the piece, a string of its own, until the text is read; so pieces are joined as they come, sixteen at a time.
 */
export type GrowingText = {
  joined: string;
  /** What came since; null: nothing. */
  pieces: string[] | null;
};

const piecesAtATime = 16;

export function emptyText(): GrowingText {
  return { joined: '', pieces: null };
}

export function addPiece(text: GrowingText, piece: string): void {
  if (text.joined === '') {
    text.joined = piece;
  } else if (text.pieces === null) {
    text.pieces = [piece];
  } else {
    text.pieces.push(piece);
    if (text.pieces.length < piecesAtATime) return;
    text.joined += text.pieces.join('');
    text.pieces = null;
  }
}

/** All pieces so far. */
export function wholeText({ joined, pieces }: GrowingText): string {
  return pieces === null ? joined : joined + pieces.join('');
}

export function isEmptyText({ joined }: GrowingText): boolean {
  return joined === '';
}
