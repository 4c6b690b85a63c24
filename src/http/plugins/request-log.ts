import type { FastifyInstance, FastifyRequest } from 'fastify';

/** One line per request, but for those whose turn has written its own: they are in `logged`. */
export function registerRequestLog(fastify: FastifyInstance, logged: WeakSet<FastifyRequest>): void {
  fastify.addHook('onResponse', async (request, reply) => {
    if (logged.has(request)) return;
    request.log.info(
      {
        method: request.method,
        // The pattern, not what the client typed.
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'request',
    );
  });
}
