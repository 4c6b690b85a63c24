import type { ServerResponse } from 'node:http';
import { GatewayError } from '../core/errors.ts';

/** Who has left: aborts what runs for a client whose connection closed, and for all when the server stops. */
export type Departures = {
  /** Watches the connection that a response goes to; `forget` must be called when the response has been given. */
  watch(response: ServerResponse): { readonly signal: AbortSignal; forget(): void };
  /** For who can't be watched: `leave` says that they have left. */
  enter(): { readonly signal: AbortSignal; leave(): void; forget(): void };
  /** Ends everything that still runs, with `shutting_down`. */
  dismissAll(): void;
  /** How many are being answered. */
  count(): number;
};

export function createDepartures(): Departures {
  const watched = new Set<AbortController>();

  function enter() {
    const controller = new AbortController();
    watched.add(controller);
    return {
      signal: controller.signal,
      leave: () => controller.abort(new GatewayError('request_cancelled', 'The client closed the connection.')),
      forget: () => void watched.delete(controller),
    };
  }

  return {
    enter,
    watch(response) {
      const { signal, leave, forget } = enter();
      const onClose = () => {
        if (!response.writableFinished) leave();
      };
      response.on('close', onClose);
      if (response.destroyed) onClose();
      return {
        signal,
        forget() {
          forget();
          response.off('close', onClose);
        },
      };
    },
    dismissAll() {
      for (const controller of watched) {
        controller.abort(new GatewayError('shutting_down', 'The gateway is shutting down; please try again.'));
      }
    },
    count: () => watched.size,
  };
}
