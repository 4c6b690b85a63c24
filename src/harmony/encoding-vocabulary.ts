import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** What `rank` answers for bytes that are no token; sorts behind every rank. */
export const noRank = 0x7fffffff;

/** The merge ranks of o200k: byte strings of 1 to `longest` bytes, each with an id that is also its rank. */
export type Vocabulary = {
  /** How many tokens there are; ids are 0 to `size - 1`. */
  readonly size: number;
  /** Bytes of the longest token. */
  readonly longest: number;
  /** The id of the token with the bytes `from` up to, not including, `to`, or `noRank`. */
  rank(bytes: Uint8Array, from: number, to: number): number;
  /** The id of the token that is this one byte. */
  byteId(byte: number): number;
  /** The id of the token that is these two bytes, or `noRank`. */
  pairRank(first: number, second: number): number;
  /** Appends the bytes of a token at `at`, and says where they end. */
  copy(id: number, into: Uint8Array, at: number): number;
  /** The bytes of a token, as a copy. */
  bytes(id: number): Uint8Array;
};

/** Slots of the hash table: a power of two, so that a mask picks the slot, and less than half of them are taken. */
const slots = 1 << 19;
/** A slot holds an id in its low bits (plus one, so that 0 is an empty slot) and some of the hash above them. */
const idBits = 18;
const idMask = (1 << idBits) - 1;
const tagMask = ~idMask;

/**
 * Reads the ranks that `gpt-tokenizer` ships.
 *
 * Of its two forms, the `.tiktoken` text file is read and not the JavaScript module: decoding base64 straight into one
 * byte array takes a fraction of the time of evaluating a module of 200 000 string literals, and leaves four megabytes
 * outside the garbage-collected heap where the module leaves a map of strings.
 */
export function loadVocabulary(): Vocabulary {
  const file = createRequire(import.meta.url).resolve('gpt-tokenizer/data/o200k_base.tiktoken');
  return parseVocabulary(readFileSync(file));
}

/** Parses tiktoken's format: a line per token, its bytes in base64, a space, its rank; ranks count up from 0. */
export function parseVocabulary(file: Uint8Array): Vocabulary {
  const { arena, offsets, size, longest } = decodeLines(file);
  const table = new Int32Array(slots);
  for (let id = 0; id < size; id++) {
    const hash = hashOf(arena, offsets[id]!, offsets[id + 1]!);
    let slot = hash & (slots - 1);
    while (table[slot] !== 0) slot = (slot + 1) & (slots - 1);
    table[slot] = (hash & tagMask) | (id + 1);
  }

  const byteIds = new Uint32Array(256);
  const oneByte = new Uint8Array(1);
  for (let byte = 0; byte < 256; byte++) {
    oneByte[0] = byte;
    byteIds[byte] = rank(oneByte, 0, 1);
    if (byteIds[byte] === noRank) throw new Error(`The vocabulary has no token for byte ${byte}.`);
  }

  const pairs = new Int32Array(1 << 16).fill(noRank);
  for (let id = 0; id < size; id++) {
    const start = offsets[id]!;
    if (offsets[id + 1]! - start === 2) pairs[(arena[start]! << 8) | arena[start + 1]!] = id;
  }

  function rank(bytes: Uint8Array, from: number, to: number): number {
    const length = to - from;
    if (length > longest) return noRank;
    const hash = hashOf(bytes, from, to);
    const tag = hash & tagMask;
    for (let slot = hash & (slots - 1); ; slot = (slot + 1) & (slots - 1)) {
      const entry = table[slot]!;
      if (entry === 0) return noRank;
      if ((entry & tagMask) !== tag) continue;
      const id = (entry & idMask) - 1;
      const start = offsets[id]!;
      if (offsets[id + 1]! - start !== length) continue;
      let same = 0;
      while (same < length && arena[start + same] === bytes[from + same]) same++;
      if (same === length) return id;
    }
  }

  return {
    size,
    longest,
    rank,
    byteId: (byte) => byteIds[byte]!,
    pairRank: (first, second) => pairs[(first << 8) | second]!,
    copy(id, into, at) {
      const end = offsets[id + 1]!;
      let to = at;
      for (let from = offsets[id]!; from < end; from++) into[to++] = arena[from]!;
      return to;
    },
    bytes: (id) => arena.slice(offsets[id], offsets[id + 1]),
  };
}

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

const newline = 0x0a;
const space = 0x20;
const padding = 0x3d;

function decodeLines(file: Uint8Array): { arena: Uint8Array; offsets: Uint32Array; size: number; longest: number } {
  const sextets = new Uint8Array(256);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  for (let value = 0; value < 64; value++) sextets[alphabet.charCodeAt(value)] = value;

  const arena = new Uint8Array(Math.ceil(file.length * 0.75));
  const offsets = new Uint32Array(idMask);
  let size = 0;
  let longest = 0;
  let end = 0;
  let at = 0;
  while (at < file.length) {
    let bits = 0;
    let held = 0;
    for (; at < file.length && file[at] !== space; at++) {
      if (file[at] === padding) continue;
      bits = (bits << 6) | sextets[file[at]!]!;
      held += 6;
      if (held >= 8) {
        held -= 8;
        arena[end++] = bits >>> held;
      }
    }
    let id = 0;
    for (at++; at < file.length && file[at] !== newline; at++) id = id * 10 + file[at]! - 0x30;
    at++;
    if (id !== size) throw new Error(`The vocabulary's line ${size + 1} has rank ${id}; ranks must count up from 0.`);
    longest = Math.max(longest, end - offsets[size]!);
    size++;
    offsets[size] = end;
  }
  return { arena: arena.slice(0, end), offsets: offsets.slice(0, size + 1), size, longest };
}
