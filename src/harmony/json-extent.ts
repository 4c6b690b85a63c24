/** Where a JSON object ends, in a text that arrives in pieces. */
export type JsonExtent = {
  /** Units of this piece that belong to the object, which begins with the first piece. Nothing does after its end. */
  push(piece: string): number;
  /** Whether the object's last brace has come. */
  readonly complete: boolean;
};

/** Follows strings and brackets alone: what is between them need not be JSON. A bracket that closes nothing is text. */
export function createJsonExtent(): JsonExtent {
  const closers: string[] = [];
  let complete = false;
  let inString = false;
  let escaped = false;

  return {
    push(piece) {
      if (complete) return 0;
      for (let at = 0; at < piece.length; at += 1) {
        const character = piece[at] ?? '';
        if (escaped) escaped = false;
        else if (inString) {
          if (character === '\\') escaped = true;
          else if (character === '"') inString = false;
        } else if (character === '"') inString = true;
        else if (character === '{') closers.push('}');
        else if (character === '[') closers.push(']');
        else if (character === closers.at(-1)) {
          closers.pop();
          complete = closers.length === 0;
          if (complete) return at + 1;
        }
      }
      return piece.length;
    },
    get complete() {
      return complete;
    },
  };
}
