import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeValue } from '../../src/xpc/encode.ts';
import { dictionary, double, int64, maxDepth, maxMessageBytes, tokensMarker, uint64 } from '../../src/xpc/value.ts';
import type { XpcValue } from '../../src/xpc/value.ts';
import { echo, listen, newSocketPath } from './peer.ts';
import { endOfFile, loadShim, openConnection } from './shim.ts';
import type { Peer } from './peer.ts';
import type { EventReader } from './shim.ts';

const library = loadShim();
let place: ReturnType<typeof newSocketPath>;
let peer: Peer;
let connection: EventReader;
/** What the peer got, decoded. */
let received: XpcValue[];

beforeEach(async () => {
  received = [];
  place = newSocketPath();
  peer = await listen(place.path, (message, from) => {
    received.push(message);
    echo(message, from);
  });
  connection = openConnection(library, place.path);
});

afterEach(async () => {
  library.close(connection.handle);
  expect(await connection.next()).toBe('$closed');
  expect(await connection.next()).toBe(endOfFile);
  await peer.close();
  place.remove();
});

function send(message: XpcValue, tokens: Uint32Array | null = null): void {
  library.send(connection.handle, encodeValue(message), tokens);
}

describe('values through the shim', () => {
  test('every type arrives at the service as it was sent', async () => {
    const message = dictionary({
      null: null,
      true: true,
      false: false,
      int64: int64(-(2n ** 63n)),
      uint64: uint64(2n ** 64n - 1n),
      double: double(Math.PI),
      string: 'naïve "text" 😀\n',
      empty: '',
      data: Buffer.from([0, 255, 128]),
      array: [true, [], 'x'],
      dictionary: dictionary({ 'a key': int64(1) }),
    });
    send(message);
    await connection.next();
    expect(received).toEqual([message]);
  });

  test('every type comes back as JSON', async () => {
    send(
      dictionary({
        null: null,
        bool: true,
        negative: int64(-7),
        safe: uint64(Number.MAX_SAFE_INTEGER),
        unsafe: uint64(2n ** 53n),
        lowest: int64(-(2n ** 63n)),
        tenth: double(0.1),
        tiny: double(Number.MIN_VALUE),
        huge: double(Number.MAX_VALUE),
        infinite: double(Number.POSITIVE_INFINITY),
        text: 'quote " backslash \\ newline \n NUL-free \u0001 \u2028 ümlaut 😀',
        data: Buffer.from('any bytes'),
        array: [dictionary({}), []],
      }),
    );
    expect(await connection.next()).toEqual({
      null: null,
      bool: true,
      negative: -7,
      safe: Number.MAX_SAFE_INTEGER,
      unsafe: '9007199254740992',
      lowest: '-9223372036854775808',
      tenth: 0.1,
      tiny: Number.MIN_VALUE,
      huge: Number.MAX_VALUE,
      infinite: null,
      text: 'quote " backslash \\ newline \n NUL-free \u0001 \u2028 ümlaut 😀',
      data: { $data: Buffer.from('any bytes').toString('base64') },
      array: [{}, []],
    });
  });

  test('text that is not UTF-8 comes back with U+FFFD', async () => {
    const message = encodeValue(dictionary({ text: 'a?b?' }));
    // The shim refuses such text, so the service says it.
    const ill = Buffer.from(message);
    ill[ill.indexOf('?')] = 0xff;
    ill[ill.lastIndexOf('?')] = 0xe2;
    send(dictionary({ first: true }));
    await connection.next();
    const [socket] = peer.sockets;
    const length = Buffer.alloc(4);
    length.writeUInt32LE(ill.length);
    socket?.write(Buffer.concat([length, ill]));
    expect(await connection.next()).toEqual({ text: 'a\ufffdb\ufffd' });
  });

  test('100 000 tokens arrive as data, bit by bit', async () => {
    const tokens = new Uint32Array(100_000);
    for (let index = 0; index < tokens.length; index++) tokens[index] = Math.imul(index, 0x9e3779b1);
    const expected = Buffer.from(tokens.slice().buffer);
    send(dictionary({ tokens: tokensMarker }), tokens);
    // Nothing may be kept of what was passed.
    tokens.fill(0);
    expect(await connection.next()).toEqual({ tokens: { $data: expected.toString('base64') } });
    const [message] = received as [ReadonlyMap<string, Uint8Array>];
    expect(expected.equals(message.get('tokens') ?? Buffer.alloc(0))).toBe(true);
  });

  test('tokens in the middle of a larger array are sent alone', async () => {
    const tokens = Uint32Array.of(1, 2, 3, 4, 5).subarray(1, 4);
    send(dictionary({ tokens: tokensMarker }), tokens);
    await connection.next();
    expect(received).toEqual([dictionary({ tokens: Buffer.from(Uint32Array.of(2, 3, 4).buffer) })]);
  });

  test.each([null, new Uint32Array(0)])('no tokens (%s) are empty data', async (tokens) => {
    send(dictionary({ tokens: tokensMarker }), tokens);
    expect(await connection.next()).toEqual({ tokens: { $data: '' } });
  });

  test('tokens without a marker, and two markers, are refused', () => {
    expect(() => send(dictionary({}), Uint32Array.of(1))).toThrow('malformed');
    expect(() => send(dictionary({ a: tokensMarker, b: tokensMarker }), Uint32Array.of(1))).toThrow('malformed');
  });

  test('the deepest message that can be encoded passes', async () => {
    let value: XpcValue = [];
    for (let level = 2; level < maxDepth; level++) value = [value];
    send(dictionary({ value }));
    await connection.next();
    expect(received).toEqual([dictionary({ value })]);
  });

  test('bytes that are no message are refused with a reason, and the connection goes on', async () => {
    const malformed = (bytes: number[]) => () => library.send(connection.handle, Uint8Array.from(bytes), null);
    expect(malformed([])).toThrow('malformed');
    expect(malformed([8, 0, 0, 0, 0])).toThrow('malformed');
    expect(malformed([9, 255, 255, 255, 255])).toThrow('malformed');
    expect(malformed([9, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0])).toThrow('NUL');
    expect(malformed([9, 1, 0, 0, 0, 1, 0, 0, 0, 107, 6, 1, 0, 0, 0, 255])).toThrow('UTF-8');
    const deep = Buffer.concat([
      Buffer.from([9, 1, 0, 0, 0, 1, 0, 0, 0, 107]),
      ...Array.from({ length: maxDepth }, () => Buffer.from([8, 1, 0, 0, 0])),
      Buffer.from([0]),
    ]);
    expect(() => library.send(connection.handle, deep, null)).toThrow('nested');
    send(dictionary({ still: 'here' }));
    expect(await connection.next()).toEqual({ still: 'here' });
    expect(received).toHaveLength(1);
  });

  test('a message over 64 MiB is refused, with its tokens counted', () => {
    const tooLarge = expect.objectContaining({ code: 'payload_too_large' });
    expect(() => library.send(connection.handle, Buffer.alloc(maxMessageBytes + 1), null)).toThrow(tooLarge);
    const tokens = new Uint32Array(maxMessageBytes / 4 - 1);
    expect(() => send(dictionary({ tokens: tokensMarker }), tokens)).toThrow(tooLarge);
  });

  test('a message of several megabytes passes whole', async () => {
    const text = 'täxt '.repeat(700_000);
    send(dictionary({ text }));
    expect(await connection.next()).toEqual({ text });
  });
});
