import { GatewayError } from '../core/errors.ts';
import type { Database } from './database.ts';
import type { Objects } from './objects.ts';
import { pageOf } from './page.ts';
import type { Runners } from './runners.ts';
import type { Scripts } from './scripts.ts';
import type { Segments } from './segments.ts';
import type { Chain, Recalled, StoredObject, StoredResponses } from './store.ts';

export type Parts = {
  readonly database: Database;
  readonly objects: Objects;
  readonly segments: Segments;
  readonly scripts: Scripts;
  readonly runners: Runners;
  /** Called after what makes the store larger. */
  readonly grown: () => void;
};

export function createStoredResponses(parts: Parts): StoredResponses {
  const { database, objects, segments, scripts, grown } = parts;
  return {
    async save({ response, input, output, script, after, key, joins }) {
      const text = JSON.stringify(response);
      await database.transaction(async () => {
        const conversation = joins === null ? null : await objects.find('conversation', joins);
        const parent = conversation?.segment ?? (await pointOf(after, segments));
        const segment = await segments.add(parent, key);
        await segments.addItems(segment, 'input', input);
        await segments.addItems(segment, 'output', output);
        const { id } = response;
        const createdAt = Number(response['created_at']) * 1000;
        await scripts.append(await objects.add({ kind: 'response', id, createdAt, segment, text }), script);
        if (conversation !== null) await objects.change(conversation.object, { segment });
      });
      grown();
    },
    find: (id) =>
      database.exclusively(async () => {
        const found = await objects.find('response', id);
        return found === null ? null : (JSON.parse(await objects.readText(found.object)) as StoredObject);
      }),
    recall: (id) =>
      database.exclusively(async () => {
        const found = await objects.find('response', id);
        if (found === null) return null;
        return {
          response: JSON.parse(await objects.readText(found.object)) as StoredObject,
          script: await scripts.read(found.object),
          runner: await runnerOf(found.object, parts),
        };
      }),
    chain: (id) =>
      database.exclusively(async () => {
        const found = await objects.find('response', id);
        if (found === null) return null;
        if ((await database.all('SELECT 1 FROM runs WHERE object = ?', found.object)).length > 0) throw unfinished(id);
        return chainAt(found.segment!, segments);
      }),
    inputItems: (id, page) =>
      database.exclusively(async () => {
        const found = await objects.find('response', id);
        return found === null ? null : readPage(segments, [found.segment!], 'input', page);
      }),
    remove: (id) => objects.remove('response', id),
  };
}

function unfinished(id: string): GatewayError {
  return new GatewayError(
    'invalid_value',
    `The response '${id}' is still being made in the background: nothing can follow on it yet.`,
    { param: 'previous_response_id' },
  );
}

async function runnerOf(object: number, { database, runners }: Parts): Promise<Recalled['runner']> {
  const [row] = await database.all('SELECT runner FROM runs WHERE object = ?', object);
  if (row === undefined) return null;
  const runner = row['runner'] as string;
  if (runners.isMine(runner)) return 'me';
  return (await runners.isAlive(runner)) ? 'another' : 'gone';
}

export async function chainAt(segment: number, segments: Segments): Promise<Chain> {
  return {
    items: await segments.read(await segments.chain(segment)),
    key: await segments.keyOf(segment),
    point: segment,
  };
}

/** Where a chain ends now; what has been deleted since it was read is put back, for what follows on it. */
export async function pointOf(chain: Chain | null, segments: Segments): Promise<number | null> {
  if (chain === null || chain.point === null) return null;
  if (await segments.exists(chain.point)) return chain.point;
  const restored = await segments.add(null, chain.key);
  await segments.addItems(restored, 'input', chain.items);
  return restored;
}

export async function readPage(
  segments: Segments,
  among: readonly number[],
  side: 'input' | null,
  request: Parameters<typeof pageOf>[1],
) {
  const { entries, hasMore } = pageOf(await segments.places(among, side), request);
  const data = [];
  for (const place of entries) data.push(await segments.readItem(place));
  return { data, hasMore };
}
