import type { BackendEvent, Session } from '../backends/backend.ts';
import { GatewayError } from '../core/errors.ts';
import { whatIsLate } from './limits.ts';
import type { TurnLimits } from './limits.ts';

/**
 * Sees to it that a session ends in time: one that is silent or long, and one of which nothing more is wanted. One timer
 * is enough for that, since it is known at any time which limit passes first.
 */
export type SessionWatch = {
  readonly session: Session;
  readonly limits: TurnLimits;
  /** Monotonic milliseconds. */
  readonly elapsed: () => number;
  readonly began: number;
  /** What the timer stands for. `usage`: nothing more is wanted but the engine's token counts. */
  limit: keyof TurnLimits | 'usage';
  timer: NodeJS.Timeout | null;
};

/**
 * Milliseconds to wait for the engine's token counts after a tool call or a stop text ended the turn for the client.
 * The daemon reports them right after it is cancelled; what it says besides is not the turn's any more.
 */
const usageGrace = 250;

export function watchSession(session: Session, limits: TurnLimits, elapsed: () => number): SessionWatch {
  const watch: SessionWatch = { session, limits, elapsed, began: elapsed(), limit: 'firstToken', timer: null };
  if (limits.firstToken < limits.total) wait(watch, 'firstToken', limits.firstToken);
  else wait(watch, 'total', limits.total);
  return watch;
}

/** Tells of what the engine said. */
export function noteProgress(watch: SessionWatch, batch: readonly BackendEvent[]): void {
  const { limits, limit, timer } = watch;
  if (limit === 'usage' || batch.every(({ type }) => type === 'created')) return;
  const left = watch.began + limits.total - watch.elapsed();
  if (left > limits.idle) {
    if (limit === 'idle') timer?.refresh();
    else wait(watch, 'idle', limits.idle);
  } else if (limit !== 'total') {
    wait(watch, 'total', left);
  }
}

/** The turn is over for the client; the session is cancelled. May be called again. */
export function endSoon(watch: SessionWatch): void {
  if (watch.limit === 'usage') return;
  watch.session.cancel();
  wait(watch, 'usage', usageGrace);
}

export function stopWatching({ timer }: SessionWatch): void {
  if (timer !== null) clearTimeout(timer);
}

function wait(watch: SessionWatch, limit: SessionWatch['limit'], milliseconds: number): void {
  stopWatching(watch);
  watch.limit = limit;
  watch.timer = setTimeout(giveUp, milliseconds, watch);
}

function giveUp({ session, limits, limit }: SessionWatch): void {
  const what =
    limit === 'usage'
      ? 'The engine did not report its usage in time.'
      : `${whatIsLate(limit, limits[limit])}; the turn was given up.`;
  session.abandon(new GatewayError('backend_timeout', what));
}
