import { expect, test } from 'vitest';
import { createEventQueue } from '../../src/backends/event-queue.ts';
import { GatewayError } from '../../src/core/errors.ts';

async function collect<Event>(batches: AsyncIterable<readonly Event[]>): Promise<(readonly Event[])[]> {
  const seen: (readonly Event[])[] = [];
  for await (const batch of batches) seen.push(batch);
  return seen;
}

test('what is added between two pulls comes out as one batch', async () => {
  const queue = createEventQueue<number>();
  const seen = collect(queue.batches);
  queue.add(1);
  queue.add(2);
  queue.flush();
  await Promise.resolve();
  await new Promise(setImmediate);
  queue.add(3);
  queue.end();
  expect(await seen).toEqual([[1, 2], [3]]);
});

test('a failure comes after what was added before it', async () => {
  const queue = createEventQueue<number>();
  queue.add(1);
  queue.fail(new GatewayError('backend_lost', 'gone'));
  queue.add(2);
  queue.end();
  const reader = queue.batches[Symbol.asyncIterator]();
  expect(await reader.next()).toEqual({ done: false, value: [1] });
  await expect(reader.next()).rejects.toThrow('gone');
});

test('an end is final: a later failure is not seen', async () => {
  const queue = createEventQueue<number>();
  queue.end();
  queue.fail(new GatewayError('backend_lost', 'gone'));
  expect(await collect(queue.batches)).toEqual([]);
});
