import type { FastifyInstance } from 'fastify';
import type { Ids } from '../../core/ids.ts';
import { openResponse } from '../../dialects/responses/index.ts';
import { answerRequest } from '../answer-route.ts';
import type { AnswerRouteOptions } from '../answer-route.ts';

export function responsesRoutes(fastify: FastifyInstance, options: AnswerRouteOptions & { readonly ids: Ids }): void {
  const open = (body: unknown) => openResponse(body, options);
  fastify.post('/v1/responses', { sse: 'manual' }, (request, reply) => answerRequest(options, open, request, reply));
}
