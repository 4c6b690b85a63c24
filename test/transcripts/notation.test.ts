import { expect, test } from 'vitest';
import { createEncoding } from '../../src/harmony/encoding.ts';
import { harmonyIds } from '../harmony/harmony-ids.ts';
import { applyEdits, editsOf, readTranscript } from './format.ts';
import { prefillText, streamText } from './notation.ts';

const encoding = createEncoding();

const typed = (text: string) => prefillText(encoding.encode(text), encoding);

test('a control token that was typed is told from a real one, and from its own notation', () => {
  expect(prefillText(Uint32Array.from(harmonyIds(encoding, '<|start|>')), encoding)).toBe('<|start|>');
  expect(typed('<|start|>')).toBe('<\\|start|>');
  expect(typed('<\\|start|>')).toBe('<\\\\|start|>');
});

test('a message begins on a line of its own, whatever the text before it ends with', () => {
  const ids = harmonyIds(encoding, '<|start|>user<|message|>a\n<|end|><|start|>assistant');
  expect(prefillText(Uint32Array.from(ids), encoding)).toBe('<|start|>user<|message|>a\n<|end|>\n<|start|>assistant');
});

test('a prompt is refused that the notation would not show as it is', () => {
  expect(() => typed('a\r\nb')).toThrow(/control characters/);
  // `he` and `llo` where the encoding has one token for both.
  const split = Uint32Array.from([...encoding.encode('he'), ...encoding.encode('llo')]);
  expect(() => prefillText(split, encoding)).toThrow(/not the tokens of ordinary text/);
});

test('a stream shows a wrong type, a wrong number and a member that is gone', () => {
  const event = (name: string, data: object) => ({ event: name, data: JSON.stringify(data) });
  expect(
    streamText([
      event('a', { type: 'a', sequence_number: 0, x: 1, y: 2 }),
      event('a', { type: 'a', sequence_number: 1, x: 1 }),
      event('a', { type: 'b', sequence_number: 7, x: 1 }),
    ]),
  ).toBe('a {"x": 1, "y": 2}\na {"y": absent}\na {"type": "b", "sequence_number": 7}');
});

test('a snapshot shows what differs from the one before', () => {
  const event = (name: string, response: object) => ({
    event: name,
    data: JSON.stringify({ type: name, sequence_number: name === 'created' ? 0 : 1, response }),
  });
  const text = streamText([event('created', { object: 'response', id: 'a' }), event('done', { id: 'b' })]);
  expect(text).toMatch(/^created \{/);
  expect(text).toContain('"id": "a"');
  expect(text.endsWith('done {"response": {"id": "b", "object": absent}}')).toBe(true);
});

const transcript = [
  '## Subject',
  '### Case',
  '```request',
  'GET /',
  '```',
  'Words.',
  '```prefill',
  'old',
  '```',
  '',
].join('\n');

test('results are rewritten where they stand, and new ones follow', () => {
  const { lines, subjects } = readTranscript('a.md', transcript);
  const exchange = subjects[0]!.cases[0]!.exchanges[0]!;
  const edits = editsOf(exchange, [
    { kind: 'prefill', text: 'new' },
    { kind: 'response', text: '200\n```' },
  ]);
  expect(applyEdits(lines, edits)).toBe(transcript.replace('old\n```\n', 'new\n```\n\n````response\n200\n```\n````\n'));
});

test('what is out of place in a transcript is named by file and line', () => {
  expect(() => readTranscript('a.md', `${transcript}\`\`\`reponse\n\`\`\``)).toThrow(/^a\.md:10: /);
  expect(() => readTranscript('a.md', '```request\nGET /\n```')).toThrow(/^a\.md:1: a request belongs to a case/);
});
