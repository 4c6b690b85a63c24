import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../../core/errors.ts';

/** What needs no key: paths that tell a supervisor whether the server lives, and the page, which has no data in it. */
const open = new Set(['/healthz', '/readyz', '/', '/page/*']);

/** Asks for `Authorization: Bearer KEY` where keys are configured. Compared by digest, all of them, in constant time. */
export function registerApiKeys(fastify: FastifyInstance, { apiKeys }: { readonly apiKeys: readonly string[] }): void {
  if (apiKeys.length === 0) return;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const known = apiKeys.map(digest);
  fastify.addHook('onRequest', async (request, reply) => {
    if (open.has(request.routeOptions.url ?? '')) return;
    const match = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '');
    if (match !== null) {
      const given = digest(match[1]!);
      let matches = 0;
      for (const key of known) matches += Number(timingSafeEqual(key, given));
      if (matches > 0) return;
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
}
