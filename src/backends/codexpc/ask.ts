import { GatewayError } from '../../core/errors.ts';
import type { Link } from './link.ts';
import { plainMessage } from './wire.ts';
import type { DaemonMessage } from './wire.ts';

/**
 * Sends a plain message and waits for the one reply to it.
 *
 * @throws GatewayError `backend_timeout` when the signal aborts first; what the link says when the connection is lost.
 */
export function ask(
  link: Link,
  type: 'health' | 'handshake',
  requestId: string,
  signal: AbortSignal,
): Promise<DaemonMessage> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      link.forget(requestId);
      reject(new GatewayError('backend_timeout', `The codexpc daemon did not answer ${type} in time.`));
    };
    if (signal.aborted) return onAbort();
    const settle = (action: () => void) => {
      signal.removeEventListener('abort', onAbort);
      link.forget(requestId);
      action();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      link.send(plainMessage(type, requestId), null, requestId, (happening) => {
        if (happening.type === 'message') settle(() => resolve(happening.message));
        else if (happening.type !== 'read-end') settle(() => reject(happening.error));
      });
    } catch (error) {
      settle(() => reject(error as GatewayError));
    }
  });
}

/** What a reply that isn't the expected one says, for people. */
export function describeReply(message: DaemonMessage): string {
  return message.type === 'error' || message.type === 'handshake.error'
    ? `${message.code}: ${message.message}`
    : message.type;
}
