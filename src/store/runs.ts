import { pointOf } from './responses.ts';
import type { Parts } from './responses.ts';
import type { StoredRuns } from './store.ts';

export function createStoredRuns({ database, objects, segments, scripts, runners, grown }: Parts): StoredRuns {
  async function runOf(id: string) {
    const found = await objects.find('response', id);
    if (found === null) return null;
    const [row] = await database.all('SELECT cancelled FROM runs WHERE object = ?', found.object);
    return row === undefined ? null : { ...found, isCancelled: row['cancelled'] === 1 };
  }

  return {
    async begin({ response, input, script, after, key }) {
      const text = JSON.stringify(response);
      await database.transaction(async () => {
        const segment = await segments.add(await pointOf(after, segments), key);
        await segments.addItems(segment, 'input', input);
        const { id } = response;
        const createdAt = Number(response['created_at']) * 1000;
        const object = await objects.add({ kind: 'response', id, createdAt, segment, text });
        await scripts.append(object, script);
        await database.run('INSERT INTO runs (object, runner) VALUES (?, ?)', object, await runners.enter());
      });
      grown();
    },
    append: (id, script) =>
      // Nothing to write is a mere question.
      database[script === '' ? 'exclusively' : 'transaction'](async () => {
        const run = await runOf(id);
        if (run === null) return 'gone';
        await scripts.append(run.object, script);
        return run.isCancelled ? 'cancelled' : 'running';
      }),
    async finish({ response, output, script, joins }) {
      const text = JSON.stringify(response);
      const wasRunning = await database.transaction(async () => {
        const run = await runOf(response.id);
        if (run === null) return false;
        const segment = run.segment!;
        await segments.addItems(segment, 'output', output);
        await objects.replaceText(run.object, text);
        await scripts.append(run.object, script);
        await database.run('DELETE FROM runs WHERE object = ?', run.object);
        await objects.change(run.object, {});
        const conversation = joins === null ? null : await objects.find('conversation', joins);
        if (conversation !== null) {
          // Turns are added in the order in which they end.
          if (conversation.segment !== null) await segments.move(segment, conversation.segment);
          await objects.change(conversation.object, { segment });
        }
        return true;
      });
      grown();
      return wasRunning;
    },
    cancel: (id) =>
      database.transaction(async () => {
        const run = await runOf(id);
        if (run !== null) await database.run('UPDATE runs SET cancelled = 1 WHERE object = ?', run.object);
      }),
    abandoned: () =>
      database.exclusively(async () => {
        const rows = await database.all(
          'SELECT id, runner FROM runs JOIN objects ON objects.object = runs.object ORDER BY runs.object',
        );
        const ids = [];
        for (const row of rows) {
          if (!(await runners.isAlive(row['runner'] as string))) ids.push(row['id'] as string);
        }
        return ids;
      }),
  };
}
