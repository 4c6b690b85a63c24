import type { FastifyInstance } from 'fastify';
import type { Ids } from '../../core/ids.ts';
import { openChat } from '../../dialects/chat/index.ts';
import { answerRequest } from '../answer-route.ts';
import type { AnswerRouteOptions } from '../answer-route.ts';

export function chatRoutes(fastify: FastifyInstance, options: AnswerRouteOptions & { readonly ids: Ids }): void {
  const open = (body: unknown) => openChat(body, options);
  fastify.post('/v1/chat/completions', { sse: 'manual' }, (request, reply) =>
    answerRequest(options, open, request, reply),
  );
}
