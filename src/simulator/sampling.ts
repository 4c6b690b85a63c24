import type { Encoding } from '../harmony/encoding.ts';
import type { Engine, Sampling } from './engine.ts';
import type { Pacer } from './pacer.ts';
import { createSampledReader } from './sampled-reader.ts';
import type { ToolCall } from './sampled-reader.ts';
import type { Act } from './step.ts';

/**
 * Why sampling has ended: the model called a tool; it stopped or was stopped, and the session is to be completed; or
 * the session is over and nothing more is to be said.
 */
export type Ending =
  | { readonly type: 'call'; readonly call: ToolCall }
  | { readonly type: 'stopped' }
  | { readonly type: 'over' };

export type SampleLoopOptions = {
  readonly encoding: Encoding;
  readonly engine: Engine;
  readonly sampling: Sampling;
  readonly pacer: Pacer;
  /** Whether sampled tokens are said to begin inside the final channel. */
  readonly primed: boolean;
  /** Most tokens of one run; Infinity: until the model stops. */
  readonly limit: number;
  readonly cancelled: AbortSignal;
  /** Resolves when the client has taken what was sent. */
  readonly drained: () => Promise<void>;
  /** Told of each step: the tokens, and the final text that they brought. */
  readonly onSampled: (ids: readonly number[], text: string) => void;
  /** Does what the plan tells beside sampling; whether the session goes on. */
  readonly act: (act: Act) => Promise<boolean>;
};

/** Tokens without more final text after which a run that has said some is ended (quirk 7). */
const quietTokens = 64;

/** The daemon's loop over the engine: step by step, reading what was sampled, until something ends it. */
export function createSampleLoop(options: SampleLoopOptions) {
  const { engine, pacer, limit, cancelled } = options;
  const reader = createSampledReader(options.encoding, { primed: options.primed });
  let outputTokens = 0;

  return {
    /** Of all runs. Tokens that end a turn don't count. */
    outputTokens: () => outputTokens,
    /** Samples until the model calls a tool, stops or is stopped. The limit counts anew each time. */
    async run(): Promise<Ending> {
      const progress = { generated: 0, quiet: 0, spoke: false };
      while (progress.generated < limit) {
        const due = await pacer.next(cancelled);
        await options.drained();
        if (cancelled.aborted) break;
        const step = engine.sample(Math.min(due, limit - progress.generated), options.sampling);
        if (step.type === 'tokens') {
          pacer.taken(step.ids.length);
          const ending = take(step.ids, progress);
          if (ending !== null) return ending;
        } else if (!(await options.act(step))) {
          return { type: 'over' };
        }
      }
      return { type: 'stopped' };
    },
  };

  /** Reads what one step sampled; null: the run goes on. */
  function take(ids: readonly number[], progress: { generated: number; quiet: number; spoke: boolean }): Ending | null {
    let ending: Ending | null = null;
    let text = '';
    let taken = 0;
    for (const id of ids) {
      let sampled = reader.push(id);
      taken += 1;
      if (sampled.text !== '') {
        progress.spoke = true;
        progress.quiet = 0;
      }
      text += sampled.text;
      if (sampled.call === null && !sampled.stop) {
        progress.generated += 1;
        progress.quiet += 1;
        outputTokens += 1;
        if (!progress.spoke || progress.quiet < quietTokens) continue;
        sampled = reader.finish();
        text += sampled.text;
      }
      ending = sampled.call === null ? { type: 'stopped' } : { type: 'call', call: sampled.call };
      break;
    }
    options.onSampled(ids.slice(0, taken), text);
    return ending;
  }
}
