import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../../core/errors.ts';
import { parseMetadata } from '../../dialects/chat/stored-messages.ts';
import type { FoundCompletion, Metadata, Store } from '../../store/store.ts';
import { listObject, pageRequest } from '../page-query.ts';
import type { Query } from '../page-query.ts';

type WithId = { Params: { id: string }; Querystring: Query };

/** Chat completions that were made with `store: true`; a null store has none. */
export function storedCompletionsRoutes(fastify: FastifyInstance, { store }: { readonly store: Store | null }): void {
  const completions = store?.completions ?? null;

  fastify.get<{ Querystring: Query }>('/v1/chat/completions', async ({ query }) => {
    const request = pageRequest(query, 'asc');
    const { model } = query;
    const filter = { model: typeof model === 'string' ? model : null, metadata: metadataFilter(query) };
    const page = (await completions?.list(filter, request)) ?? { data: [], hasMore: false };
    return listObject({ data: page.data.map(completionObject), hasMore: page.hasMore });
  });

  fastify.get<WithId>('/v1/chat/completions/:id', async ({ params: { id } }) =>
    completionObject(found(id, await completions?.find(id))),
  );

  fastify.post<WithId>('/v1/chat/completions/:id', async ({ params: { id }, body }) =>
    completionObject(found(id, await completions?.update(id, parseMetadata(body)))),
  );

  fastify.delete<WithId>('/v1/chat/completions/:id', async ({ params: { id } }) => {
    if ((await completions?.remove(id)) !== true) throw completionNotFound(id);
    return { id, object: 'chat.completion.deleted', deleted: true };
  });

  fastify.get<WithId>('/v1/chat/completions/:id/messages', async ({ params: { id }, query }) =>
    listObject(found(id, await completions?.messages(id, pageRequest(query, 'asc')))),
  );
}

/** `metadata[key]=value`, once for each pair. */
function metadataFilter(query: Query): Metadata {
  return Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => {
      const key = /^metadata\[(.+)\]$/s.exec(name)?.[1];
      return key === undefined || typeof value !== 'string' ? [] : [[key, value]];
    }),
  );
}

function completionObject({ completion, metadata }: FoundCompletion) {
  return { ...completion, metadata };
}

function found<Found>(id: string, what: Found | null | undefined): Found {
  if (what === null || what === undefined) throw completionNotFound(id);
  return what;
}

function completionNotFound(id: string): GatewayError {
  return new GatewayError('not_found', `Chat completion with id '${id}' not found.`, { param: 'completion_id' });
}
