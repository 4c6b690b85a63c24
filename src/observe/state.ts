import type { TurnReport } from '../core/turn-report.ts';
import type { EndReason, Usage } from '../core/event.ts';
import type { FailureCode } from '../core/errors.ts';

/**
 * What the gateway tells whoever watches it: counts, times and ids. Never a prompt, an answer, a key but by its
 * name, a path or an address. Times are milliseconds since 1970, durations milliseconds; null: not yet, or never.
 */
export type GatewayState = {
  /** When this was true. */
  readonly at: number;
  /** When the gateway began. */
  readonly since: number;
  readonly backend: BackendState;
  readonly engines: readonly EngineState[];
  readonly totals: Totals;
  /** In the order in which they came. */
  readonly running: readonly TurnState[];
  /** Turns that have ended, the latest last; so many as are remembered, or since what the reader was told last. */
  readonly recent: readonly TurnState[];
};

export type BackendState = {
  /** As in `x-codexpc-backend`. */
  readonly name: string;
  /** `unknown`: it has not been asked yet. */
  readonly health: 'well' | 'failing' | 'unknown';
  readonly checkedAt: number | null;
  /** What is wrong with it, as a client of the API would be told. */
  readonly problem: { readonly code: string; readonly message: string } | null;
};

export type EngineState = { readonly model: string; readonly running: number; readonly queued: number };

/** Since the gateway began. */
export type Totals = Usage & {
  readonly turns: number;
  readonly completed: number;
  /** The client left. */
  readonly cancelled: number;
  readonly failed: number;
  /** How often each failure was an answer; those of requests that were no turn are not among them. */
  readonly errors: { readonly [code: string]: number };
  /** How often each fault in the model's output was repaired. */
  readonly repairs: { readonly [name: string]: number };
};

export type TurnStage =
  | 'preparing'
  | 'queued'
  /** The engine reads the prompt and has said nothing yet. */
  | 'prefill'
  | 'answering'
  | 'completed'
  | 'cancelled'
  | 'failed';

export type TurnState = {
  /** The client was given it as `x-request-id`. */
  readonly id: string;
  readonly route: string;
  /** The name of the API key that asked for it; null: none was asked for. */
  readonly key: string | null;
  readonly model: string;
  readonly stream: boolean;
  readonly warnings: number;
  readonly beganAt: number;
  readonly stage: TurnStage;
  /** The place in the queue when it was entered; null: it did not have to wait. */
  readonly position: number | null;
  /** From the beginning until the engine took it. */
  readonly waited: number | null;
  /** From the beginning to the first output. */
  readonly firstOutput: number | null;
  /** From the beginning to now, or to the end. */
  readonly duration: number;
  readonly inputTokens: number | null;
  /** Those of the input that the engine was expected to have in its cache. */
  readonly cachedTokens: number | null;
  /** Exact when the turn has completed; until then an estimate from the length of what was said. */
  readonly outputTokens: number;
  readonly reasoningTokens: number | null;
  /** From the first output on; null where there is too little to tell. */
  readonly tokensPerSecond: number | null;
  readonly reason: EndReason | null;
  readonly repairs: number;
  readonly error: FailureCode | null;
};

/** Characters that a token has on average, in English. */
const charactersPerToken = 4;
/** Milliseconds below which a pace is mere chance. */
const shortest = 100;

/** A turn as it stands, `elapsed` being `Clock.elapsed`'s now. */
export function turnState(report: TurnReport, elapsed: number): TurnState {
  const { began, start, firstOutput, end, failure } = report;
  const until = report.ended ?? elapsed;
  const outputTokens =
    end?.usage.outputTokens ?? Math.max(report.deltas, Math.round(report.characters / charactersPerToken));
  const spoken = firstOutput === null ? 0 : until - firstOutput;
  // Thinking that is not sent was done before the first output.
  const heard = report.reasoned ? outputTokens : outputTokens - (end?.usage.reasoningTokens ?? 0);
  return {
    id: report.id,
    route: report.route,
    key: report.key,
    model: report.model,
    stream: report.stream,
    warnings: report.warnings.length,
    beganAt: report.beganAt,
    stage: stageOf(report),
    position: report.position,
    waited: start === null ? null : rounded(start.at - began),
    firstOutput: firstOutput === null ? null : rounded(firstOutput - began),
    duration: rounded(until - began),
    inputTokens: end?.usage.inputTokens ?? start?.inputTokens ?? null,
    cachedTokens: end?.usage.cachedTokens ?? start?.cachedTokens ?? null,
    outputTokens,
    reasoningTokens: end?.usage.reasoningTokens ?? null,
    tokensPerSecond: spoken < shortest ? null : rounded((heard / spoken) * 1000),
    reason: end?.reason ?? null,
    repairs: Object.values(end?.repairs ?? {}).reduce((sum, count) => sum + count, 0),
    error: failure?.code ?? null,
  };
}

function stageOf({ ended, end, failure, start, firstOutput, position }: TurnReport): TurnStage {
  if (ended !== null) {
    if (failure !== null) return failure.code === 'request_cancelled' ? 'cancelled' : 'failed';
    return end === null ? 'cancelled' : 'completed';
  }
  if (firstOutput !== null) return 'answering';
  if (start !== null) return 'prefill';
  return position === null ? 'preparing' : 'queued';
}

/** Tenths are enough. */
function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
