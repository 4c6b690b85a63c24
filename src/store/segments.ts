import type { Database } from './database.ts';
import { createBreaks, piecesOf } from './pieces.ts';
import type { StoredItem } from './store.ts';

/** Steps of a chain that are read at once. */
const chainStep = 64;
/** Rows with texts that are read at once: about half a megabyte at most. */
const textStep = 16;

export type Side = 'input' | 'output';

/** An item's place, without its text. */
export type Place = { readonly item: number; readonly segment: number; readonly id: string };

/** What was said, in segments. Everything here is to be called inside of the database's `exclusively` or `transaction`. */
export type Segments = {
  /** @returns the new segment. */
  add(parent: number | null, key: string | null): Promise<number>;
  addItems(segment: number, side: Side, items: readonly StoredItem[]): Promise<void>;
  exists(segment: number): Promise<boolean>;
  /** Has it follow on another. */
  move(segment: number, parent: number): Promise<void>;
  keyOf(segment: number): Promise<string | null>;
  /** The segments that lead to this one and itself, the oldest first. */
  chain(segment: number): Promise<readonly number[]>;
  /** All items of these segments, in order. */
  read(segments: readonly number[]): Promise<readonly StoredItem[]>;
  /** Where the items of these segments are, in order; `side` null: both. */
  places(segments: readonly number[], side: Side | null): Promise<readonly Place[]>;
  readItem(place: Pick<Place, 'item' | 'segment'>): Promise<StoredItem>;
  removeItem(place: Place): Promise<void>;
};

export function createSegments({ all, run }: Database): Segments {
  async function readSegment(segment: number, items: StoredItem[], breathe: () => Promise<void>): Promise<void> {
    let [item, piece, text] = [-1, -1, ''];
    for (;;) {
      const rows = await all(
        `SELECT item, piece, text FROM item_texts WHERE segment = ? AND (item, piece) > (?, ?)
         ORDER BY item, piece LIMIT ${textStep}`,
        segment,
        item,
        piece,
      );
      for (const row of rows) {
        if (row['item'] !== item && item !== -1) {
          items.push(JSON.parse(text) as StoredItem);
          text = '';
        }
        [item, piece] = [row['item'] as number, row['piece'] as number];
        text += row['text'] as string;
        await breathe();
      }
      if (rows.length < textStep) break;
    }
    if (item !== -1) items.push(JSON.parse(text) as StoredItem);
  }

  return {
    add: (parent, key) => run('INSERT INTO segments (parent, conversation_key) VALUES (?, ?)', parent, key),
    async addItems(segment, side, items) {
      const breathe = createBreaks();
      for (const entry of items) {
        const item = await run('INSERT INTO items (segment, side, id) VALUES (?, ?, ?)', segment, side, entry.id);
        let piece = 0;
        for (const text of piecesOf(JSON.stringify(entry))) {
          await run(
            'INSERT INTO item_texts (segment, item, piece, text) VALUES (?, ?, ?, ?)',
            segment,
            item,
            piece,
            text,
          );
          piece++;
          await breathe();
        }
      }
    },
    exists: async (segment) => (await all('SELECT 1 FROM segments WHERE segment = ?', segment)).length > 0,
    async move(segment, parent) {
      await run('UPDATE segments SET parent = ? WHERE segment = ?', parent, segment);
    },
    async keyOf(segment) {
      const [row] = await all('SELECT conversation_key AS key FROM segments WHERE segment = ?', segment);
      return (row?.['key'] as string | null | undefined) ?? null;
    },
    async chain(segment) {
      const found: number[] = [];
      let next: number | null = segment;
      while (next !== null) {
        const rows: Awaited<ReturnType<typeof all>> = await all(
          `WITH RECURSIVE chain (segment, parent, depth) AS (
             SELECT segment, parent, 1 FROM segments WHERE segment = ?
             UNION ALL
             SELECT segments.segment, segments.parent, depth + 1
             FROM chain JOIN segments ON segments.segment = chain.parent WHERE depth < ${chainStep}
           )
           SELECT segment, parent FROM chain ORDER BY depth`,
          next,
        );
        for (const row of rows) found.push(row['segment'] as number);
        next = (rows.at(-1)?.['parent'] as number | null | undefined) ?? null;
      }
      return found.toReversed();
    },
    async read(segments) {
      const breathe = createBreaks();
      const items: StoredItem[] = [];
      for (const segment of segments) {
        await readSegment(segment, items, breathe);
        await breathe();
      }
      return items;
    },
    async places(segments, side) {
      const breathe = createBreaks();
      const places: Place[] = [];
      for (const segment of segments) {
        const rows = await all('SELECT item, side, id FROM items WHERE segment = ? ORDER BY item', segment);
        for (const row of rows) {
          if (side !== null && row['side'] !== side) continue;
          places.push({ segment, item: row['item'] as number, id: row['id'] as string });
        }
        await breathe();
      }
      return places;
    },
    async readItem({ segment, item }) {
      const breathe = createBreaks();
      let text = '';
      for (let piece = 0; ; piece++) {
        const [row] = await all(
          'SELECT text FROM item_texts WHERE segment = ? AND item = ? AND piece = ?',
          segment,
          item,
          piece,
        );
        if (row === undefined) return JSON.parse(text) as StoredItem;
        text += row['text'] as string;
        await breathe();
      }
    },
    async removeItem({ segment, item }) {
      await run('DELETE FROM item_texts WHERE segment = ? AND item = ?', segment, item);
      await run('DELETE FROM items WHERE item = ?', item);
    },
  };
}
