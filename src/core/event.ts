import type { ToolReference } from './turn.ts';

/**
 * What happens during a turn, in order:
 *
 *     turn-queued*  turn-start  ( reasoning-… | text-… | tool-call-… )*  turn-end
 *
 * `turn-start` comes exactly once and before any block. A block is one `-start`, any number of `-delta`, one `-end`;
 * blocks never overlap, and the deltas of a block join up to what its `-end` carries. Exactly one `turn-end`, always
 * last, unless the turn fails: then the iteration throws a `GatewayError` and a block may be left open.
 */
export type TurnEvent =
  /** Waiting for the engine. `position` 1 is next. */
  | { readonly type: 'turn-queued'; readonly position: number }
  /** The engine has taken the turn. `cachedTokens` of the prompt are expected to be in its KV cache. */
  | { readonly type: 'turn-start'; readonly inputTokens: number; readonly cachedTokens: number }
  | { readonly type: 'reasoning-start' }
  | { readonly type: 'reasoning-delta'; readonly text: string }
  | { readonly type: 'reasoning-end'; readonly text: string }
  /**
   * `commentary`: a preamble, said before a tool is called; `final`: the answer; `summary`: what the conversation has come
   * to, on which the turn goes on.
   */
  | { readonly type: 'text-start'; readonly phase: 'commentary' | 'final' | 'summary' }
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'text-end'; readonly text: string }
  | { readonly type: 'tool-call-start'; readonly callId: string; readonly tool: ToolReference }
  | { readonly type: 'tool-call-delta'; readonly text: string }
  | { readonly type: 'tool-call-end'; readonly input: string }
  | {
      readonly type: 'turn-end';
      readonly reason: EndReason;
      readonly usage: Usage;
      /** Another turn of the same request follows. */
      readonly more?: true;
      /** For the log: what had to be repaired in the model's output, and how often; absent: nothing. */
      readonly repairs?: { readonly [name: string]: number };
    };

/** `length`: the token limit was reached. `stop-text`: one of the caller's stop strings was met. */
export type EndReason = 'stop' | 'stop-text' | 'length' | 'tool-calls';

/** Token counts. `cachedTokens` is part of `inputTokens`, `reasoningTokens` of `outputTokens`. */
export type Usage = {
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
};

export function addUsage(one: Usage, other: Usage): Usage {
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    cachedTokens: one.cachedTokens + other.cachedTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    reasoningTokens: one.reasoningTokens + other.reasoningTokens,
  };
}
