import type { FastifyInstance } from 'fastify';
import { openApiDocument } from '../openapi/document.ts';
import type { DocumentOptions } from '../openapi/document.ts';

/** The API's description, made when it is asked for first. */
export function openApiRoutes(fastify: FastifyInstance, options: DocumentOptions): void {
  let document: string | null = null;
  fastify.get('/openapi.json', async (_request, reply) => {
    document ??= JSON.stringify(openApiDocument(options));
    return reply.type('application/json; charset=utf-8').send(document);
  });
}
