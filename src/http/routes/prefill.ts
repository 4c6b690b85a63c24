import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../../core/errors.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { Opened } from '../answer-route.ts';

/** Understands the body of a request, as the route of its API does. */
export type Opener = (body: unknown) => Promise<Opened>;

export type PrefillOptions = {
  readonly gateway: Gateway;
  readonly openers: { readonly responses: Opener; readonly chat: Opener };
};

/** JSON values of a body, each of which can be several pieces to show. */
const mostValues = 8000;

/**
 * Shows what the engine would read for a request, and runs nothing. `{ api, body }`: `body` is what would be sent to
 * `/v1/responses` or `/v1/chat/completions`, and is refused for what it would be refused for there.
 */
export function prefillRoutes(fastify: FastifyInstance, { gateway, openers }: PrefillOptions): void {
  fastify.post('/gateway/prefill', { config: { jsonValues: mostValues } }, async (request, reply) => {
    const { api, body } = (request.body ?? {}) as { readonly api?: unknown; readonly body?: unknown };
    if (api !== 'responses' && api !== 'chat') {
      throw new GatewayError('invalid_value', "'api' must be 'responses' or 'chat'.", { param: 'api' });
    }
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw new GatewayError('invalid_type', "'body' must be a request of the API, an object.", { param: 'body' });
    }
    const { exchange } = await openers[api](body);
    const pieces = await gateway.showPrefill(exchange.turn);
    reply.header('cache-control', 'no-store');
    const tokens = pieces.reduce((sum, { ids }) => sum + ids.length, 0);
    return { object: 'gateway.prefill', tokens, pieces, warnings: exchange.warnings };
  });
}
