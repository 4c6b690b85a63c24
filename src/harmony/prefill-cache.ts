import { createHash, hash } from 'node:crypto';
import type { Encoding } from './encoding.ts';

/**
 * Token ids of the texts that turns repeat: every turn of a conversation brings all earlier messages again.
 *
 * A prefill's texts are split at control tokens, and no token reaches across one, so the ids of a text are the same
 * wherever it stands. The ids that are handed out are shared: nobody may write to them.
 */
export type PrefillCache = {
  encode(text: string): Uint32Array<ArrayBuffer>;
  /** The same in steps, as `Encoding.encodeSteps`, with one stop at least even where the text is found. */
  encodeSteps(text: string): Generator<void, Uint32Array<ArrayBuffer>>;
  readonly statistics: PrefillCacheStatistics;
};

export type PrefillCacheStatistics = {
  /** Texts that were found, and that had to be encoded; short ones, which are not looked for, are in neither. */
  readonly hits: number;
  readonly misses: number;
  readonly entries: number;
  /** What the entries take: ids, digests, and an estimate of what an entry costs besides. Never above `maxBytes`. */
  readonly bytes: number;
};

/** Code units below which encoding is about as cheap as looking the text up. */
const shortestKept = 64;
/** Of `maxBytes`, the share of the largest entry kept: one huge text mustn't push out all conversations. */
const largestShare = 1 / 4;
/** Bytes of an entry besides its ids: digest, map slot, array object. An estimate on the safe side. */
const entryOverhead = 320;
/** Code units that a step digests: about 0.1 ms. */
const digestedPerStep = 1 << 16;

/**
 * Keeps ids by the SHA-256 of their text, the least recently used leaving first. A digest and not the text itself is
 * the key because a string may be a view of a whole request body, which would stay in memory with it.
 */
export function createPrefillCache({ encoding, maxBytes }: { encoding: Encoding; maxBytes: number }): PrefillCache {
  /** In order of use, the latest last. */
  const entries = new Map<string, Uint32Array<ArrayBuffer>>();
  let bytes = 0;
  let hits = 0;
  let misses = 0;

  function* encodeSteps(text: string): Generator<void, Uint32Array<ArrayBuffer>> {
    if (text.length < shortestKept) return yield* encoding.encodeSteps(text);
    const key = yield* digest(text);
    yield;
    const found = entries.get(key);
    if (found !== undefined) {
      hits++;
      entries.delete(key);
      entries.set(key, found);
      return found;
    }
    misses++;
    const ids = yield* encoding.encodeSteps(text);
    keep(key, ids);
    return ids;
  }

  function keep(key: string, ids: Uint32Array<ArrayBuffer>): void {
    const cost = costOf(ids);
    // The same text may have been kept while this one was being encoded in steps.
    if (cost > maxBytes * largestShare || entries.has(key)) return;
    entries.set(key, ids);
    bytes += cost;
    for (const [oldest, oldIds] of entries) {
      if (bytes <= maxBytes) break;
      entries.delete(oldest);
      bytes -= costOf(oldIds);
    }
  }

  return {
    encode(text) {
      if (text.length < shortestKept) return encoding.encode(text);
      const steps = encodeSteps(text);
      for (;;) {
        const step = steps.next();
        if (step.done) return step.value;
      }
    },
    encodeSteps,
    get statistics() {
      return { hits, misses, entries: entries.size, bytes };
    },
  };
}

function costOf(ids: Uint32Array): number {
  return ids.byteLength + entryOverhead;
}

function* digest(text: string): Generator<void, string> {
  // In one piece it costs half.
  if (text.length <= digestedPerStep) return hash('sha256', text, 'base64');
  const digested = createHash('sha256');
  for (let from = 0; from < text.length;) {
    if (from > 0) yield;
    let to = Math.min(text.length, from + digestedPerStep);
    // Two halves of one character, digested apart, would both count as U+FFFD, and so be no different from others.
    if (to < text.length && (text.charCodeAt(to - 1) & 0xfc00) === 0xd800) to++;
    digested.update(text.slice(from, to), 'utf8');
    from = to;
  }
  return digested.digest('base64');
}
