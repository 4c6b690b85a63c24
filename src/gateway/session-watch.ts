import type { BackendEvent, Session } from '../backends/backend.ts';
import { GatewayError } from '../core/errors.ts';
import { whatIsLate } from './limits.ts';
import type { TurnLimits } from './limits.ts';

/**
 * Sees to it that sessions end in time: those that are silent or long, and those of which nothing more is wanted. One
 * timer serves them all, since one for each open stream would be larger than all else that is kept of its limits.
 */
export type SessionWatch = {
  /** Watches a session from its beginning until `stop`, or until it is late and was abandoned. */
  begin(session: Session): Watched;
  /** The engine said something. */
  noteProgress(watched: Watched, batch: readonly BackendEvent[]): void;
  /** The turn is over for the client; the session is cancelled. May be called again. */
  endSoon(watched: Watched): void;
  stop(watched: Watched): void;
};

/** A session that is watched; times are in monotonic milliseconds. */
export type Watched = {
  readonly session: Session;
  readonly began: number;
  /** When the engine last gave a sign of life; null: not yet. */
  heard: number | null;
  /** When nothing more was wanted but the engine's token counts; null: more is wanted. */
  enough: number | null;
};

/** What a session has to keep to next. */
type Due = { readonly limit: keyof TurnLimits | 'usage'; readonly at: number };

/**
 * Milliseconds to wait for the engine's token counts after a tool call or a stop text ended the turn for the client.
 * The daemon reports them right after it is cancelled; what it says besides is not the turn's any more.
 */
const usageGrace = 250;

export function createSessionWatch(limits: TurnLimits, elapsed: () => number): SessionWatch {
  const all = new Set<Watched>();
  /** Runs until the first of all is due, or shorter: that is put off at each sign of life, the timer is not. */
  let timer: NodeJS.Timeout | null = null;
  let timerEnds = Infinity;

  function dueOf({ began, heard, enough }: Watched): Due {
    if (enough !== null) return { limit: 'usage', at: enough + usageGrace };
    const total = began + limits.total;
    const silence = heard === null ? began + limits.firstToken : heard + limits.idle;
    if (total < silence) return { limit: 'total', at: total };
    return { limit: heard === null ? 'firstToken' : 'idle', at: silence };
  }

  function look(): void {
    stopTimer();
    const now = elapsed();
    let next = Infinity;
    for (const watched of all) {
      const { limit, at } = dueOf(watched);
      if (at > now) {
        next = Math.min(next, at);
      } else {
        all.delete(watched);
        watched.session.abandon(lateError(limit, limits));
      }
    }
    if (next < Infinity) lookAt(next);
  }

  function lookAt(at: number): void {
    stopTimer();
    timerEnds = at;
    timer = setTimeout(look, Math.ceil(at - elapsed()));
  }

  function stopTimer(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    timerEnds = Infinity;
  }

  /** To be called when something may be due earlier than before. */
  function lookInTime(watched: Watched): void {
    const { at } = dueOf(watched);
    if (at < timerEnds) lookAt(at);
  }

  return {
    begin(session) {
      const watched: Watched = { session, began: elapsed(), heard: null, enough: null };
      all.add(watched);
      lookInTime(watched);
      return watched;
    },
    noteProgress(watched, batch) {
      if (batch.every(({ type }) => type === 'created')) return;
      const isFirst = watched.heard === null;
      watched.heard = elapsed();
      if (isFirst) lookInTime(watched);
    },
    endSoon(watched) {
      if (watched.enough !== null) return;
      watched.session.cancel();
      watched.enough = elapsed();
      lookInTime(watched);
    },
    stop(watched) {
      all.delete(watched);
      if (all.size === 0) stopTimer();
    },
  };
}

function lateError(limit: Due['limit'], limits: TurnLimits): GatewayError {
  const what =
    limit === 'usage'
      ? 'The engine did not report its usage in time.'
      : `${whatIsLate(limit, limits[limit])}; the turn was given up.`;
  return new GatewayError('backend_timeout', what);
}
