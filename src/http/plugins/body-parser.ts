import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GatewayError } from '../../core/errors.ts';
import { readJson } from '../json-body.ts';

declare module 'fastify' {
  // eslint-disable-next-line typescript/consistent-type-definitions -- only an interface can be added to
  interface FastifyContextConfig {
    /** Most JSON values of a body, where they may be more than usual. */
    jsonValues?: number;
  }
}

/** Takes JSON in UTF-8 and nothing else; a client that sends something else is told so before its body is read. */
export function registerBodyParser(fastify: FastifyInstance, { bodyLimit }: { readonly bodyLimit: number }): void {
  fastify.removeAllContentTypeParsers();

  fastify.addHook('onRequest', async (request) => {
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') {
      throw new GatewayError('unsupported_media_type', 'Compressed request bodies are not taken; send plain JSON.');
    }
    const length = Number(request.headers['content-length'] ?? 0);
    if (length > bodyLimit) {
      throw new GatewayError(
        'payload_too_large',
        `The request body has ${length} bytes; this server takes ${bodyLimit} (server.bodyLimit).`,
      );
    }
  });

  const json = /^application\/(?:[\w.-]+\+)?json\b/i;
  fastify.addContentTypeParser(json, { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    // Some clients send a content type with a DELETE that has no body.
    if (body.length === 0) return undefined;
    return readJson(body, request.routeOptions.config.jsonValues);
  });
}
