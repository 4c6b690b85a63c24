import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../../core/errors.ts';
import type { StateSource } from '../../observe/state-source.ts';
import { drained } from '../drained.ts';

export type GatewayStateOptions = {
  readonly state: StateSource;
  /** Milliseconds a watcher may leave unread what it was sent. */
  readonly stallTimeout: number;
};

/** Each watcher costs a connection and a look every quarter of a second. */
const mostWatchers = 32;

/** What the gateway is doing: `/gateway/state` says it once, `/gateway/events` as it changes. */
export function gatewayStateRoutes(fastify: FastifyInstance, { state, stallTimeout }: GatewayStateOptions): void {
  const closing = new AbortController();
  let watchers = 0;
  // Watchers would never leave by themselves.
  fastify.addHook('preClose', async () => closing.abort());

  fastify.get('/gateway/state', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return state.whole();
  });

  fastify.get('/gateway/events', { sse: 'manual' }, async (_request, reply) => {
    if (watchers >= mostWatchers) {
      throw new GatewayError('rate_limit_exceeded', `${mostWatchers} are watching already.`, { retryAfter: 10 });
    }
    const { raw } = reply;
    const left = new AbortController();
    raw.once('close', () => left.abort());
    watchers += 1;
    try {
      reply.hijack();
      reply.sse.sendHeaders();
      for await (const next of state.watch(AbortSignal.any([left.signal, closing.signal]))) {
        const isTaken = raw.write(`event: state\ndata: ${JSON.stringify(next)}\n\n`);
        if (!isTaken) await drained(raw, stallTimeout);
      }
    } finally {
      watchers -= 1;
    }
    return undefined;
  });
}
