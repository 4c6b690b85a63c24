/** UTF-8 that arrives in pieces. */
export type Utf8Stream = {
  /** The text that is certain by now; a sequence that is not complete waits for its rest. */
  push(pieces: readonly Uint8Array[]): string;
  /** What is left at the end: U+FFFD for a sequence that never got complete, mostly nothing. Ready for another text. */
  end(): string;
};

/** Decodes as WHATWG says: each ill-formed sequence becomes one U+FFFD. A byte order mark is text like any other. */
export function createUtf8Stream(): Utf8Stream {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    push(pieces) {
      const [only] = pieces;
      if (only === undefined) return '';
      return decoder.decode(pieces.length === 1 ? only : Buffer.concat(pieces), { stream: true });
    },
    end: () => decoder.decode(),
  };
}
