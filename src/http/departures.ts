import type { ServerResponse } from 'node:http';
import { GatewayError } from '../core/errors.ts';

/** Who has left: aborts what runs for a client whose connection closed, and for all when the server stops. */
export type Departures = {
  /** Watches the connection that a response goes to; `forget` must be called when the response has been given. */
  watch(response: ServerResponse): { readonly signal: AbortSignal; forget(): void };
  /** Ends everything that still runs, with `shutting_down`. */
  dismissAll(): void;
  /** How many are being answered. */
  count(): number;
};

export function createDepartures(): Departures {
  const watched = new Set<AbortController>();
  return {
    watch(response) {
      const controller = new AbortController();
      const onClose = () => {
        if (!response.writableFinished) {
          controller.abort(new GatewayError('request_cancelled', 'The client closed the connection.'));
        }
      };
      watched.add(controller);
      response.once('close', onClose);
      if (response.destroyed) onClose();
      return {
        signal: controller.signal,
        forget() {
          watched.delete(controller);
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
