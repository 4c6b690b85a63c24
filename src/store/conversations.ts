import type { ObjectRow } from './objects.ts';
import { chainAt, readPage } from './responses.ts';
import type { Parts } from './responses.ts';
import type { Place } from './segments.ts';
import type { Chain, Conversation, StoredConversations, StoredItem } from './store.ts';

export function createStoredConversations({ database, objects, segments, grown }: Parts): StoredConversations {
  const find = (id: string) => objects.find('conversation', id);
  const chainOf = async ({ segment }: ObjectRow) => (segment === null ? [] : segments.chain(segment));

  async function lastPlace(conversation: ObjectRow, itemId: string): Promise<Place | null> {
    const places = await segments.places(await chainOf(conversation), null);
    return places.findLast(({ id }) => id === itemId) ?? null;
  }

  async function extend(id: string, head: number | null, items: readonly StoredItem[]): Promise<number> {
    const segment = await segments.add(head, id);
    await segments.addItems(segment, 'input', items);
    return segment;
  }

  return {
    async create({ id, createdAt, metadata }, items) {
      await database.transaction(async () => {
        const segment = items.length === 0 ? null : await extend(id, null, items);
        await objects.add({ kind: 'conversation', id, createdAt, segment, metadata });
      });
      grown();
    },
    find: (id) =>
      database.exclusively(async () => {
        const found = await find(id);
        return found === null ? null : conversationOf(found);
      }),
    update: (id, metadata) =>
      database.transaction(async () => {
        const found = await find(id);
        if (found === null) return null;
        await objects.change(found.object, { metadata });
        return conversationOf({ ...found, metadata });
      }),
    remove: (id) => objects.remove('conversation', id),
    chain: (id) =>
      database.exclusively(async (): Promise<Chain | null> => {
        const found = await find(id);
        if (found === null) return null;
        const empty = { items: [], point: null };
        return { ...(found.segment === null ? empty : await chainAt(found.segment, segments)), key: id };
      }),
    async append(id, items) {
      const appended = await database.transaction(async () => {
        const found = await find(id);
        if (found === null) return false;
        if (items.length > 0) {
          await objects.change(found.object, { segment: await extend(id, found.segment, items) });
        }
        return true;
      });
      grown();
      return appended;
    },
    items: (id, page) =>
      database.exclusively(async () => {
        const found = await find(id);
        return found === null ? null : readPage(segments, await chainOf(found), null, page);
      }),
    item: (id, itemId) =>
      database.exclusively(async () => {
        const found = await find(id);
        const place = found === null ? null : await lastPlace(found, itemId);
        return place === null ? null : segments.readItem(place);
      }),
    async removeItem(id, itemId) {
      const removed = await database.transaction(async () => {
        const found = await find(id);
        const place = found === null ? null : await lastPlace(found, itemId);
        if (place === null) return false;
        await segments.removeItem(place);
        return true;
      });
      if (removed) await database.tidy();
      return removed;
    },
  };
}

function conversationOf({ id, createdAt, metadata }: ObjectRow): Conversation {
  return { id, createdAt, metadata };
}
