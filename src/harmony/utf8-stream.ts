/** UTF-8 that arrives in pieces. */
export type Utf8Stream = {
  /** The beginning of a character whose rest has not come; null: the bytes so far are whole characters. */
  rest: Uint8Array | null;
};

/** A byte order mark is text like any other. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

export function openUtf8(): Utf8Stream {
  return { rest: null };
}

/**
 * The text that is certain by now; a character that is not complete waits for its rest. Decodes as WHATWG says: each
 * ill-formed sequence becomes one U+FFFD.
 */
export function decodeUtf8(stream: Utf8Stream, pieces: readonly Uint8Array[]): string {
  const [first] = pieces;
  if (first === undefined) return '';
  const { rest } = stream;
  const bytes =
    rest === null && pieces.length === 1 ? first : Buffer.concat(rest === null ? pieces : [rest, ...pieces]);
  const whole = wholeLength(bytes);
  stream.rest = whole === bytes.length ? null : bytes.slice(whole);
  return utf8.decode(whole === bytes.length ? bytes : bytes.subarray(0, whole));
}

/** What is left at the end: U+FFFD for a character that never got complete, mostly nothing. Ready for another text. */
export function endUtf8(stream: Utf8Stream): string {
  const { rest } = stream;
  stream.rest = null;
  return rest === null ? '' : utf8.decode(rest);
}

/** How many of the bytes are not of a character that they end in the midst of. */
function wholeLength(bytes: Uint8Array): number {
  for (let at = bytes.length - 1; at >= 0 && at >= bytes.length - 3; at -= 1) {
    const byte = bytes[at]!;
    if ((byte & 0xc0) === 0x80) continue;
    const isIncomplete = bytes.length - at < lengthOf(byte);
    // A beginning that no rest makes a character is several ill-formed sequences.
    return isIncomplete && utf8.decode(bytes.subarray(at)) === '\ufffd' ? at : bytes.length;
  }
  return bytes.length;
}

/** How long the character is that begins with this byte; 1 also for a byte that begins none. */
function lengthOf(byte: number): number {
  if (byte < 0xc2 || byte > 0xf4) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}
