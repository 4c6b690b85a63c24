import type { FastifyInstance } from 'fastify';
import { openApiDocument } from '../openapi/document.ts';

export type OpenApiOptions = {
  readonly version: string;
  /** Whether API keys are asked for now. */
  readonly isSecured: () => boolean;
};

/** The API's description, made when it is asked for first. */
export function openApiRoutes(fastify: FastifyInstance, { version, isSecured }: OpenApiOptions): void {
  const documents = new Map<boolean, string>();
  fastify.get('/openapi.json', async (_request, reply) => {
    const secured = isSecured();
    const document = documents.get(secured) ?? JSON.stringify(openApiDocument({ version, secured }));
    documents.set(secured, document);
    return reply.type('application/json; charset=utf-8').send(document);
  });
}
