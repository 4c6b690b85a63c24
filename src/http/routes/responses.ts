import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../../core/errors.ts';
import type { Ids } from '../../core/ids.ts';
import { openResponse } from '../../dialects/responses/index.ts';
import { answerRequest } from '../answer-route.ts';
import type { AnswerRouteOptions } from '../answer-route.ts';

export function responsesRoutes(fastify: FastifyInstance, options: AnswerRouteOptions & { readonly ids: Ids }): void {
  const open = (body: unknown) => openResponse(body, options);
  fastify.post('/v1/responses', { sse: 'manual', config: { ownLog: true } }, (request, reply) =>
    answerRequest(options, open, request, reply),
  );
  // Codex tries WebSockets first when it is told that the provider has them; 426 alone makes it fall back at once.
  fastify.get('/v1/responses', { exposeHeadRoute: false }, async (request) => {
    throw request.headers.upgrade === undefined
      ? new GatewayError('method_not_allowed', '/v1/responses takes POST.')
      : new GatewayError('upgrade_required', 'WebSockets are not spoken here; use POST with `stream: true`.');
  });
}
