import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiKey } from '../../core/api-keys.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Keyring } from '../keyring.ts';

/** What needs no key: paths that tell a supervisor whether the server lives, and the page, which has no data in it. */
const open = new Set(['/healthz', '/readyz', '/', '/page/*']);

/** The key that a request has brought; null: it needed none. */
export type KeyOf = (request: FastifyRequest) => ApiKey | null;

/** Asks for `Authorization: Bearer KEY` where keys are configured. What the request logs has the key's name with it. */
export function registerApiKeys(fastify: FastifyInstance, keyring: Keyring): KeyOf {
  const keys = new WeakMap<FastifyRequest, ApiKey>();
  fastify.addHook('onRequest', async (request, reply) => {
    if (keyring.isOpen() || open.has(request.routeOptions.url ?? '')) return;
    const match = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '');
    const key = match === null ? null : keyring.find(match[1]!);
    if (key !== null) {
      keys.set(request, key);
      request.log = request.log.child({ key: key.name });
      return;
    }
    reply.header('www-authenticate', 'Bearer');
    throw new GatewayError(
      'invalid_api_key',
      match === null
        ? 'No API key was given: send it as `Authorization: Bearer KEY`.'
        : // litellm tells this error by OpenAI's own first words.
          'Incorrect API key provided: it is not one that this server knows.',
    );
  });
  return (request) => keys.get(request) ?? null;
}
