import { createOrdinaryEncoder } from './encoding-ordinary.ts';
import { loadVocabulary } from './encoding-vocabulary.ts';

/**
 * The o200k_harmony encoding: texts to token ids and back.
 *
 * A caller's text is always encoded as ordinary text: no text ever yields an id of 199 998 or more.
 */
export type Encoding = {
  /** Ids of ordinary text; all below 199 998. Lone surrogates count as U+FFFD. Time grows in proportion to the text. */
  encode(text: string): Uint32Array<ArrayBuffer>;
  /**
   * The same ids in steps of about a millisecond at most, however long the text and whatever is in it, with one stop
   * at least unless it is empty. Nothing is done before the first `next()`; several may be under way at once, and one
   * may be left before its end.
   */
  encodeSteps(text: string): Generator<void, Uint32Array<ArrayBuffer>>;
  /** The bytes that an id stands for; a control token's are its name, as in `<|start|>`. Undefined for an id that is none. */
  bytes(id: number): Uint8Array | undefined;
  /** The text of ids, control tokens by name, bytes that are not UTF-8 and ids that are none as U+FFFD. */
  decode(ids: Iterable<number>): string;
};

/** Ids of the control tokens that Harmony uses. */
export const control = {
  startoftext: 199998,
  endoftext: 199999,
  return: 200002,
  constrain: 200003,
  channel: 200005,
  start: 200006,
  end: 200007,
  message: 200008,
  call: 200012,
} as const;

/** First id that ordinary text never has. */
export const firstControlId = 199998;

/** Last id that openai_harmony 0.0.8 decodes. */
const lastControlId = 201088;

/** Loads the vocabulary: takes tens of milliseconds, so one encoding should serve a process. */
export function createEncoding(): Encoding {
  const vocabulary = loadVocabulary();
  const encodeSteps = createOrdinaryEncoder(vocabulary);
  const names = new Map(Object.entries(control).map(([name, id]) => [id as number, name]));
  const utf8 = new TextEncoder();

  function bytes(id: number): Uint8Array | undefined {
    if (!Number.isInteger(id) || id < 0 || id > lastControlId) return undefined;
    if (id < vocabulary.size) return vocabulary.bytes(id);
    return utf8.encode(`<|${names.get(id) ?? `reserved_${id}`}|>`);
  }

  return {
    encode(text) {
      const steps = encodeSteps(text);
      for (;;) {
        const { done, value } = steps.next();
        if (done) return value;
      }
    },
    encodeSteps,
    bytes,
    decode(ids) {
      const parts: Uint8Array[] = [];
      for (const id of ids) parts.push(bytes(id) ?? utf8.encode('\ufffd'));
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(parts));
    },
  };
}
