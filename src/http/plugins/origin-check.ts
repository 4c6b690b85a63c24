import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GatewayError } from '../../core/errors.ts';

/**
 * Refuses WebSockets that pages of other sites open: browsers let any page connect to this machine, and only say which
 * one it was. Programs send no Origin.
 */
export function registerOriginCheck(
  fastify: FastifyInstance,
  { allowedHosts }: { readonly allowedHosts: readonly string[] },
): void {
  const allowed = new Set(allowedHosts.map((host) => host.toLowerCase()));
  fastify.addHook('onRequest', async (request: FastifyRequest) => {
    const { origin, host } = request.headers;
    if (!request.ws || origin === undefined) return;
    const page = URL.canParse(origin) ? new URL(origin) : null;
    if (page !== null && (page.host === host?.toLowerCase() || allowed.has(page.hostname))) return;
    throw new GatewayError(
      'host_not_allowed',
      'Pages of other sites may not connect here. Add their host name to server.allowedHosts to let them.',
    );
  });
}
