import type { TurnEvent } from './event.ts';
import type { GatewayError } from './errors.ts';
import type { Turn } from './turn.ts';

/**
 * One event of a dialect's stream. `data` is one line of JSON (or `[DONE]`); `event` is its name where the dialect
 * names events, else null. A comment has a null `data` and keeps a connection warm.
 */
export type Frame = { readonly event: string | null; readonly data: string | null };

/**
 * One request of a dialect being answered: feed it everything that happens, in order. The object is folded from the
 * very frames of the stream, so the two can't disagree. Pure: no clock, no I/O.
 */
export type Answer = {
  /** The frames that an event makes; none for some. The last event's frames end the stream. */
  push(event: TurnEvent): readonly Frame[];
  /** The frames that end a stream which has begun and can't go on. */
  fail(error: GatewayError): readonly Frame[];
  /**
   * What ends the stream in place of the last frame of `turn-end`, which has not been sent: the answer is whole, but it
   * could not be kept as it was promised.
   */
  retract(error: GatewayError): readonly Frame[];
  /** A frame to send when nothing has been sent for a while. */
  keepAlive(): Frame;
  /** The answer in one piece, for a client that doesn't stream; complete after the last event. */
  object(): unknown;
};

/** A conversation's summary, made when it is needed. */
export type Compaction = {
  /** Tokens that the turn's prompt may have without one. */
  readonly threshold: number;
  /** Has the model sum the conversation up. */
  turn(): Turn;
  /** The turn, with the summary in the place of what it sums up. */
  shortened(summary: string): Turn;
};

/** A request of a dialect, understood. */
export type Exchange = {
  readonly turn: Turn;
  /** What is run after it, one turn after another, where a request wants several answers; absent: nothing. */
  readonly further?: readonly Turn[];
  /** How the conversation is summed up when it has become too long; absent: it never is. */
  readonly compaction?: Compaction;
  /** Nothing is to be generated: the request is only prepared, for what follows on it. */
  readonly prepares?: boolean;
  readonly stream: boolean;
  /** What was ignored or replaced, for the log: field and reason. */
  readonly warnings: readonly string[];
  /** Begins the answer; call it once. */
  answer(): Answer;
};
