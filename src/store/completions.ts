import type { ObjectRow } from './objects.ts';
import { unknownCursor } from './page.ts';
import { readPage } from './responses.ts';
import type { Parts } from './responses.ts';
import type { CompletionFilter, FoundCompletion, StoredCompletions, StoredObject } from './store.ts';

/** Rows that a list is looked through in at once. */
const listStep = 64;

export function createStoredCompletions({ database, objects, segments, grown }: Parts): StoredCompletions {
  const find = (id: string) => objects.find('completion', id);

  async function read({ object, metadata }: ObjectRow): Promise<FoundCompletion> {
    return { completion: JSON.parse(await objects.readText(object)) as StoredObject, metadata };
  }

  return {
    async save({ completion, model, metadata, messages }) {
      const text = JSON.stringify(completion);
      await database.transaction(async () => {
        const segment = await segments.add(null, null);
        await segments.addItems(segment, 'input', messages);
        const createdAt = Number(completion['created']) * 1000;
        await objects.add({ kind: 'completion', id: completion.id, createdAt, segment, model, metadata, text });
      });
      grown();
    },
    find: (id) =>
      database.exclusively(async () => {
        const found = await find(id);
        return found === null ? null : read(found);
      }),
    list: (filter, { after, limit, order }) =>
      database.exclusively(async () => {
        const behind = after === null ? null : await find(after);
        if (after !== null && behind === null) throw unknownCursor(after);
        const rows: ObjectRow[] = [];
        let last = behind?.object ?? null;
        for (;;) {
          const step = await objects.following('completion', last, order, listStep);
          rows.push(...step.filter((row) => passes(row, filter)));
          if (rows.length > limit || step.length < listStep) break;
          last = step.at(-1)!.object;
        }
        const data = [];
        for (const row of rows.slice(0, limit)) data.push(await read(row));
        return { data, hasMore: rows.length > limit };
      }),
    update: (id, metadata) =>
      database.transaction(async () => {
        const found = await find(id);
        if (found === null) return null;
        await objects.change(found.object, { metadata });
        return read({ ...found, metadata });
      }),
    remove: (id) => objects.remove('completion', id),
    messages: (id, page) =>
      database.exclusively(async () => {
        const found = await find(id);
        return found === null ? null : readPage(segments, [found.segment!], 'input', page);
      }),
  };
}

function passes({ model, metadata }: ObjectRow, filter: CompletionFilter): boolean {
  if (filter.model !== null && filter.model !== model) return false;
  return Object.entries(filter.metadata).every(([key, value]) => metadata[key] === value);
}
