import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GatewayError } from '../../core/errors.ts';

type Allowed = { readonly allowedHosts: readonly string[] };

/**
 * Refuses what pages of other sites open or send without being asked: browsers let any page connect to this machine, and
 * only say which one it was. Programs send no Origin.
 */
export function registerSocketOriginCheck(fastify: FastifyInstance, options: Allowed): void {
  const check = checkOf(options);
  fastify.addHook('onRequest', async (request) => {
    if (request.ws) check(request);
  });
}

/**
 * The same for requests. Browsers ask before they send JSON or a DELETE, and are not let; they don't ask before a POST
 * without a body, which may begin a conversation or a turn.
 */
export function registerOriginCheck(fastify: FastifyInstance, options: Allowed): void {
  const check = checkOf(options);
  fastify.addHook('onRequest', async (request) => {
    if (request.method === 'POST' && request.headers['content-type'] === undefined) check(request);
  });
}

function checkOf({ allowedHosts }: Allowed): (request: FastifyRequest) => void {
  const allowed = new Set(allowedHosts.map((host) => host.toLowerCase()));
  return ({ headers: { origin, host } }) => {
    if (origin === undefined) return;
    const page = URL.canParse(origin) ? new URL(origin) : null;
    if (page !== null && (page.host === host?.toLowerCase() || allowed.has(page.hostname))) return;
    throw new GatewayError(
      'host_not_allowed',
      'Pages of other sites may not connect here. Add their host name to server.allowedHosts to let them.',
    );
  };
}
