import { GatewayError } from '../../core/errors.ts';
import type { Introduction } from '../backend.ts';
import { ask, describeReply } from './ask.ts';
import type { Link } from './link.ts';
import type { DaemonMessage } from './wire.ts';

/** What a daemon said on a new connection, before any session. */
export type Greeting = Introduction & {
  /** Ids of the sessions that it still runs; null: it doesn't tell, as today's daemon. */
  readonly sessions: readonly string[] | null;
};

/**
 * Asks for handshake and health, in this order. The daemon answers a connection's messages in their order, so one that
 * has answered health and not handshake won't: it is from before there was one. A daemon must answer health.
 *
 * @throws GatewayError `backend_timeout` when the signal aborts first, `backend_unavailable`, `backend_lost`, or
 *   `engine_error` for a daemon that refuses.
 */
export async function greet(link: Link, newRequestId: () => string, signal: AbortSignal): Promise<Greeting> {
  const over = new AbortController();
  const introduced = ask(link, 'handshake', newRequestId(), over.signal).then(
    (reply) => readHandshake(reply),
    (error: GatewayError) => ({ handshake: null, trouble: troubleOf(error) }),
  );
  let sessions: Greeting['sessions'];
  try {
    sessions = await askHealth(link, newRequestId, signal);
  } finally {
    over.abort();
  }
  return { ...(await introduced), sessions };
}

/** Asks for health alone, and gives the sessions that the daemon runs, if it tells. */
export async function askHealth(
  link: Link,
  newRequestId: () => string,
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  const reply = await ask(link, 'health', newRequestId(), signal);
  if (reply.type !== 'health.ok') {
    throw new GatewayError('engine_error', `The codexpc daemon answered health with ${describeReply(reply)}.`);
  }
  return reply.sessions ?? null;
}

function readHandshake(reply: DaemonMessage): Introduction {
  if (reply.type !== 'handshake.ok') {
    return { handshake: null, trouble: `it answered handshake with ${describeReply(reply)}` };
  }
  return {
    handshake: {
      harmonyVersion: reply.harmony_semver,
      encodingName: reply.encoding_name,
      specialTokens: reply.special_tokens,
      stopTokens: reply.stop_tokens_for_assistant_actions,
    },
    trouble: null,
  };
}

function troubleOf(error: GatewayError): string {
  return error.code === 'backend_timeout'
    ? 'it did not answer handshake, though it answered health'
    : `its answer to handshake can't be used (${error.message})`;
}
