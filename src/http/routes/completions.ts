import type { FastifyInstance } from 'fastify';
import type { Ids } from '../../core/ids.ts';
import { openCompletion } from '../../dialects/completions/index.ts';
import { answerRequest } from '../answer-route.ts';
import type { AnswerRouteOptions } from '../answer-route.ts';

export function completionsRoutes(fastify: FastifyInstance, options: AnswerRouteOptions & { readonly ids: Ids }): void {
  const open = async (body: unknown) => ({
    exchange: openCompletion(body, { ...options, textOf: options.gateway.textOf }),
    keep: null,
  });
  fastify.post('/v1/completions', { sse: 'manual' }, (request, reply) => answerRequest(options, open, request, reply));
}
