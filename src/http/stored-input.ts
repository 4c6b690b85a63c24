import type { Chain, Store, StoredItem } from '../store/store.ts';
import type { StoredReferences } from '../dialects/responses/stored-input.ts';

/** What the store has of the things that a request refers to; what it hasn't is for the dialect to complain about. */
export async function readStored(
  store: Store,
  { previousResponse, conversation, items }: StoredReferences,
): Promise<{ readonly history: Chain | null; readonly items: ReadonlyMap<string, StoredItem> }> {
  return {
    history: await readHistory(store, previousResponse, conversation),
    items: await readItems(store, items),
  };
}

async function readHistory(store: Store, response: string | null, conversation: string | null): Promise<Chain | null> {
  // A request that names both is refused.
  if (response !== null && conversation !== null) return null;
  if (response !== null) return store.responses.chain(response);
  return conversation === null ? null : store.conversations.chain(conversation);
}

export async function readItems(store: Store, ids: readonly string[]): Promise<ReadonlyMap<string, StoredItem>> {
  const found = new Map<string, StoredItem>();
  for (const id of new Set(ids)) {
    const item = await store.findItem(id);
    if (item !== null) found.set(id, item);
  }
  return found;
}
