/** Something that the simulator is told to do, by directives in a prompt, by a script, or by its own answering. */
export type Step =
  /** Text of the final channel; of commentary when a call follows. Several in a row are lines of one message. */
  | { readonly type: 'say'; readonly text: string }
  /** Analysis. Several in a row are lines of one message. */
  | { readonly type: 'think'; readonly text: string }
  /** Says a text so many times, with a blank between. */
  | { readonly type: 'repeat'; readonly times: number; readonly text: string }
  /** Calls a tool and ends there. A null input is made from what the prompt says of the tool. */
  | { readonly type: 'call'; readonly name: string; readonly input: string | null }
  /** Harmony as written, its markers as control tokens, right or wrong. */
  | { readonly type: 'raw'; readonly text: string }
  | { readonly type: 'tokens'; readonly ids: readonly number[] }
  /** What would have been answered if nothing had been told. */
  | { readonly type: 'answer' }
  | Act;

/** What is done beside sampling tokens. */
export type Act =
  /** From here on so many tokens per second. */
  | { readonly type: 'pace'; readonly tokensPerSecond: number }
  /** Prefill takes so much longer; no cancel is heard meanwhile, as in the daemon. Stands first wherever it is told. */
  | { readonly type: 'prefill'; readonly milliseconds: number }
  | { readonly type: 'wait'; readonly milliseconds: number }
  /** Ends the session by an `error`. */
  | { readonly type: 'fail'; readonly code: string; readonly message: string }
  /** The daemon dies. */
  | { readonly type: 'crash' }
  /** Nothing more is said, not even to a cancel, until the connection is gone. */
  | { readonly type: 'hang' }
  /** Sends a message of any kind. Null leaves a field of the envelope out. */
  | { readonly type: 'send'; readonly fields: MessageFields }
  /** Sends the last message once more. */
  | { readonly type: 'again' }
  /** Says and does what another session did, whatever the client does meanwhile; then this one is over. */
  | { readonly type: 'play'; readonly events: readonly PlayedEvent[] };

/** `after`: milliseconds since the event before. `ids`: sampled tokens, as they are sent to clients that ask for them. */
export type PlayedEvent = { readonly after: number } & ({ readonly ids: readonly number[] } | { readonly act: Act });

export type MessageFields = { readonly [key: string]: JsonValue };

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** What an engine samples and does, in order: tokens, so many times over, and acts. */
export type PlanStep = { readonly type: 'tokens'; readonly ids: ArrayLike<number>; readonly times: number } | Act;
