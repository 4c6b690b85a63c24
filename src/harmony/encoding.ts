/**
 * The o200k_harmony encoding: texts to token ids and back.
 *
 * A caller's text is always encoded as ordinary text: no text ever yields an id of 199 998 or more.
 */
export type Encoding = {
  /** Ids of ordinary text; all below 199 998. Lone surrogates count as U+FFFD. */
  encode(text: string): Uint32Array;
  /** The bytes that an id stands for; a control token's are its name, as in `<|start|>`. Undefined for an id that is none. */
  bytes(id: number): Uint8Array | undefined;
  /** The text of ids, control tokens by name, bytes that are not UTF-8 as U+FFFD. */
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
