import type { BackendEvent, Session } from '../backends/backend.ts';
import { GatewayError } from '../core/errors.ts';
import { startDeadline } from './limits.ts';
import type { TurnLimits } from './limits.ts';

/** Sees to it that a session ends in time: one that is silent or long, and one of which nothing more is wanted. */
export type SessionWatch = {
  progress(batch: readonly BackendEvent[]): void;
  /** The turn is over for the client; the session is cancelled. May be called again. */
  enough(): void;
  stop(): void;
};

/**
 * Milliseconds to wait for the engine's token counts after a tool call or a stop text ended the turn for the client.
 * The daemon reports them right after it is cancelled; what it says besides is not the turn's any more.
 */
const usageGrace = 250;

export function watchSession(session: Session, limits: TurnLimits): SessionWatch {
  const deadline = startDeadline(limits, session.abandon);
  let grace: NodeJS.Timeout | null = null;
  return {
    progress(batch) {
      if (batch.some((event) => event.type !== 'created')) deadline.progress();
    },
    enough() {
      if (grace !== null) return;
      session.cancel();
      const late = new GatewayError('backend_timeout', 'The engine did not report its usage in time.');
      grace = setTimeout(session.abandon, usageGrace, late);
    },
    stop() {
      deadline.stop();
      if (grace !== null) clearTimeout(grace);
    },
  };
}
