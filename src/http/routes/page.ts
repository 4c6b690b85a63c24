import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GatewayError } from '../../core/errors.ts';

/** The files of the page at `/`, by their names; `index.html` is the page itself. They are the same for everybody. */
export type PageFiles = ReadonlyMap<string, PageFile>;

export type PageFile = {
  readonly body: Buffer;
  /** With the charset. */
  readonly type: string;
  /** Quoted, and another one for another body. */
  readonly etag: string;
};

/** Nothing but the page's own files runs, styles it or is talked to, and nobody puts it into a frame. */
const policy = [
  `default-src 'none'`,
  `script-src 'self'`,
  `style-src 'self'`,
  `img-src 'self'`,
  `connect-src 'self'`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
  `require-trusted-types-for 'script'`,
  `trusted-types 'none'`,
].join('; ');

/** Serves the page from memory. There is nothing in it that would need a key. */
export function pageRoutes(fastify: FastifyInstance, { page }: { readonly page: PageFiles }): void {
  fastify.get('/', async (request, reply) => serve('index.html', request, reply));
  fastify.get<{ Params: { '*': string } }>('/page/*', async (request, reply) =>
    serve(request.params['*'], request, reply),
  );

  function serve(name: string, request: FastifyRequest, reply: FastifyReply) {
    const file = page.get(name);
    if (file === undefined) throw new GatewayError('unknown_url', 'The page has no such file.');
    reply.headers({
      'content-type': file.type,
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=()',
      // Asked for anew each time, since another version of the gateway may run there next.
      'cache-control': 'no-cache',
      etag: file.etag,
    });
    if (isKnown(request.headers['if-none-match'], file.etag)) return reply.code(304).send();
    return reply.send(file.body);
  }
}

/** `If-None-Match` compares weakly (RFC 9110, 13.1.2). */
function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((one) => ['*', etag].includes(one.trim().replace(/^W\//, '')));
}
