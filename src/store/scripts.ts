import type { Database } from './database.ts';
import { createBreaks, piecesOf } from './pieces.ts';

/** How responses were made. To be called inside of the database's `exclusively` or `transaction`. */
export type Scripts = {
  append(object: number, script: string): Promise<void>;
  /** null: none was kept. */
  read(object: number): Promise<string | null>;
};

/** Rows that are read at once: about half a megabyte at most. */
const readStep = 16;

export function createScripts({ all, run }: Database): Scripts {
  return {
    async append(object, script) {
      if (script === '') return;
      const breathe = createBreaks();
      const [row] = await all('SELECT coalesce(max(piece), -1) AS last FROM scripts WHERE object = ?', object);
      let piece = (row!['last'] as number) + 1;
      for (const text of piecesOf(script)) {
        await run('INSERT INTO scripts (object, piece, text) VALUES (?, ?, ?)', object, piece, text);
        piece++;
        await breathe();
      }
    },
    async read(object) {
      const breathe = createBreaks();
      let script = '';
      for (let from = 0; ; from += readStep) {
        const rows = await all(
          `SELECT text FROM scripts WHERE object = ? AND piece >= ? ORDER BY piece LIMIT ${readStep}`,
          object,
          from,
        );
        for (const row of rows) script += row['text'] as string;
        if (rows.length < readStep) return script === '' ? null : script;
        await breathe();
      }
    },
  };
}
