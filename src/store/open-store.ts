import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { GatewayError } from '../core/errors.ts';
import { createStoredCompletions } from './completions.ts';
import { createStoredConversations } from './conversations.ts';
import { openDatabase } from './database.ts';
import { createHousekeeping } from './housekeeping.ts';
import { createObjects, isId } from './objects.ts';
import { createStoredResponses } from './responses.ts';
import { createRunners } from './runners.ts';
import { createStoredRuns } from './runs.ts';
import { createScripts } from './scripts.ts';
import { createSegments } from './segments.ts';
import type { Store } from './store.ts';

export type StoreOptions = {
  /** Path of the database file; null: nothing is written to a disk, and all is gone when the store is closed. */
  readonly path: string | null;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that things are kept since they were used last. */
  readonly lifetime: number;
  /** Bytes that the store may take; beyond, the oldest things are removed. */
  readonly maxBytes: number;
  /** Is told of failures that nobody waits for. */
  readonly onTrouble: (error: unknown) => void;
};

/**
 * Opens the store, and makes it where there is none. Several processes may have the same one open.
 *
 * @throws GatewayError `storage_failed` when that isn't possible; its message says what to do.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { path, now, lifetime, maxBytes, onTrouble } = options;
  if (path !== null) makePrivate(path);
  const database = await openDatabase(path ?? ':memory:');
  const objects = createObjects({ database, now, lifetime });
  const segments = createSegments(database);
  const housekeeping = createHousekeeping({ database, now, lifetime, maxBytes });
  let closed: Promise<void> | null = null;
  // What a last answer has added when the store is closing is tidied up at the next start.
  const grown = (): void => {
    if (closed === null) void housekeeping.cleanUp().catch(onTrouble);
  };
  const scripts = createScripts(database);
  const runners = createRunners(path);
  const parts = { database, objects, segments, scripts, runners, grown };
  grown();
  return {
    responses: createStoredResponses(parts),
    runs: createStoredRuns(parts),
    conversations: createStoredConversations(parts),
    completions: createStoredCompletions(parts),
    findItem: (id) =>
      database.exclusively(async () => {
        if (!isId(id)) return null;
        const [row] = await database.all('SELECT segment, item FROM items WHERE id = ? ORDER BY item DESC LIMIT 1', id);
        if (row === undefined) return null;
        return segments.readItem({ segment: row['segment'] as number, item: row['item'] as number });
      }),
    bytesInUse: housekeeping.bytesInUse,
    close() {
      closed ??= housekeeping.cleanUp().catch(onTrouble).then(database.close).finally(runners.release);
      return closed;
    },
  };
}

/** What is said to a model is its owner's business: the file and the directories made for it are nobody else's to read. */
function makePrivate(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // SQLite gives its other files the mode of this one.
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
  } catch (cause) {
    throw new GatewayError(
      'storage_failed',
      `The store of responses can't be written at ${path} (${(cause as Error).message}): choose another store.path, or set store.enabled to false.`,
      { cause },
    );
  }
}
