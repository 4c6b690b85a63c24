import { maxDepth, maxMessageBytes, tags } from './value.ts';
import type { XpcValue } from './value.ts';

/**
 * The bytes of a value.
 *
 * @throws RangeError for what XPC can't carry: a NUL in a string or key (XPC strings are C strings), an integer out
 *   of 64 bits, nesting deeper than `maxDepth`, more than `maxMessageBytes`.
 */
export function encodeValue(value: XpcValue): Buffer {
  const writer = createWriter();
  writeValue(writer, value, 0);
  return writer.finish();
}

type Writer = ReturnType<typeof createWriter>;

function createWriter() {
  let bytes = Buffer.allocUnsafe(512);
  let length = 0;
  /** Makes room for `count` bytes and returns where they go. */
  const claim = (count: number): number => {
    const at = length;
    length += count;
    if (length > maxMessageBytes) throw new RangeError(`an XPC message is limited to ${maxMessageBytes} bytes`);
    if (length > bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, bytes.length * 2));
      bytes.copy(grown, 0, 0, at);
      bytes = grown;
    }
    return at;
  };
  /** Claims first and writes then: claiming may replace `bytes`. */
  const put = (count: number, write: (at: number) => void): void => write(claim(count));
  const text = (value: string): void => {
    if (value.includes('\0')) throw new RangeError('an XPC string cannot hold a NUL');
    const size = Buffer.byteLength(value);
    const at = claim(4 + size);
    bytes.writeUInt32LE(size, at);
    bytes.write(value, at + 4, 'utf8');
  };
  return {
    text,
    byte: (value: number) => put(1, (at) => bytes.writeUInt8(value, at)),
    uint32: (value: number) => put(4, (at) => bytes.writeUInt32LE(value, at)),
    uint64: (value: bigint) => put(8, (at) => bytes.writeBigUInt64LE(value, at)),
    int64: (value: bigint) => put(8, (at) => bytes.writeBigInt64LE(value, at)),
    double: (value: number) => put(8, (at) => bytes.writeDoubleLE(value, at)),
    data: (value: Uint8Array) => {
      const at = claim(4 + value.byteLength);
      bytes.writeUInt32LE(value.byteLength, at);
      bytes.set(value, at + 4);
    },
    finish: () => bytes.subarray(0, length),
  };
}

function writeValue(writer: Writer, value: XpcValue, depth: number): void {
  if (value === null) return writer.byte(tags.null);
  if (typeof value === 'boolean') return writer.byte(value ? tags.true : tags.false);
  if (typeof value === 'string') {
    writer.byte(tags.string);
    return writer.text(value);
  }
  if (value instanceof Uint8Array) {
    writer.byte(tags.data);
    return writer.data(value);
  }
  if (value instanceof Map) {
    assertDepth(depth);
    writer.byte(tags.dictionary);
    writer.uint32(value.size);
    for (const [key, entry] of value) {
      writer.text(key);
      writeValue(writer, entry, depth + 1);
    }
    return;
  }
  if (isArray(value)) {
    assertDepth(depth);
    writer.byte(tags.array);
    writer.uint32(value.length);
    for (const entry of value) writeValue(writer, entry, depth + 1);
    return;
  }
  const scalar = value as Exclude<
    XpcValue,
    string | boolean | null | Uint8Array | ReadonlyMap<string, XpcValue> | readonly XpcValue[]
  >;
  switch (scalar.type) {
    case 'uint64':
      writer.byte(tags.uint64);
      return writer.uint64(scalar.value);
    case 'int64':
      writer.byte(tags.int64);
      return writer.int64(scalar.value);
    case 'double':
      writer.byte(tags.double);
      return writer.double(scalar.value);
    case 'tokens':
      return writer.byte(tags.tokens);
  }
}

const isArray = (value: XpcValue): value is readonly XpcValue[] => Array.isArray(value);

function assertDepth(depth: number): void {
  if (depth >= maxDepth) throw new RangeError(`an XPC message is limited to ${maxDepth} levels`);
}
