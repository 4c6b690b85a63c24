import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../../core/errors.ts';
import type { Keyring } from '../keyring.ts';

/**
 * Refuses requests whose Host header names some other site: a page on the web that has its own name resolve to this
 * machine (DNS rebinding) would otherwise be let in by the browser. A server with API keys needs no such check, since
 * such a page has none.
 */
export function registerHostCheck(
  fastify: FastifyInstance,
  keyring: Keyring,
  { allowedHosts }: { readonly allowedHosts: readonly string[] },
): void {
  const allowed = new Set(['localhost', ...allowedHosts.map((host) => host.toLowerCase())]);
  fastify.addHook('onRequest', async (request) => {
    if (!keyring.isOpen()) return;
    const name = hostName(request.headers.host ?? '');
    if (allowed.has(name) || isIP(name) !== 0) return;
    throw new GatewayError(
      'host_not_allowed',
      'This server is not called by that host name. Use localhost, or add the name to server.allowedHosts.',
    );
  });
}

/** `Localhost:8642` is `localhost`, `[::1]:8642` is `::1`. */
function hostName(header: string): string {
  const host = header.startsWith('[') ? header.slice(1).split(']', 1)[0]! : header.split(':', 1)[0]!;
  return host.toLowerCase();
}
