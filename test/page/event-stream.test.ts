import { expect, test } from 'vitest';
import { createFrameReader } from '../../page/event-stream.ts';

const stream = 'event: one\ndata: {"a": "b: c"}\n\n: keep-alive\n\ndata: first\ndata: second\n\ndata\n\nevent: cut';

const events = [
  { event: 'one', data: '{"a": "b: c"}' },
  { event: null, data: null },
  { event: null, data: 'first\nsecond' },
  { event: null, data: '' },
];

const read = (chunks: readonly string[]) => {
  const reader = createFrameReader();
  return chunks.flatMap((chunk) => reader.push(chunk)).map(({ event, data }) => ({ event, data }));
};

test.each(['\n', '\r\n', '\r'])('a stream is read the same wherever it is cut, with lines that end in %j', (end) => {
  const text = stream.replaceAll('\n', end);
  expect(read([...text])).toEqual(events);
  for (let at = 0; at <= text.length; at++) expect(read([text.slice(0, at), text.slice(at)])).toEqual(events);
});

test('the text of an event is kept as it came', () => {
  const [first] = createFrameReader().push(stream);
  expect(first!.text).toBe('event: one\ndata: {"a": "b: c"}');
});
