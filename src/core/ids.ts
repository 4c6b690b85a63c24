/** Makes ids of the public API: a prefix and random text, as in `resp_68a1…`. Passed in, so that tests are exact. */
export type Ids = {
  /** A new id: `prefix`, an underscore, and at least 24 letters and digits that never repeat. */
  next(prefix: IdPrefix): string;
};

/** `resp` response, `msg` message, `rs` reasoning, `fc`/`ctc` (custom) tool call item, `cmp` compaction, `call` call id, `conv`ersation, `(chat)cmpl`, `req`.
 * What clients send without an id is stored as `fco`/`ctco`, a (custom) tool's output, or `item`. */
export type IdPrefix =
  | 'resp'
  | 'msg'
  | 'rs'
  | 'fc'
  | 'ctc'
  | 'fco'
  | 'ctco'
  | 'item'
  | 'cmp'
  | 'call'
  | 'conv'
  | 'chatcmpl'
  | 'cmpl'
  | 'req';

/** Time as the code sees it. */
export type Clock = {
  /** Milliseconds since 1970, for stamps. */
  now(): number;
  /** Monotonic milliseconds, for durations. */
  elapsed(): number;
};
