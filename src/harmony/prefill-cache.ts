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
  /** What the entries take: texts, ids, and an estimate of what an entry costs besides. Never above `maxBytes`. */
  readonly bytes: number;
};

/** Code units below which encoding is about as cheap as looking the text up. */
const shortestKept = 64;
/** Of `maxBytes`, the share of the largest entry kept: one huge text mustn't push out all conversations. */
const largestShare = 1 / 4;
/** Bytes of an entry besides its text and ids: map slot and objects. An estimate on the safe side. */
const entryOverhead = 320;
/** Code units that a fingerprint looks at. */
const sampled = 32;
/** How many texts of one fingerprint are kept beside each other. */
const mostAlike = 4;

type Entry = { readonly text: string; readonly ids: Uint32Array<ArrayBuffer> };

/**
 * Keeps texts with their ids, the least recently used leaving first. A text is looked for by a few of its code units
 * and then compared as a whole, which takes a tenth of the time of any digest, or of the hash of a string that a map
 * would make. What is kept is a copy: a string may be a view of a whole request body, which would stay in memory with it.
 */
export function createPrefillCache({ encoding, maxBytes }: { encoding: Encoding; maxBytes: number }): PrefillCache {
  /** In order of use, the latest last. A fingerprint has `mostAlike` keys. */
  const entries = new Map<number, Entry>();
  let bytes = 0;
  let hits = 0;
  let misses = 0;

  function* encodeSteps(text: string): Generator<void, Uint32Array<ArrayBuffer>> {
    if (text.length < shortestKept) return yield* encoding.encodeSteps(text);
    const found = find(text);
    yield;
    if (found !== null) {
      hits++;
      return found.ids;
    }
    misses++;
    const ids = yield* encoding.encodeSteps(text);
    keep(text, ids);
    return ids;
  }

  function find(text: string): Entry | null {
    const first = firstKey(text);
    for (let key = first; key < first + mostAlike; key++) {
      const entry = entries.get(key);
      if (entry?.text !== text) continue;
      entries.delete(key);
      entries.set(key, entry);
      return entry;
    }
    return null;
  }

  function keep(text: string, ids: Uint32Array<ArrayBuffer>): void {
    // The same text may have been kept while this one was being encoded in steps.
    if (costOf({ text, ids }) > maxBytes * largestShare || find(text) !== null) return;
    const entry = { text: structuredClone(text), ids };
    let key = firstKey(text);
    for (let others = 1; others < mostAlike && entries.has(key); others++) key++;
    remove(key);
    entries.set(key, entry);
    bytes += costOf(entry);
    for (const oldest of entries.keys()) {
      if (bytes <= maxBytes) break;
      remove(oldest);
    }
  }

  function remove(key: number): void {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    bytes -= costOf(entry);
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

function costOf({ text, ids }: Entry): number {
  return 2 * text.length + ids.byteLength + entryOverhead;
}

/** The first of a text's keys: a hash of its length and of some code units, its first and its last among them. */
function firstKey(text: string): number {
  const last = text.length - 1;
  let hash = text.length;
  for (let sample = 0; sample < sampled; sample++) {
    hash = Math.imul(hash ^ text.charCodeAt(Math.floor((last * sample) / (sampled - 1))), 0x01000193);
  }
  return (hash >>> 0) * mostAlike;
}
