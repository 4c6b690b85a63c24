import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../../core/errors.ts';
import { parseMetadataUpdate } from '../../dialects/metadata.ts';
import type { FoundCompletion, Metadata, Store } from '../../store/store.ts';
import { listObject, pageRequest } from '../page-query.ts';
import type { Query } from '../page-query.ts';

type WithId = { Params: { id: string }; Querystring: Query };

/** Chat completions that were made with `store: true`; a null store has none. */
export function storedCompletionsRoutes(fastify: FastifyInstance, { store }: { readonly store: Store | null }): void {
  const completions = store?.completions ?? null;

  fastify.get<{ Querystring: Query }>('/v1/chat/completions', async ({ query }) => {
    const request = pageRequest(query, 'asc');
    const filter = { model: single(query, 'model'), metadata: metadataFilter(query) };
    const page = (await completions?.list(filter, request)) ?? { data: [], hasMore: false };
    return listObject({ data: page.data.map(completionObject), hasMore: page.hasMore });
  });

  fastify.get<WithId>('/v1/chat/completions/:id', async ({ params: { id } }) =>
    completionObject(found(id, await completions?.find(id))),
  );

  fastify.post<WithId>('/v1/chat/completions/:id', async ({ params: { id }, body }) =>
    completionObject(found(id, await completions?.update(id, parseMetadataUpdate(body)))),
  );

  fastify.delete<WithId>('/v1/chat/completions/:id', async ({ params: { id } }) => {
    if ((await completions?.remove(id)) !== true) throw completionNotFound(id);
    return { id, object: 'chat.completion.deleted', deleted: true };
  });

  fastify.get<WithId>('/v1/chat/completions/:id/messages', async ({ params: { id }, query }) =>
    listObject(found(id, await completions?.messages(id, pageRequest(query, 'asc')))),
  );
}

/** `metadata[key]=value`, once for each pair. @throws GatewayError for a key that is given twice. */
function metadataFilter(query: Query): Metadata {
  return Object.fromEntries(
    Object.keys(query).flatMap((name) => {
      const key = /^metadata\[(.+)\]$/s.exec(name)?.[1];
      return key === undefined ? [] : [[key, single(query, name)!]];
    }),
  );
}

/** A filter's value; null: there is none. A filter that can't be kept must not be one that lets everything pass. */
function single(query: Query, name: string): string | null {
  const value = query[name];
  if (typeof value === 'object') {
    throw new GatewayError('invalid_value', `'${name}' is given more than once.`, { param: name });
  }
  return value ?? null;
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
