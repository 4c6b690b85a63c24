import { describe, expect, test } from 'vitest';
import { decodeUtf8, endUtf8, openUtf8 } from '../../src/harmony/utf8-stream.ts';

/** What begins characters of each length, what ends them, and what does neither. */
const bytes = [0x41, 0x7f, 0x80, 0x8f, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5];

/** The text after each piece, and at the end. */
function steps(pieces: readonly Uint8Array[]): string[] {
  const stream = openUtf8();
  return [...pieces.map((piece) => decodeUtf8(stream, [piece])), endUtf8(stream)];
}

function stepsOfPlatform(pieces: readonly Uint8Array[]): string[] {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return [...pieces.map((piece) => decoder.decode(piece, { stream: true })), decoder.decode()];
}

describe('UTF-8 in pieces', () => {
  test.each(bytes)('is what TextDecoder makes of it, as soon, wherever it is cut: %i …', (one) => {
    const streams = bytes
      .flatMap((two) =>
        bytes.flatMap((three) => [0x41, 0x80, 0xe2].map((four) => Uint8Array.of(one, two, three, four))),
      )
      .flatMap((all) => [
        ...[1, 2, 3].map((at) => [all.subarray(0, at), all.subarray(at)]),
        Array.from(all, (byte) => Uint8Array.of(byte)),
      ]);
    expect(streams.map(steps)).toEqual(streams.map(stepsOfPlatform));
  });

  test('may come in several pieces at once', () => {
    const stream = openUtf8();
    const euro = [...new TextEncoder().encode('€')].map((byte) => Uint8Array.of(byte));
    expect(decodeUtf8(stream, [])).toBe('');
    expect(decodeUtf8(stream, [Uint8Array.of(0x41), euro[0]!])).toBe('A');
    expect(decodeUtf8(stream, [euro[1]!, euro[2]!, Uint8Array.of(0x42)])).toBe('€B');
    expect(endUtf8(stream)).toBe('');
  });

  test('keeps a byte order mark', () => {
    expect(steps([Uint8Array.of(0xef), Uint8Array.of(0xbb, 0xbf)])).toEqual(['', '\ufeff', '']);
  });
});
