import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GatewayError } from '../../core/errors.ts';
import { shownItems } from '../../dialects/responses/sealed-items.ts';
import type { Seals } from '../../dialects/responses/seals.ts';
import type { StoredItem } from '../../store/store.ts';
import type { KeptResponses } from '../kept-responses.ts';
import { includesOf } from '../page-query.ts';
import type { Query } from '../page-query.ts';
import { sendEvents } from '../send-events.ts';
import type { StreamTiming } from '../stream-answer.ts';

type WithId = { Params: { id: string }; Querystring: Query };

export type StoredResponsesOptions = {
  /** null: none is kept. */
  readonly kept: KeptResponses | null;
  readonly seals: Seals;
  readonly stream: StreamTiming;
};

/** Responses that are kept, or being made in the background. */
export function storedResponsesRoutes(fastify: FastifyInstance, { kept, seals, stream }: StoredResponsesOptions): void {
  fastify.get<WithId>('/v1/responses/:id', { sse: 'manual' }, async (request, reply) => {
    const { id } = request.params;
    if (request.query['stream'] !== 'true') {
      const response = (await kept?.find(id)) ?? notFound(id);
      const output = response['output'] as readonly StoredItem[];
      return { ...response, output: shownItems(output, includesOf(request.query), seals) };
    }
    const read = (await kept?.events(id, lastSeen(request))) ?? notFound(id);
    return sendEvents(reply, read, stream);
  });

  fastify.delete<WithId>('/v1/responses/:id', async ({ params: { id } }) => {
    if ((await kept?.remove(id)) !== true) return notFound(id);
    return { id, object: 'response', deleted: true };
  });

  fastify.post<WithId>(
    '/v1/responses/:id/cancel',
    async ({ params: { id } }) => (await kept?.cancel(id)) ?? notFound(id),
  );
}

export function responseNotFound(id: string): GatewayError {
  return new GatewayError('not_found', `Response with id '${id}' not found.`, { param: 'response_id' });
}

function notFound(id: string): never {
  throw responseNotFound(id);
}

/** The number of the last event that the client has; -1: it has none. Its browser may know better than its URL. */
function lastSeen({ query, headers }: FastifyRequest<WithId>): number {
  const given = query['starting_after'];
  if (given !== undefined && !(typeof given === 'string' && /^\d{1,15}$/.test(given))) {
    throw new GatewayError('invalid_type', "'starting_after' must be the sequence number of an event.", {
      param: 'starting_after',
    });
  }
  const known = headers['last-event-id'];
  const fromHeader = typeof known === 'string' && /^\d{1,15}$/.test(known) ? Number(known) : -1;
  return Math.max(given === undefined ? -1 : Number(given), fromHeader);
}
