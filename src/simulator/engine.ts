import { control } from '../harmony/encoding.ts';
import type { Tokens } from './conversation.ts';
import type { Act, PlanStep } from './step.ts';

/**
 * A checkpoint's engine: one context, whoever uses it. Sessions that overlap reset it under each other and sample
 * from what the other has put there, as on the real one (quirk 1).
 */
export type Engine = {
  /** Forgets the context. What it held stays in the KV cache. */
  reset(): void;
  /**
   * Adds tokens to the context.
   *
   * @returns how many of them the KV cache held (quirk 8): as many as the whole context has in common with it.
   */
  append(tokens: Tokens): number;
  /** Samples up to `limit` tokens, never past one that ends the turn, or comes to an act of the plan. */
  sample(limit: number, sampling: Sampling): { readonly type: 'tokens'; readonly ids: readonly number[] } | Act;
  /** For tests and the log. */
  view(): EngineView;
};

export type Sampling = {
  /** 0 is greedy. */
  readonly temperature: number;
  /** Which session of the simulator samples, from 1. */
  readonly session: number;
};

export type EngineView = {
  readonly checkpoint: string;
  /** Tokens in the context, prompt and sampled. */
  readonly contextTokens: number;
  /** Of the last prompt: its tokens, and those of them that the KV cache held. */
  readonly prefillTokens: number;
  readonly reusedTokens: number;
};

/** What a model goes on with after a context; never an empty plan. */
export type Continue = (context: Tokens, sampling: Sampling) => readonly PlanStep[];

export function createEngine(checkpoint: string, goOn: Continue): Engine {
  let context: number[] = [];
  let cache: number[] = [];
  let prefillTokens = 0;
  let reusedTokens = 0;
  /** What the model was about to sample. Any change of the context from outside makes it think again. */
  let plan: { steps: readonly PlanStep[]; step: number; at: number } | null = null;

  const isStop = (id: number) => id === control.return || id === control.call || id === control.endoftext;

  return {
    reset() {
      if (context.length > 0) cache = context;
      context = [];
      plan = null;
      prefillTokens = 0;
      reusedTokens = 0;
    },
    append(tokens) {
      plan = null;
      const matched = reusedTokens === context.length ? countMatching(cache, context.length, tokens) : 0;
      for (let index = 0; index < tokens.length; index++) context.push(tokens[index]!);
      prefillTokens += tokens.length;
      reusedTokens += matched;
      return matched;
    },
    sample(limit, sampling) {
      for (;;) {
        if (plan === null || plan.step === plan.steps.length) {
          plan = { steps: goOn(context, sampling), step: 0, at: 0 };
        }
        const step = plan.steps[plan.step]!;
        if (step.type !== 'tokens') {
          plan.step += 1;
          return step;
        }
        const ids: number[] = [];
        const total = step.ids.length * step.times;
        while (ids.length < limit && plan.at < total && (ids.length === 0 || !isStop(ids.at(-1)!))) {
          ids.push(step.ids[plan.at++ % step.ids.length]!);
        }
        if (plan.at >= total) {
          plan.step += 1;
          plan.at = 0;
        }
        if (ids.length === 0) continue;
        for (const id of ids) context.push(id);
        return { type: 'tokens', ids };
      }
    },
    view: () => ({ checkpoint, contextTokens: context.length, prefillTokens, reusedTokens }),
  };
}

/** How many of the tokens stand in `held` from `from` on, up to the first difference. */
function countMatching(held: readonly number[], from: number, tokens: Tokens): number {
  let count = 0;
  while (count < tokens.length && held[from + count] === tokens[count]) count++;
  return count;
}
