import type { Clock } from '../core/ids.ts';
import type { TurnObserver, TurnReport } from '../core/turn-report.ts';
import type { Totals, TurnState } from './state.ts';
import { turnState } from './state.ts';

/** Remembers what runs, what has run lately, and sums of it all. What it costs a turn is two calls. */
export type TurnBoard = TurnObserver & {
  /** Grows with everything that begins or ends. */
  readonly version: number;
  /** How many turns have ended. */
  readonly count: number;
  running(): readonly TurnState[];
  /** Of the turns that have ended behind the first `after`, those that are remembered, the latest last. */
  recent(after: number): readonly TurnState[];
  totals(): Totals;
};

export type TurnBoardOptions = {
  readonly clock: Clock;
  /** Turns that are remembered when they have ended. */
  readonly remembered: number;
};

export function createTurnBoard({ clock, remembered }: TurnBoardOptions): TurnBoard {
  const running = new Set<TurnReport>();
  /** A ring; the turn that ended as number n is at n modulo its length. */
  const recent: TurnState[] = [];
  const errors = new Map<string, number>();
  const repairs = new Map<string, number>();
  const sums = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0 };
  const counts = { turns: 0, completed: 0, cancelled: 0, failed: 0 };
  let version = 0;
  let ended = 0;

  function add(report: TurnReport, state: TurnState): void {
    const { end } = report;
    if (state.stage === 'completed' || state.stage === 'cancelled' || state.stage === 'failed')
      counts[state.stage] += 1;
    if (state.stage === 'failed' && state.error !== null) count(errors, state.error, 1);
    for (const [name, times] of Object.entries(end?.repairs ?? {})) count(repairs, name, times);
    if (end === null) return;
    sums.inputTokens += end.usage.inputTokens;
    sums.cachedTokens += end.usage.cachedTokens;
    sums.outputTokens += end.usage.outputTokens;
    sums.reasoningTokens += end.usage.reasoningTokens;
  }

  return {
    get version() {
      return version;
    },
    get count() {
      return ended;
    },
    began(report) {
      running.add(report);
      counts.turns += 1;
      version += 1;
    },
    ended(report) {
      running.delete(report);
      const state = turnState(report, clock.elapsed());
      recent[ended % remembered] = state;
      ended += 1;
      version += 1;
      add(report, state);
    },
    running: () => [...running].map((report) => turnState(report, clock.elapsed())),
    recent(after) {
      const first = Math.max(after, ended - remembered);
      return Array.from({ length: ended - first }, (_, index) => recent[(first + index) % remembered]!);
    },
    totals: () => ({
      ...counts,
      ...sums,
      errors: Object.fromEntries(errors),
      repairs: Object.fromEntries(repairs),
    }),
  };
}

function count(counts: Map<string, number>, name: string, times: number): void {
  counts.set(name, (counts.get(name) ?? 0) + times);
}
