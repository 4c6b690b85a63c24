import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../../core/errors.ts';
import { jsonLine } from '../../dialects/json-line.ts';
import type { Store, StoredObject } from '../../store/store.ts';
import type { Query } from '../page-query.ts';

type WithId = { Params: { id: string }; Querystring: Query };

/** Responses that are kept; a null store keeps none. */
export function storedResponsesRoutes(fastify: FastifyInstance, { store }: { readonly store: Store | null }): void {
  async function find(id: string): Promise<StoredObject> {
    const response = (await store?.responses.find(id)) ?? null;
    if (response === null) throw responseNotFound(id);
    return response;
  }

  fastify.get<WithId>('/v1/responses/:id', async (request, reply) => {
    const response = await find(request.params.id);
    if (request.query['stream'] !== 'true') return response;
    return reply
      .headers({ 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
      .send(lastEvent(response));
  });

  fastify.delete<WithId>('/v1/responses/:id', async ({ params: { id } }) => {
    if ((await store?.responses.remove(id)) !== true) throw responseNotFound(id);
    return { id, object: 'response', deleted: true };
  });

  fastify.post<WithId>('/v1/responses/:id/cancel', async ({ params: { id } }) => {
    await find(id);
    throw new GatewayError(
      'invalid_value',
      "Cannot cancel a synchronous response: only one created with 'background: true' can be cancelled.",
    );
  });
}

export function responseNotFound(id: string): GatewayError {
  return new GatewayError('not_found', `Response with id '${id}' not found.`, { param: 'response_id' });
}

/** A response that is complete has one event left, which says everything. */
function lastEvent(response: StoredObject): string {
  const type = `response.${String(response['status'])}`;
  return `event: ${type}\ndata: ${jsonLine({ type, sequence_number: 0, response })}\n\n`;
}
