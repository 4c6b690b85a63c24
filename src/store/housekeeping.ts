import type { Database } from './database.ts';
import { removal } from './schema.ts';

/** Removes what has expired and what there is no room for. */
export type Housekeeping = {
  /** Begins to clean up, unless that is being done. Resolves when it is done; rejects with what went wrong. */
  cleanUp(): Promise<void>;
  /** Bytes that what is stored takes. */
  bytesInUse(): Promise<number>;
};

export type HousekeepingOptions = {
  readonly database: Database;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that objects are kept since they were used last. */
  readonly lifetime: number;
  /** Bytes that the database may take. */
  readonly maxBytes: number;
};

/** Objects that are removed at once; others get their turn in between. */
const removedPerStep = 16;
/** Of `maxBytes`, what is left when the store was full, so that it isn't at once again. */
const lowWater = 0.95;

export function createHousekeeping({ database, now, lifetime, maxBytes }: HousekeepingOptions): Housekeeping {
  let running: Promise<void> | null = null;

  async function bytesInUse(): Promise<number> {
    return database.exclusively(async () => {
      const read = async (name: string) => Number((await database.all(`PRAGMA ${name}`))[0]![name]);
      return ((await read('page_count')) - (await read('freelist_count'))) * (await read('page_size'));
    });
  }

  /** The objects that were not used for longest, but never the newest. */
  async function removeOldest(usedUntil: number): Promise<number> {
    const oldest = await database.exclusively(() =>
      database.all(
        `SELECT object, segment FROM objects WHERE used_at <= ? AND object < (SELECT max(object) FROM objects)
         ORDER BY used_at, object LIMIT ${removedPerStep}`,
        usedUntil,
      ),
    );
    const victims = oldest.map((row) => ({
      object: row['object'] as number,
      segment: row['segment'] as number | null,
    }));
    if (victims.length > 0) await database.execute(removal(victims));
    return victims.length;
  }

  async function run(): Promise<void> {
    let removed = 0;
    for (let step = 1; step > 0; removed += step) step = await removeOldest(now() - lifetime);
    if ((await bytesInUse()) > maxBytes) {
      for (let step = 1; step > 0 && (await bytesInUse()) > maxBytes * lowWater; removed += step) {
        step = await removeOldest(Number.MAX_SAFE_INTEGER);
      }
    }
    if (removed > 0) await database.tidy();
  }

  return {
    cleanUp() {
      running ??= run().finally(() => {
        running = null;
      });
      return running;
    },
    bytesInUse,
  };
}
