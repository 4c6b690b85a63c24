import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route writes its own line about each request. */
    ownLog?: boolean;
  }
}

/** One line per request, for routes that don't write their own. */
export function registerRequestLog(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', async (request, reply) => {
    const { config, url } = request.routeOptions;
    const refusedEarly = reply.statusCode >= 400 && request.body === undefined;
    if (config.ownLog === true && !refusedEarly) return;
    request.log.info(
      {
        method: request.method,
        // The pattern, not what the client typed.
        route: url ?? null,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'request',
    );
  });
}
