/** A key that clients may bring, and what whoever brings it may do. */
export type ApiKey = {
  /** What the log, metrics and messages call it; never a part of the key. */
  readonly name: string;
  /** The key's SHA-256, in lower-case hexadecimal digits. */
  readonly hash: string;
  /** The key itself; null: only its hash is known here. */
  readonly plain: string | null;
  /** Most turns that run or wait at the same time; null: no limit. */
  readonly turns: number | null;
  /** Most requests for turns a minute, in the long run; null: no limit. */
  readonly requestsPerMinute: number | null;
};

/** What metrics call requests that bring no key because none is asked for. No key may be called so. */
export const noKey = 'none';
