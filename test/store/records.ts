import type { Chain, ResponseRecord, Store, StoredItem } from '../../src/store/store.ts';

export const said = (id: string, text = id): StoredItem => ({
  id,
  type: 'message',
  role: 'user',
  content: [{ type: 'input_text', text }],
  status: 'completed',
});

/** A response whose ids all begin with `name`: one item came in, one went out. */
export function responseRecord(name: string, rest: Partial<ResponseRecord> = {}): ResponseRecord {
  const output = [said(`${name}_out`)];
  return {
    response: { id: name, object: 'response', created_at: 1_700_000_000, output },
    input: [said(`${name}_in`)],
    output,
    script: '',
    after: null,
    key: null,
    joins: null,
    ...rest,
  };
}

/** Saves a response that follows on another. */
export async function follow(store: Store, parent: string, name: string): Promise<void> {
  await store.responses.save(responseRecord(name, { after: await store.responses.chain(parent) }));
}

export const idsOf = (entries: readonly { readonly id: string }[]): string[] => entries.map(({ id }) => id);

export const chainIds = async (chain: Promise<Chain | null>): Promise<string[] | null> => {
  const found = await chain;
  return found === null ? null : idsOf(found.items);
};
