import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { endWith } from '../support/cleanup.ts';
import { temporaryDirectory } from '../support/process.ts';
import { chainIds, follow, responseRecord, said } from './records.ts';

const day = 86_400_000;

async function open(path: string): Promise<Store> {
  const store = await openStore({
    path,
    now: () => Date.now(),
    lifetime: 30 * day,
    maxBytes: 1 << 30,
    onTrouble: (error) => expect.unreachable(String(error)),
  });
  endWith('test', store.close);
  return store;
}

const newPath = () => join(temporaryDirectory('test'), 'new', 'state', 'store.db');

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('the files, and the directories made for them, are their owner’s alone', async () => {
  const path = newPath();
  const store = await open(path);
  await store.responses.save(responseRecord('a'));
  const directory = join(path, '..');
  expect(modeOf(directory)).toBe('700');
  expect(modeOf(join(directory, '..'))).toBe('700');
  const files = readdirSync(directory);
  expect(files.sort()).toEqual(['store.db', 'store.db-shm', 'store.db-wal']);
  expect(files.map((file) => modeOf(join(directory, file)))).toEqual(['600', '600', '600']);
});

test('a store that is opened again has what it had', async () => {
  const path = newPath();
  const first = await open(path);
  await first.responses.save(responseRecord('a', { key: 'thread' }));
  await first.close();
  const second = await open(path);
  expect(await second.responses.chain('a')).toMatchObject({ key: 'thread', items: [said('a_in'), said('a_out')] });
});

test('a store of the first version is taken over, with what it had', async () => {
  const path = newPath();
  const first = await open(path);
  await first.responses.save(responseRecord('old'));
  await first.close();
  const database = await openDatabase(path);
  await database.execute(
    `DROP TRIGGER object_removed; DROP TABLE scripts; DROP TABLE runs; PRAGMA user_version = 1;
     CREATE TRIGGER object_removed AFTER DELETE ON objects BEGIN
       DELETE FROM object_texts WHERE object = OLD.object;
     END;`,
  );
  await database.close();
  const second = await open(path);
  await second.responses.save(responseRecord('new', { script: 'line\n' }));
  expect(await second.responses.recall('old')).toMatchObject({ response: { id: 'old' }, script: null, runner: null });
  expect(await second.responses.recall('new')).toMatchObject({ script: 'line\n' });
  expect(await second.responses.remove('old')).toBe(true);
});

test('two that have one store open see what the other did', async () => {
  const path = newPath();
  const one = await open(path);
  const other = await open(path);
  await one.responses.save(responseRecord('a'));
  await follow(other, 'a', 'b');
  await one.responses.remove('a');
  await Promise.all(
    ['c', 'd', 'e', 'f'].flatMap((name) => [
      one.responses.save(responseRecord(`${name}1`)),
      other.responses.save(responseRecord(`${name}2`)),
    ]),
  );
  expect(await chainIds(one.responses.chain('b'))).toEqual(['a_in', 'a_out', 'b_in', 'b_out']);
  expect(await one.responses.find('f2')).not.toBeNull();
});

test('what was deleted is nowhere in the files', async () => {
  const path = newPath();
  const store = await open(path);
  const secret = randomBytes(16).toString('hex');
  await store.responses.save(responseRecord('a', { input: [said('m', `${secret} ${'x'.repeat(100_000)}`)] }));
  await store.responses.save(responseRecord('b'));
  await store.responses.remove('a');
  for (const file of readdirSync(join(path, '..'))) {
    expect(readFileSync(join(path, '..', file)).includes(secret), file).toBe(false);
  }
});

test.each([
  ['a text', async (path: string) => writeFileSync(path, 'something that somebody wrote'.repeat(100))],
  [
    'a database of another program',
    async (path: string) => {
      const database = await openDatabase(path);
      await database.execute('PRAGMA application_id = 1');
      await database.close();
    },
  ],
  [
    'a store of a later version',
    async (path: string) => {
      const database = await openDatabase(path);
      await database.execute('PRAGMA user_version = 1000');
      await database.close();
    },
  ],
])('%s is not taken for the store, and left as it is', async (_what, write) => {
  const path = join(temporaryDirectory('test'), 'file');
  await write(path);
  const before = readFileSync(path);
  await expect(open(path)).rejects.toMatchObject({ code: 'storage_failed' });
  expect(readFileSync(path).equals(before)).toBe(true);
});

test('a store that can’t be written says where, and how to do without', async () => {
  await expect(open('/dev/null/store.db')).rejects.toThrow(/\/dev\/null\/store\.db.*store\.enabled/);
});

/** Saves responses of many sizes, and says of each when it is kept. */
const writer = `
const [module, path] = process.argv.slice(1);
const { openStore } = await import(module);
const store = await openStore({ path, now: Date.now, lifetime: 1e12, maxBytes: 1e12, onTrouble: () => process.exit(3) });
for (let count = 0; ; count++) {
  const id = process.pid + '_' + count;
  const item = (name) => ({ id: id + name, text: 'x'.repeat((count * 7919) % 60000) });
  await store.responses.save({
    response: { id, created_at: 1, text: 'y'.repeat((count * 104729) % 90000) },
    input: [item('_in')],
    output: [item('_out')],
    script: 's'.repeat((count * 15485863) % 70000),
    after: null,
    key: null,
    joins: null,
  });
  process.stdout.write(id + '\\n');
}`;

test('a process that is killed loses nothing that it has acknowledged', async () => {
  const path = newPath();
  const module = new URL('../../dist/store/open-store.js', import.meta.url).href;
  const acknowledged: string[] = [];
  for (let round = 0; round < 20; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer, module, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    endWith('test', () => child.kill('SIGKILL'));
    let lines = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(line);
      // Killed at once, in the middle of what it does next.
      if (++lines === 1 + (round % 7)) child.kill('SIGKILL');
    }
    expect(child.signalCode ?? 'SIGKILL').toBe('SIGKILL');
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(20);
  const store = await open(path);
  for (const id of acknowledged) {
    expect((await store.responses.find(id))?.id, id).toBe(id);
    expect(await chainIds(store.responses.chain(id))).toEqual([`${id}_in`, `${id}_out`]);
  }
  await store.close();
  const database = await openDatabase(path);
  expect(await database.exclusively(() => database.all('PRAGMA integrity_check'))).toMatchObject([
    { integrity_check: 'ok' },
  ]);
  await database.close();
}, 60_000);
