import type { Database, Row } from './database.ts';
import { createBreaks, piecesOf } from './pieces.ts';
import { removal } from './schema.ts';
import type { Metadata } from './store.ts';

export type Kind = 'response' | 'conversation' | 'completion';

/** What the table says of an object; its text is read apart. */
export type ObjectRow = {
  readonly object: number;
  readonly id: string;
  readonly createdAt: number;
  readonly segment: number | null;
  readonly model: string | null;
  readonly metadata: Metadata;
};

export type NewObject = {
  readonly kind: Kind;
  readonly id: string;
  readonly createdAt: number;
  readonly segment: number | null;
  readonly model?: string;
  readonly metadata?: Metadata;
  /** JSON. */
  readonly text?: string;
};

/** What clients can name. But for `remove`, to be called inside of the database's `exclusively` or `transaction`. */
export type Objects = {
  /** @returns its number. */
  add(object: NewObject): Promise<number>;
  /** null also for what has expired and is still there. */
  find(kind: Kind, id: string): Promise<ObjectRow | null>;
  readText(object: number): Promise<string>;
  replaceText(object: number, text: string): Promise<void>;
  /** The object was used; a new segment or new metadata take the place of the old. */
  change(object: number, changes: { readonly segment?: number; readonly metadata?: Metadata }): Promise<void>;
  /** A page of the table in the order of creation, behind an object. */
  following(kind: Kind, object: number | null, order: 'asc' | 'desc', limit: number): Promise<readonly ObjectRow[]>;
  /** With all segments that nothing else needs. */
  remove(kind: Kind, id: string): Promise<boolean>;
};

export type ObjectsOptions = {
  readonly database: Database;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that objects are kept since they were used last. */
  readonly lifetime: number;
};

const columns = 'object, id, created_at, segment, model, metadata';

export function createObjects({ database, now, lifetime }: ObjectsOptions): Objects {
  const { all, run } = database;
  const living = () => now() - lifetime;

  async function find(kind: Kind, id: string): Promise<ObjectRow | null> {
    // SQLite would read a text up to its first NUL.
    if (!isId(id)) return null;
    const [row] = await all(
      `SELECT ${columns} FROM objects WHERE id = ? AND kind = ? AND used_at > ?`,
      id,
      kind,
      living(),
    );
    return row === undefined ? null : objectOf(row);
  }

  async function writeText(object: number, text: string): Promise<void> {
    const breathe = createBreaks();
    let piece = 0;
    for (const part of piecesOf(text)) {
      await run('INSERT INTO object_texts (object, piece, text) VALUES (?, ?, ?)', object, piece, part);
      piece++;
      await breathe();
    }
  }

  return {
    async add({ kind, id, createdAt, segment, model, metadata, text }) {
      const object = await run(
        `INSERT INTO objects (kind, id, created_at, used_at, segment, model, metadata) VALUES (?, ?, ?, ?, ?, ?, ?)`,
        kind,
        id,
        createdAt,
        now(),
        segment,
        model === undefined ? null : JSON.stringify(model),
        metadata === undefined ? null : JSON.stringify(metadata),
      );
      if (text !== undefined) await writeText(object, text);
      return object;
    },
    async replaceText(object, text) {
      await run('DELETE FROM object_texts WHERE object = ?', object);
      await writeText(object, text);
    },
    find,
    async readText(object) {
      const breathe = createBreaks();
      let text = '';
      for (let piece = 0; ; piece++) {
        const [row] = await all('SELECT text FROM object_texts WHERE object = ? AND piece = ?', object, piece);
        if (row === undefined) return text;
        text += row['text'] as string;
        await breathe();
      }
    },
    async change(object, { segment, metadata }) {
      await run('UPDATE objects SET used_at = ? WHERE object = ?', now(), object);
      if (segment !== undefined) await run('UPDATE objects SET segment = ? WHERE object = ?', segment, object);
      if (metadata !== undefined) {
        await run('UPDATE objects SET metadata = ? WHERE object = ?', JSON.stringify(metadata), object);
      }
    },
    async following(kind, object, order, limit) {
      const ascending = order === 'asc';
      const rows = await all(
        `SELECT ${columns} FROM objects WHERE kind = ? AND used_at > ? AND object ${ascending ? '>' : '<'} ?
         ORDER BY object ${ascending ? 'ASC' : 'DESC'} LIMIT ?`,
        kind,
        living(),
        object ?? (ascending ? 0 : Number.MAX_SAFE_INTEGER),
        limit,
      );
      return rows.map(objectOf);
    },
    async remove(kind, id) {
      const found = await database.exclusively(() => find(kind, id));
      if (found === null) return false;
      await database.execute(removal([found]));
      await database.tidy();
      return true;
    },
  };
}

/** Ids are printable ASCII, all of those made here and all that OpenAI ever made. */
export function isId(text: string): boolean {
  return /^[!-~]{1,512}$/.test(text);
}

function objectOf(row: Row): ObjectRow {
  const json = (column: string) => (row[column] === null ? null : (JSON.parse(row[column] as string) as unknown));
  return {
    object: row['object'] as number,
    id: row['id'] as string,
    createdAt: row['created_at'] as number,
    segment: row['segment'] as number | null,
    model: json('model') as string | null,
    metadata: (json('metadata') ?? {}) as Metadata,
  };
}
