/** Writes a text's code units `from` up to `to` as UTF-8, lone surrogates as U+FFFD, and says how many bytes they took. */
export function writeText(text: string, from: number, to: number, into: Uint8Array): number {
  let length = 0;
  for (let at = from; at < to; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) into[length++] = unit;
    else {
      const end = writeCharacter(text, at, into, length);
      if (end - length === 4) at++;
      length = end;
    }
  }
  return length;
}

/**
 * Writes the character at `at` of a text as UTF-8, a lone surrogate as U+FFFD, and says where its bytes end.
 * Whether the character took two code units follows from the bytes: four of them.
 */
export function writeCharacter(text: string, at: number, into: Uint8Array, to: number): number {
  const codePoint = text.codePointAt(at)!;
  if (codePoint < 0x80) {
    into[to] = codePoint;
    return to + 1;
  }
  if (codePoint < 0x800) {
    into[to] = 0xc0 | (codePoint >> 6);
    into[to + 1] = 0x80 | (codePoint & 0x3f);
    return to + 2;
  }
  if (codePoint < 0x10000) {
    const scalar = (codePoint & 0xf800) === 0xd800 ? 0xfffd : codePoint;
    into[to] = 0xe0 | (scalar >> 12);
    into[to + 1] = 0x80 | ((scalar >> 6) & 0x3f);
    into[to + 2] = 0x80 | (scalar & 0x3f);
    return to + 3;
  }
  into[to] = 0xf0 | (codePoint >> 18);
  into[to + 1] = 0x80 | ((codePoint >> 12) & 0x3f);
  into[to + 2] = 0x80 | ((codePoint >> 6) & 0x3f);
  into[to + 3] = 0x80 | (codePoint & 0x3f);
  return to + 4;
}
