import type { Said } from './conversation.ts';

/** What happens while an answer streams in, in the words of neither API. */
export type AnswerEvent =
  | { readonly type: 'stage'; readonly stage: 'queued' | 'running' }
  /** Deltas belong to what has begun last. */
  | { readonly type: 'begin'; readonly entry: Said }
  | { readonly type: 'delta'; readonly text: string }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'end'; readonly reason: string }
  | { readonly type: 'failed'; readonly message: string };

export type Usage = {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  readonly reasoning: number;
};

/** Understands the data of one API's events, in their order. */
export type AnswerReader = (data: string) => readonly AnswerEvent[];
