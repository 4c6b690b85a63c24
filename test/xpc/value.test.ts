import { expect, test } from 'vitest';
import { decodeValue } from '../../src/xpc/decode.ts';
import { encodeValue } from '../../src/xpc/encode.ts';
import { createFrameReader, encodeFrame } from '../../src/xpc/framing.ts';
import { dictionary, double, int64, maxDepth, maxMessageBytes, tokensMarker, uint64 } from '../../src/xpc/value.ts';
import type { XpcValue } from '../../src/xpc/value.ts';

const everything = dictionary({
  text: 'grüße 👋',
  empty: '',
  yes: true,
  no: false,
  nothing: null,
  most: uint64(2n ** 64n - 1n),
  least: int64(-(2n ** 63n)),
  half: double(0.5),
  bytes: Buffer.from([0, 255, 10]),
  list: ['a', [], dictionary({})],
  __proto__x: 'plain',
});

test('every kind of value comes back as it was', () => {
  expect(decodeValue(encodeValue(everything))).toEqual(everything);
});

test('the bytes are those of the table', () => {
  expect(encodeValue(dictionary({ a: ['b', uint64(258)] })).toString('hex')).toBe(
    '09' + '01000000' + '01000000' + '61' + '08' + '02000000' + '06' + '01000000' + '62' + '04' + '0201000000000000',
  );
});

test('a message cut off anywhere is refused, and so is one with bytes too many', () => {
  const bytes = encodeValue(everything);
  for (let length = 0; length < bytes.length; length++) {
    expect(() => decodeValue(bytes.subarray(0, length)), `${length} bytes`).toThrow(RangeError);
  }
  expect(() => decodeValue(Buffer.concat([bytes, Buffer.of(0)]))).toThrow('1 bytes after');
});

test('what XPC cannot carry is refused: NULs, deep nesting, unknown tags, a tokens marker on the wire', () => {
  expect(() => encodeValue('a\0b')).toThrow(RangeError);
  expect(() => encodeValue(dictionary({ 'a\0': 'b' }))).toThrow(RangeError);
  expect(() => encodeValue(uint64(-1))).toThrow(RangeError);
  const nested = (levels: number): XpcValue => (levels === 0 ? 'x' : [nested(levels - 1)]);
  expect(decodeValue(encodeValue(nested(maxDepth)))).toEqual(nested(maxDepth));
  expect(() => encodeValue(nested(maxDepth + 1))).toThrow(RangeError);
  const tooDeep = Buffer.concat([Buffer.from('0801000000'.repeat(maxDepth + 1), 'hex'), Buffer.of(0)]);
  expect(() => decodeValue(tooDeep)).toThrow('levels');
  expect(() => decodeValue(encodeValue(tokensMarker))).toThrow('tag 10');
  expect(() => decodeValue(Buffer.of(0xee))).toThrow('tag 238');
});

test('frames come out whole however the bytes are cut', () => {
  const frames = ['', 'a', 'bc'.repeat(500)].map((text) => Buffer.from(text));
  const bytes = Buffer.concat(frames.map(encodeFrame));
  for (const size of [1, 2, 3, 5, 100, bytes.length]) {
    const seen: string[] = [];
    const reader = createFrameReader((frame) => seen.push(frame.toString()));
    for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
    expect(seen).toEqual(frames.map(String));
  }
});

test('a frame over the limit is refused before its bytes arrive', () => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(maxMessageBytes + 1);
  expect(() => createFrameReader(() => undefined).push(length)).toThrow(RangeError);
});

test('messages of every size are written whole', () => {
  for (let length = 480; length < 560; length++) {
    const message = dictionary({
      pad: 'x'.repeat(length),
      yes: true,
      most: uint64(7),
      less: int64(-7),
      half: double(0.5),
    });
    expect(decodeValue(encodeValue(message)), `${length}`).toEqual(message);
    const list = Array.from({ length }, () => true);
    expect(decodeValue(encodeValue(list)), `${length}`).toEqual(list);
  }
});
