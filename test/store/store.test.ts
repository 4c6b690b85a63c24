import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import type { StoreOptions } from '../../src/store/open-store.ts';
import type { PageRequest, Store } from '../../src/store/store.ts';
import { endWith } from '../support/cleanup.ts';
import { temporaryDirectory } from '../support/process.ts';
import { chainIds, follow, idsOf, responseRecord, said } from './records.ts';

const day = 86_400_000;

const asc: PageRequest = { after: null, limit: 20, order: 'asc' };
const desc: PageRequest = { ...asc, order: 'desc' };

describe.each(['in a file', 'in memory'])('a store %s', (place) => {
  async function open(options: Partial<StoreOptions> = {}): Promise<Store> {
    const store = await openStore({
      path: place === 'in memory' ? null : join(temporaryDirectory('test'), 'state', 'store.db'),
      now: () => 1_700_000_000_000,
      lifetime: 30 * day,
      maxBytes: 1 << 30,
      onTrouble: (error) => expect.unreachable(String(error)),
      ...options,
    });
    endWith('test', store.close);
    return store;
  }

  test('gives a response back as it was saved', async () => {
    const { responses } = await open();
    const record = responseRecord('resp_1');
    await responses.save(record);
    expect(await responses.find('resp_1')).toEqual(record.response);
    expect(await responses.find('resp_2')).toBeNull();
  });

  test.each([
    ['empty', ''],
    ['of quotes and backslashes', '"\\\\"\n\r\t\u2028'],
    ['with NUL', 'before\0after'],
    ['with halves of characters', 'a\ud800b\udfff'],
    ['longer than a row holds', 'x'.repeat(200_001)],
    ['with characters across the pieces', `x${'😀'.repeat(50_000)}`],
    ['of wide characters', '漢'.repeat(150_000)],
  ])('keeps a text %s as it is', async (_what, text) => {
    const { responses, findItem } = await open();
    await responses.save(
      responseRecord('resp_1', {
        response: { id: 'resp_1', created_at: 1, text },
        input: [said('msg_1', text), said('msg_2', 'short'), said('msg_3', text)],
      }),
    );
    expect((await responses.find('resp_1'))!['text']).toBe(text);
    const { items } = (await responses.chain('resp_1'))!;
    expect(items.slice(0, 3)).toEqual([said('msg_1', text), said('msg_2', 'short'), said('msg_3', text)]);
    expect(await findItem('msg_3')).toEqual(said('msg_3', text));
    expect((await responses.inputItems('resp_1', asc))!.data[0]).toEqual(said('msg_1', text));
  });

  test('chains responses, and lets two follow on one', async () => {
    const store = await open();
    await store.responses.save(responseRecord('a', { key: 'thread' }));
    await follow(store, 'a', 'b');
    await follow(store, 'b', 'c');
    await follow(store, 'a', 'd');
    expect(await chainIds(store.responses.chain('c'))).toEqual(['a_in', 'a_out', 'b_in', 'b_out', 'c_in', 'c_out']);
    expect(await chainIds(store.responses.chain('d'))).toEqual(['a_in', 'a_out', 'd_in', 'd_out']);
    expect((await store.responses.chain('a'))!.key).toBe('thread');
    expect(await store.responses.chain('nobody')).toBeNull();
  });

  test('chains more responses than it reads at once', async () => {
    const store = await open();
    await store.responses.save(responseRecord('r0'));
    for (let index = 1; index < 200; index++) await follow(store, `r${index - 1}`, `r${index}`);
    const ids = (await chainIds(store.responses.chain('r199')))!;
    expect(ids).toHaveLength(400);
    expect(ids.slice(0, 4)).toEqual(['r0_in', 'r0_out', 'r1_in', 'r1_out']);
    expect(ids.slice(-2)).toEqual(['r199_in', 'r199_out']);
  });

  test('keeps what a deleted response said for those that follow on it', async () => {
    const store = await open();
    await store.responses.save(responseRecord('a'));
    await follow(store, 'a', 'b');
    expect(await store.responses.remove('a')).toBe(true);
    expect(await store.responses.find('a')).toBeNull();
    expect(await store.responses.chain('a')).toBeNull();
    expect(await store.responses.inputItems('a', asc)).toBeNull();
    expect(await store.responses.remove('a')).toBe(false);
    expect(await chainIds(store.responses.chain('b'))).toEqual(['a_in', 'a_out', 'b_in', 'b_out']);
  });

  test('lets a response follow on one that is deleted while it is being made', async () => {
    const store = await open();
    await store.responses.save(responseRecord('a'));
    await follow(store, 'a', 'b');
    const after = await store.responses.chain('b');
    await store.responses.remove('a');
    await store.responses.remove('b');
    await store.responses.save(responseRecord('c', { after }));
    expect(await chainIds(store.responses.chain('c'))).toEqual(['a_in', 'a_out', 'b_in', 'b_out', 'c_in', 'c_out']);
  });

  test('forgets what nothing needs any more', async () => {
    const store = await open();
    await store.responses.save(responseRecord('a'));
    await follow(store, 'a', 'b');
    await follow(store, 'a', 'c');
    await store.responses.remove('a');
    await store.responses.remove('b');
    expect(await store.findItem('b_in')).toBeNull();
    expect(await store.findItem('a_in')).toEqual(said('a_in'));
    await store.responses.remove('c');
    expect(await store.findItem('a_in')).toBeNull();
    expect(await store.findItem('c_out')).toBeNull();
  });

  test('pages through input items, from either end', async () => {
    const { responses } = await open();
    await responses.save(responseRecord('a', { input: ['1', '2', '3', '4', '5'].map((id) => said(id)) }));
    const page = async (request: Partial<PageRequest>) => {
      const { data, hasMore } = (await responses.inputItems('a', { ...asc, ...request }))!;
      return [idsOf(data).join(''), hasMore];
    };
    expect(await page({})).toEqual(['12345', false]);
    expect(await page({ order: 'desc' })).toEqual(['54321', false]);
    expect(await page({ limit: 2 })).toEqual(['12', true]);
    expect(await page({ limit: 2, after: '2' })).toEqual(['34', true]);
    expect(await page({ limit: 2, after: '4' })).toEqual(['5', false]);
    expect(await page({ limit: 2, after: '4', order: 'desc' })).toEqual(['32', true]);
    expect(await page({ limit: 2, after: '5' })).toEqual(['', false]);
    await expect(page({ after: 'a_out' })).rejects.toMatchObject({ code: 'invalid_value', param: 'after' });
  });

  test.each([
    ['nothing', ''],
    ['a path', '../../etc/passwd'],
    ['SQL', "' OR 1=1 --"],
    ['a pattern', '%'],
    ['an id and NUL', 'resp_1\0'],
    ['an id and more behind NUL', 'resp_1\0x'],
    ['other letters', 'é'],
    ['much', 'x'.repeat(10_000)],
  ])('takes an id for data that is %s', async (_what, id) => {
    const store = await open();
    await store.responses.save(responseRecord('resp_1'));
    await store.conversations.create({ id: 'conv_1', createdAt: 0, metadata: {} }, [said('msg_1')]);
    expect(await store.responses.find(id)).toBeNull();
    expect(await store.responses.chain(id)).toBeNull();
    expect(await store.responses.remove(id)).toBe(false);
    expect(await store.findItem(id)).toBeNull();
    expect(await store.conversations.find(id)).toBeNull();
    expect(await store.conversations.item('conv_1', id)).toBeNull();
    expect(await store.conversations.removeItem('conv_1', id)).toBe(false);
    expect(await store.completions.find(id)).toBeNull();
    expect(await store.responses.find('resp_1')).not.toBeNull();
  });

  test('does not take the id of one kind for another', async () => {
    const store = await open();
    await store.responses.save(responseRecord('resp_1'));
    expect(await store.conversations.remove('resp_1')).toBe(false);
    expect(await store.completions.find('resp_1')).toBeNull();
  });

  test('gives the latest item of an id', async () => {
    const store = await open();
    await store.responses.save(responseRecord('a', { input: [said('msg_1', 'first')] }));
    await store.responses.save(responseRecord('b', { input: [said('msg_1', 'second')] }));
    expect(await store.findItem('msg_1')).toEqual(said('msg_1', 'second'));
  });

  test('keeps conversations, their metadata and their items', async () => {
    const { conversations } = await open();
    await conversations.create({ id: 'conv_1', createdAt: 5, metadata: { a: '1' } }, [said('m1'), said('m2')]);
    expect(await conversations.find('conv_1')).toEqual({ id: 'conv_1', createdAt: 5, metadata: { a: '1' } });
    expect(await conversations.update('conv_1', { b: '2' })).toMatchObject({ metadata: { b: '2' } });
    expect((await conversations.find('conv_1'))!.metadata).toEqual({ b: '2' });
    expect(await conversations.append('conv_1', [said('m3')])).toBe(true);
    expect(idsOf((await conversations.items('conv_1', desc))!.data)).toEqual(['m3', 'm2', 'm1']);
    expect(await conversations.item('conv_1', 'm2')).toEqual(said('m2'));
    expect(await conversations.removeItem('conv_1', 'm2')).toBe(true);
    expect(await conversations.removeItem('conv_1', 'm2')).toBe(false);
    expect(await conversations.chain('conv_1')).toMatchObject({ key: 'conv_1', items: [said('m1'), said('m3')] });
    expect(await conversations.append('conv_2', [said('m4')])).toBe(false);
    expect(await conversations.update('conv_2', {})).toBeNull();
    expect(await conversations.items('conv_2', asc)).toBeNull();
  });

  test('adds to a conversation what responses say in it, in the order in which they end', async () => {
    const store = await open();
    await store.conversations.create({ id: 'conv_1', createdAt: 0, metadata: {} }, []);
    const after = await store.conversations.chain('conv_1');
    expect(after).toEqual({ items: [], key: 'conv_1', point: null });
    await store.responses.save(responseRecord('a', { after, joins: 'conv_1' }));
    await store.responses.save(responseRecord('b', { after, joins: 'conv_1' }));
    expect(await chainIds(store.conversations.chain('conv_1'))).toEqual(['a_in', 'a_out', 'b_in', 'b_out']);
    expect(await chainIds(store.responses.chain('a'))).toEqual(['a_in', 'a_out']);
  });

  test('keeps the responses of a deleted conversation', async () => {
    const store = await open();
    await store.conversations.create({ id: 'conv_1', createdAt: 0, metadata: {} }, [said('m1')]);
    await store.responses.save(
      responseRecord('a', { after: await store.conversations.chain('conv_1'), joins: 'conv_1' }),
    );
    const after = await store.conversations.chain('conv_1');
    expect(await store.conversations.remove('conv_1')).toBe(true);
    expect(await store.conversations.find('conv_1')).toBeNull();
    await store.responses.save(responseRecord('b', { after, joins: 'conv_1' }));
    expect(await store.conversations.find('conv_1')).toBeNull();
    expect(await chainIds(store.responses.chain('b'))).toEqual(['m1', 'a_in', 'a_out', 'b_in', 'b_out']);
  });

  test('lists chat completions by model and metadata', async () => {
    const { completions } = await open();
    const save = (id: string, model: string, metadata: Record<string, string>) =>
      completions.save({ completion: { id, created: 1 }, model, metadata, messages: [said(`${id}-0`)] });
    for (let index = 0; index < 150; index++) {
      await save(`c${index}`, index % 50 === 0 ? 'rare' : 'usual', { parity: index % 2 === 0 ? 'even' : 'odd' });
    }
    const list = async (filter: { model?: string; metadata?: Record<string, string> }, page: Partial<PageRequest>) => {
      const found = await completions.list({ model: null, metadata: {}, ...filter }, { ...asc, limit: 2, ...page });
      return [found.data.map(({ completion }) => completion.id).join(' '), found.hasMore];
    };
    expect(await list({}, {})).toEqual(['c0 c1', true]);
    expect(await list({}, { order: 'desc' })).toEqual(['c149 c148', true]);
    expect(await list({}, { after: 'c147' })).toEqual(['c148 c149', false]);
    expect(await list({ model: 'rare' }, {})).toEqual(['c0 c50', true]);
    expect(await list({ model: 'rare' }, { after: 'c50' })).toEqual(['c100', false]);
    expect(await list({ metadata: { parity: 'odd' } }, { after: 'c1' })).toEqual(['c3 c5', true]);
    expect(await list({ metadata: { parity: 'neither' } }, {})).toEqual(['', false]);
    await expect(list({}, { after: 'c150' })).rejects.toMatchObject({ code: 'invalid_value' });
    expect(await completions.update('c1', { parity: 'none' })).toMatchObject({ metadata: { parity: 'none' } });
    expect(await completions.find('c1')).toEqual({
      completion: { id: 'c1', created: 1 },
      metadata: { parity: 'none' },
    });
    expect(idsOf((await completions.messages('c1', asc))!.data)).toEqual(['c1-0']);
    expect(await completions.remove('c1')).toBe(true);
    expect(await completions.messages('c1', asc)).toBeNull();
  });

  test('forgets what was not used for as long as things are kept', async () => {
    let now = 1_700_000_000_000;
    const store = await open({ now: () => now });
    await store.responses.save(responseRecord('a'));
    await store.conversations.create({ id: 'conv_1', createdAt: now, metadata: {} }, []);
    now += 20 * day;
    await follow(store, 'a', 'b');
    await store.conversations.append('conv_1', [said('m1')]);
    now += 10 * day;
    expect(await store.responses.find('a')).toBeNull();
    expect(await store.responses.chain('a')).toBeNull();
    expect(await store.conversations.find('conv_1')).not.toBeNull();
    expect(await chainIds(store.responses.chain('b'))).toEqual(['a_in', 'a_out', 'b_in', 'b_out']);
  });

  test('makes room for what is new at the cost of what is oldest', async () => {
    const store = await open({ maxBytes: 4_000_000 });
    for (let index = 0; index < 40; index++) {
      await store.responses.save(responseRecord(`r${index}`, { input: [said(`m${index}`, 'x'.repeat(300_000))] }));
    }
    // It is cleaned up behind the back of those who save.
    while ((await store.responses.find('r5')) !== null) await store.responses.find('r39');
    expect(await store.responses.find('r39')).not.toBeNull();
    expect(await store.findItem('m0')).toBeNull();
    expect(await store.findItem('m39')).not.toBeNull();
  });

  test('keeps the newest, even if there is no room for it', async () => {
    const store = await open({ maxBytes: 1 });
    await store.responses.save(responseRecord('a'));
    await store.responses.save(responseRecord('b'));
    while ((await store.responses.find('a')) !== null) await store.responses.find('b');
    expect(await store.responses.find('b')).not.toBeNull();
  });
});
