import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GatewayError } from '../../core/errors.ts';

/** Takes JSON in UTF-8 and nothing else; a client that sends something else is told so before its body is read. */
export function registerBodyParser(fastify: FastifyInstance, { bodyLimit }: { readonly bodyLimit: number }): void {
  fastify.removeAllContentTypeParsers();
  const utf8 = new TextDecoder('utf-8', { fatal: true });

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
  fastify.addContentTypeParser(json, { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) => {
    // Some clients send a content type with a DELETE that has no body.
    if (body.length === 0) return undefined;
    let text: string;
    try {
      text = utf8.decode(body);
    } catch {
      throw new GatewayError('invalid_json', 'The request body is not UTF-8.');
    }
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw new GatewayError('invalid_json', `The request body is not valid JSON: ${(cause as Error).message}.`);
    }
  });
}
