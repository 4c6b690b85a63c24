import { maxDepth, tags } from './value.ts';
import type { XpcValue } from './value.ts';

/**
 * Reads one value that fills `bytes` exactly. Byte arrays in the result are views into `bytes`.
 *
 * @throws RangeError for bytes that are not one well-formed value, a tokens marker included.
 */
export function decodeValue(bytes: Buffer): XpcValue {
  const reader: Reader = { bytes, at: 0 };
  const value = readValue(reader, 0);
  if (reader.at !== bytes.length) throw new RangeError(`${bytes.length - reader.at} bytes after the value`);
  return value;
}

type Reader = { readonly bytes: Buffer; at: number };

/** Moves past `count` bytes and returns where they began. */
function take(reader: Reader, count: number): number {
  const at = reader.at;
  if (count > reader.bytes.length - at) throw new RangeError('the value is cut off');
  reader.at = at + count;
  return at;
}

function readUint32(reader: Reader): number {
  return reader.bytes.readUInt32LE(take(reader, 4));
}

function readText(reader: Reader): string {
  const length = readUint32(reader);
  const at = take(reader, length);
  const text = reader.bytes.toString('utf8', at, at + length);
  if (text.includes('\0')) throw new RangeError('an XPC string cannot hold a NUL');
  return text;
}

function readValue(reader: Reader, depth: number): XpcValue {
  const tag = reader.bytes[take(reader, 1)];
  switch (tag) {
    case tags.null:
      return null;
    case tags.false:
      return false;
    case tags.true:
      return true;
    case tags.int64:
      return { type: 'int64', value: reader.bytes.readBigInt64LE(take(reader, 8)) };
    case tags.uint64:
      return { type: 'uint64', value: reader.bytes.readBigUInt64LE(take(reader, 8)) };
    case tags.double:
      return { type: 'double', value: reader.bytes.readDoubleLE(take(reader, 8)) };
    case tags.string:
      return readText(reader);
    case tags.data: {
      const length = readUint32(reader);
      const at = take(reader, length);
      return reader.bytes.subarray(at, at + length);
    }
    case tags.array: {
      const count = readCount(reader, depth);
      const values: XpcValue[] = [];
      for (let index = 0; index < count; index++) values.push(readValue(reader, depth + 1));
      return values;
    }
    case tags.dictionary: {
      const count = readCount(reader, depth);
      const entries = new Map<string, XpcValue>();
      for (let index = 0; index < count; index++) entries.set(readText(reader), readValue(reader, depth + 1));
      return entries;
    }
    default:
      throw new RangeError(`no XPC value has the tag ${tag}`);
  }
}

function readCount(reader: Reader, depth: number): number {
  if (depth >= maxDepth) throw new RangeError(`an XPC message is limited to ${maxDepth} levels`);
  return readUint32(reader);
}
