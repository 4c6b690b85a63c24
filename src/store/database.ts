import { GatewayError } from '../core/errors.ts';
import { applicationId, schema, schemaVersion, upgrades } from './schema.ts';

export type Value = string | number | null;
export type Row = { readonly [column: string]: Value };

/**
 * A connection to the database. Statements run on it one transaction at a time; what waits, for the disk or for another
 * process, is run by libsql on a thread of its own.
 */
export type Database = {
  /** For reading several things that belong together. */
  exclusively<Result>(work: () => Promise<Result>): Promise<Result>;
  /** For writing: everything or nothing, and durable when it resolves. */
  transaction<Result>(work: () => Promise<Result>): Promise<Result>;
  /** For SQL that may take long: all of it runs away from the event loop, as one transaction. */
  execute(sql: string): Promise<void>;
  /** Both are for work inside of `exclusively` and `transaction`. A call must not touch much: it isn't interrupted. */
  all(sql: string, ...values: Value[]): Promise<readonly Row[]>;
  /** @returns the number of the row that was inserted, if one was. */
  run(sql: string, ...values: Value[]): Promise<number>;
  /** Gives back what is free in the file, and empties the log beside it, so that what was deleted is nowhere. */
  tidy(): Promise<void>;
  close(): Promise<void>;
};

/** The part of libsql's promise API that is used; its own types say `any`. */
type Connection = {
  prepare(sql: string): Promise<Statement>;
  exec(sql: string): Promise<void>;
  close(): void;
};
type Statement = {
  run(values: readonly Value[]): { readonly lastInsertRowid: number };
  all(values: readonly Value[]): Promise<readonly Row[]>;
};

/** Milliseconds to wait for another process that writes to the same file. */
const patience = 10_000;

/**
 * - WAL: a reader never waits for a writer, and a commit is one append.
 * - FULL: a commit has reached the disk. NORMAL would survive a killed process too, but not a power failure, and costs
 *   no less here, since commits are waited for on another thread and come once in an answer that takes seconds.
 * - No spilling: what a transaction has written so far stays in memory until its commit, which is off the event loop.
 * - What is deleted is overwritten, and the file gets smaller.
 */
const settings = `
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = ON;
PRAGMA cache_spill = OFF;
PRAGMA journal_size_limit = 16777216;
PRAGMA temp_store = MEMORY;
`;

const tidying = 'PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE);';

/**
 * Opens the database at a path, or at `:memory:` one that is gone when it is closed, and makes its tables where there are none.
 *
 * @throws GatewayError `storage_failed` when libsql can't be loaded or the file is not this gateway's.
 */
export async function openDatabase(path: string): Promise<Database> {
  const connection = await attempt('opened', async () => {
    const { default: Libsql } = await import('libsql/promise');
    return new Libsql(path, { timeout: patience }) as Connection;
  });
  const statements = new Map<string, Promise<Statement>>();
  let tail: Promise<unknown> = Promise.resolve();

  function prepared(sql: string): Promise<Statement> {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = connection.prepare(sql);
    statements.set(sql, statement);
    return statement;
  }

  function exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = tail.then(() => attempt('used', work));
    tail = result.catch(() => undefined);
    return result;
  }

  async function transact<Result>(work: () => Promise<Result>): Promise<Result> {
    await connection.exec('BEGIN IMMEDIATE');
    try {
      const result = await work();
      await connection.exec('COMMIT');
      return result;
    } catch (error) {
      // Some failures have rolled back already.
      await connection.exec('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  const database: Database = {
    exclusively,
    transaction: (work) => exclusively(() => transact(work)),
    execute: (sql) => exclusively(() => transact(() => connection.exec(sql))),
    all: async (sql, ...values) => (await prepared(sql)).all(values),
    run: async (sql, ...values) => (await prepared(sql)).run(values).lastInsertRowid,
    tidy: () => exclusively(() => connection.exec(tidying)),
    close: () =>
      exclusively(async () => {
        await connection.exec(tidying);
        statements.clear();
        connection.close();
      }),
  };
  try {
    await exclusively(async () => {
      await connection.exec(settings);
      await transact(() => prepareTables(connection, path));
    });
  } catch (error) {
    connection.close();
    throw error;
  }
  return database;
}

/**
 * Takes the lock that a file stands for, until it is released or the process ends, however it does; null: somebody else
 * has it. The file is made where there is none.
 */
export async function takeLock(path: string): Promise<{ release(): void } | null> {
  const { default: Libsql } = await import('libsql/promise');
  const connection = new Libsql(path, { timeout: 0 }) as Connection;
  try {
    await connection.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return { release: () => connection.close() };
  } catch (error) {
    connection.close();
    if ((error as { readonly code?: string }).code === 'SQLITE_BUSY') return null;
    throw error;
  }
}

async function prepareTables(connection: Connection, path: string): Promise<void> {
  const pragma = async (name: string) => {
    const [row] = await (await connection.prepare(`PRAGMA ${name}`)).all([]);
    return Number(row?.[name] ?? 0);
  };
  let version = await pragma('user_version');
  const owner = await pragma('application_id');
  if (owner === applicationId) {
    for (let upgrade = upgrades[version]; upgrade !== undefined; upgrade = upgrades[version]) {
      await connection.exec(upgrade);
      version++;
    }
  }
  if (version === schemaVersion && owner === applicationId) return;
  const isEmpty = (await (await connection.prepare('SELECT 1 FROM sqlite_schema LIMIT 1')).all([])).length === 0;
  if (isEmpty) return connection.exec(schema);
  if (owner !== applicationId) {
    throw new GatewayError('storage_failed', `${path} is a database of another program; choose another store.path.`);
  }
  throw new GatewayError(
    'storage_failed',
    `${path} was written by a newer gateway (version ${version} of the store, this one knows ${schemaVersion}); choose another store.path.`,
  );
}

/** What SQLite says is for the log: it may name files. */
async function attempt<Result>(what: 'opened' | 'used', work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError('storage_failed', `The store of responses could not be ${what}; the log has the reason.`, {
      cause,
    });
  }
}
