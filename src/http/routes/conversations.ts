import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../../core/errors.ts';
import type { Clock, Ids } from '../../core/ids.ts';
import {
  completeItems,
  parseAddition,
  parseConversation,
  referencedItems,
} from '../../dialects/responses/conversation-request.ts';
import { parseMetadataUpdate } from '../../dialects/metadata.ts';
import { shownItems } from '../../dialects/responses/sealed-items.ts';
import type { Seals } from '../../dialects/responses/seals.ts';
import { storedItems } from '../../dialects/responses/stored-input.ts';
import type { Conversation, Store, StoredItem } from '../../store/store.ts';
import { includesOf, listObject, pageRequest } from '../page-query.ts';
import type { Query } from '../page-query.ts';
import { readItems } from '../stored-input.ts';

export type ConversationsOptions = {
  /** null: there are no conversations. */
  readonly store: Store | null;
  readonly seals: Seals;
  readonly ids: Ids;
  readonly clock: Clock;
};

type WithId = { Params: { id: string }; Querystring: Query };
type WithItem = { Params: { id: string; item: string }; Querystring: Query };

/** OpenAI's Conversations API. */
export function conversationsRoutes(
  fastify: FastifyInstance,
  { store, seals, ids, clock }: ConversationsOptions,
): void {
  if (store === null) {
    const refuse = async () => {
      throw new GatewayError('not_found', 'There are no conversations: nothing is stored here (store.enabled).');
    };
    fastify.post('/v1/conversations', refuse);
    return;
  }
  const { conversations } = store;

  const withReferenced = async (items: readonly unknown[]): Promise<readonly StoredItem[]> =>
    storedItems(completeItems(items, await readItems(store, referencedItems(items))), ids);

  fastify.post('/v1/conversations', async ({ body }) => {
    const { items, metadata } = parseConversation(body);
    const conversation = { id: ids.next('conv'), createdAt: clock.now(), metadata };
    await conversations.create(conversation, await withReferenced(items));
    return conversationObject(conversation);
  });

  fastify.get<WithId>('/v1/conversations/:id', async ({ params: { id } }) =>
    conversationObject(found(id, await conversations.find(id))),
  );

  fastify.post<WithId>('/v1/conversations/:id', async ({ params: { id }, body }) =>
    conversationObject(found(id, await conversations.update(id, parseMetadataUpdate(body)))),
  );

  fastify.delete<WithId>('/v1/conversations/:id', async ({ params: { id } }) => {
    if (!(await conversations.remove(id))) throw conversationNotFound(id);
    return { id, object: 'conversation.deleted', deleted: true };
  });

  fastify.post<WithId>('/v1/conversations/:id/items', async ({ params: { id }, body, query }) => {
    const data = await withReferenced(parseAddition(body));
    if (!(await conversations.append(id, data))) throw conversationNotFound(id);
    return listObject({ data: shownItems(data, includesOf(query), seals), hasMore: false });
  });

  fastify.get<WithId>('/v1/conversations/:id/items', async ({ params: { id }, query }) => {
    const page = found(id, await conversations.items(id, pageRequest(query, 'desc')));
    return listObject({ ...page, data: shownItems(page.data, includesOf(query), seals) });
  });

  fastify.get<WithItem>('/v1/conversations/:id/items/:item', async ({ params: { id, item }, query }) => {
    const stored = await conversations.item(id, item);
    if (stored === null) throw itemNotFound(id, item);
    return shownItems([stored], includesOf(query), seals)[0];
  });

  fastify.delete<WithItem>('/v1/conversations/:id/items/:item', async ({ params: { id, item } }) => {
    if (!(await conversations.removeItem(id, item))) throw itemNotFound(id, item);
    return conversationObject(found(id, await conversations.find(id)));
  });
}

function conversationObject({ id, createdAt, metadata }: Conversation) {
  return { id, object: 'conversation', created_at: Math.floor(createdAt / 1000), metadata };
}

function found<Found>(id: string, what: Found | null): Found {
  if (what === null) throw conversationNotFound(id);
  return what;
}

function conversationNotFound(id: string): GatewayError {
  return new GatewayError('not_found', `Conversation with id '${id}' not found.`, { param: 'conversation_id' });
}

function itemNotFound(id: string, item: string): GatewayError {
  return new GatewayError('not_found', `Item with id '${item}' not found in conversation '${id}'.`, {
    param: 'item_id',
  });
}
