import type { FastifyInstance } from 'fastify';
import type { Ids } from '../../core/ids.ts';
import { openCompletion } from '../../dialects/completions/index.ts';
import { answerRequest } from '../answer-route.ts';
import type { AnswerRouteOptions } from '../answer-route.ts';

/** A prompt of token ids has as many JSON values; a whole context window of them takes a few milliseconds to read. */
const mostTokens = 200_000;

export function completionsRoutes(fastify: FastifyInstance, options: AnswerRouteOptions & { readonly ids: Ids }): void {
  const open = async (body: unknown) => ({
    exchange: openCompletion(body, { ...options, textOf: options.gateway.textOf }),
    keep: null,
  });
  const config = { jsonValues: mostTokens, asksForTurns: true };
  fastify.post('/v1/completions', { sse: 'manual', config }, (request, reply) =>
    answerRequest(options, open, request, reply),
  );
}
