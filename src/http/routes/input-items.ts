import type { FastifyInstance } from 'fastify';
import { shownItems } from '../../dialects/responses/sealed-items.ts';
import type { Seals } from '../../dialects/responses/seals.ts';
import type { Store } from '../../store/store.ts';
import { includesOf, listObject, pageRequest } from '../page-query.ts';
import type { Query } from '../page-query.ts';
import { responseNotFound } from './stored-responses.ts';

/** What a client said in a response's own turn, the newest first unless asked for otherwise. */
export function inputItemsRoutes(
  fastify: FastifyInstance,
  { store, seals }: { readonly store: Store | null; readonly seals: Seals },
): void {
  fastify.get<{ Params: { id: string }; Querystring: Query }>('/v1/responses/:id/input_items', async (request) => {
    const { id } = request.params;
    const page = (await store?.responses.inputItems(id, pageRequest(request.query, 'desc'))) ?? null;
    if (page === null) throw responseNotFound(id);
    return listObject({ ...page, data: shownItems(page.data, includesOf(request.query), seals) });
  });
}
