import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { LeaveSignal } from '../core/leave-signal.ts';
import { leave } from './departures.ts';
import type { Departure, Departures } from './departures.ts';

/** Requests whose headers have been read and whose answers have not left yet. */
export type OpenRequests = {
  /** Aborts what runs for a request when its client leaves before the answer has, or must go. */
  signalOf(reply: FastifyReply): LeaveSignal;
  /** Resolves when there are none, at once if so. */
  none(): Promise<void>;
};

type OpenRequest = {
  readonly reply: FastifyReply;
  /** null: nothing runs for it. */
  departure: Departure | null;
};

/** @param closed is told of each request when its connection is done with it, whatever became of it. */
export function trackRequests(
  fastify: FastifyInstance,
  departures: Departures,
  closed: (reply: FastifyReply) => void,
): OpenRequests {
  const requests = new Map<ServerResponse, OpenRequest>();
  let waiting: (() => void)[] = [];

  fastify.addHook('onRequest', async (_request, reply) => {
    requests.set(reply.raw, { reply, departure: null });
    reply.raw.on('close', onClose);
  });

  function onClose(this: ServerResponse): void {
    const request = requests.get(this);
    if (request === undefined) return;
    requests.delete(this);
    if (request.departure !== null) {
      if (!this.writableFinished) leave(request.departure);
      departures.forget(request.departure);
    }
    closed(request.reply);
    if (requests.size > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  return {
    signalOf({ raw }) {
      const departure = departures.enter();
      const request = requests.get(raw);
      if (request === undefined) {
        leave(departure);
        departures.forget(departure);
      } else request.departure = departure;
      return departure;
    },
    none: () => (requests.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
