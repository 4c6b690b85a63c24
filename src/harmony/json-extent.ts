/** Where a JSON object ends, in a text that arrives in pieces. */
export type JsonExtent = {
  /** What would close the brackets that are open. */
  readonly closers: string[];
  /** Whether the object's last brace has come. */
  complete: boolean;
  inString: boolean;
  escaped: boolean;
};

export function openExtent(): JsonExtent {
  return { closers: [], complete: false, inString: false, escaped: false };
}

/**
 * Units of this piece that belong to the object, which begins with the first piece. Nothing does after its end. Follows
 * strings and brackets alone: what is between them need not be JSON. A bracket that closes nothing is text.
 */
export function followObject(extent: JsonExtent, piece: string): number {
  const { closers } = extent;
  if (extent.complete) return 0;
  for (let at = 0; at < piece.length; at += 1) {
    const character = piece[at] ?? '';
    if (extent.escaped) extent.escaped = false;
    else if (extent.inString) {
      if (character === '\\') extent.escaped = true;
      else if (character === '"') extent.inString = false;
    } else if (character === '"') extent.inString = true;
    else if (character === '{') closers.push('}');
    else if (character === '[') closers.push(']');
    else if (character === closers.at(-1)) {
      closers.pop();
      extent.complete = closers.length === 0;
      if (extent.complete) return at + 1;
    }
  }
  return piece.length;
}
