/**
 * The values that XPC messages are made of, as far as codexpc uses them.
 *
 * Strings, booleans, null, byte arrays (XPC data), arrays and Maps (XPC dictionaries) stand for themselves. A number
 * says its XPC type, since a daemon that wants a uint64 reads an int64 as absent.
 */
export type XpcValue =
  | string
  | boolean
  | null
  | XpcNumber
  | Uint8Array
  | readonly XpcValue[]
  | XpcDictionary
  | TokensMarker;

export type XpcDictionary = ReadonlyMap<string, XpcValue>;

export type XpcNumber =
  | { readonly type: 'uint64'; readonly value: bigint }
  | { readonly type: 'int64'; readonly value: bigint }
  | { readonly type: 'double'; readonly value: number };

/** Stands for the tokens that are handed to the shim beside the message; it becomes XPC data there. */
export type TokensMarker = { readonly type: 'tokens' };

export const tokensMarker: TokensMarker = { type: 'tokens' };

export const uint64 = (value: number | bigint): XpcNumber => ({ type: 'uint64', value: BigInt(value) });
export const int64 = (value: number | bigint): XpcNumber => ({ type: 'int64', value: BigInt(value) });
export const double = (value: number): XpcNumber => ({ type: 'double', value });

export const dictionary = (entries: { readonly [key: string]: XpcValue }): XpcDictionary =>
  new Map(Object.entries(entries));

/**
 * The bytes of a value: one tag byte, then its payload, integers little-endian. The shim's messages and the stand-in's
 * socket both speak this; native-shim/include/codexpc_shim.h has the same table.
 */
export const tags = {
  null: 0x00,
  false: 0x01,
  true: 0x02,
  /** 8 bytes. */
  int64: 0x03,
  /** 8 bytes. */
  uint64: 0x04,
  /** 8 bytes, IEEE 754. */
  double: 0x05,
  /** u32 byte length, UTF-8 without NUL. */
  string: 0x06,
  /** u32 byte length, bytes. */
  data: 0x07,
  /** u32 count, that many values. */
  array: 0x08,
  /** u32 count, that many of: u32 key length, UTF-8 key without NUL, value. */
  dictionary: 0x09,
  /** No payload; in messages to the shim only. */
  tokens: 0x0a,
} as const;

/** Deepest nesting of arrays and dictionaries that is accepted, the outermost counted. */
export const maxDepth = 32;
/** Largest message in bytes that is accepted on either side. */
export const maxMessageBytes = 64 * 1024 * 1024;
