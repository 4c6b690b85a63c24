import { expect, test } from 'vitest';
import { addEvent, batchesOf, endQueue, failQueue, flushQueue, openQueue } from '../../src/backends/event-queue.ts';
import { GatewayError } from '../../src/core/errors.ts';

async function collect<Event>(batches: AsyncIterable<readonly Event[]>): Promise<(readonly Event[])[]> {
  const seen: (readonly Event[])[] = [];
  for await (const batch of batches) seen.push(batch);
  return seen;
}

test('what is added between two pulls comes out as one batch', async () => {
  const queue = openQueue<number>();
  const seen = collect(batchesOf(queue));
  addEvent(queue, 1);
  addEvent(queue, 2);
  flushQueue(queue);
  await Promise.resolve();
  await new Promise(setImmediate);
  addEvent(queue, 3);
  endQueue(queue);
  expect(await seen).toEqual([[1, 2], [3]]);
});

test('a failure comes after what was added before it', async () => {
  const queue = openQueue<number>();
  addEvent(queue, 1);
  failQueue(queue, new GatewayError('backend_lost', 'gone'));
  addEvent(queue, 2);
  endQueue(queue);
  const reader = batchesOf(queue);
  expect(await reader.next()).toEqual({ done: false, value: [1] });
  await expect(reader.next()).rejects.toThrow('gone');
});

test('an end is final: a later failure is not seen', async () => {
  const queue = openQueue<number>();
  endQueue(queue);
  failQueue(queue, new GatewayError('backend_lost', 'gone'));
  expect(await collect(batchesOf(queue))).toEqual([]);
});

test('a reader that leaves gets nothing more, not even what it waits for', async () => {
  const queue = openQueue<number>();
  const reader = batchesOf(queue);
  const waiting = reader.next();
  await reader.return!();
  addEvent(queue, 1);
  flushQueue(queue);
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});
