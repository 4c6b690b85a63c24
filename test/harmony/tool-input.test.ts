import { describe, expect, test } from 'vitest';
import { repairsOf } from '../../src/harmony/repairs.ts';
import type { Repaired } from '../../src/harmony/repairs.ts';
import { endInput, isWhole, openInput, pushInput } from '../../src/harmony/tool-input.ts';
import type { ToolInput } from '../../src/harmony/tool-input.ts';

/** The input in whole, and its deltas when it comes character by character; both must join up to the same. */
function read(type: ToolInput['type'], content: string) {
  const repaired: Repaired = { repairs: null };
  const one = openInput(type);
  const input = pushInput(one, content, repaired) + endInput(one, repaired);
  const other = openInput(type);
  const unheeded: Repaired = { repairs: null };
  const deltas = Array.from({ length: content.length }, (_, at) => pushInput(other, content.charAt(at), unheeded));
  const rest = endInput(other, unheeded);
  expect(deltas.join('') + rest).toBe(input);
  expect(isWhole(other)).toBe(isWhole(one));
  return { input, deltas, rest, repairs: [...repairsOf(repaired).keys()], complete: isWhole(one) };
}

describe('a function’s arguments', () => {
  const object = (content: string) => read('function', content);

  test.each([
    '{}',
    '{"city": "Paris",\n "days": [1, 2]}',
    ' {"a":"}"} \n',
    '{"a":"\\"}{"}',
    '{"a":1]}',
    '["ls","-l"]',
    '"just a string"',
    '{"a":{"b":',
    '{"a":"<|end|>"}',
  ])('are passed on byte for byte, as they come: %j', (content) => {
    const { input, rest, repairs } = object(content);
    expect({ input, rest, repairs }).toEqual({ input: content, rest: '', repairs: [] });
  });

  test('are complete with their last brace', () => {
    expect(object('{"a":{"b":[]}}').complete).toBe(true);
    expect(object('{"a":{"b":[]}').complete).toBe(false);
    expect(object('ls').complete).toBe(false);
  });

  test.each([
    ['I will call it now: {"a":1}', '{"a":1}'],
    ['```json\n{"a":1}\n```', '{"a":1}'],
    ['{"a":1}Estimating…', '{"a":1}'],
    ['{"a":1}}', '{"a":1}'],
    ['{"a":1}\n\nDone {', '{"a":1}\n\n'],
  ])('lose the prose around them: %j', (content, arguments_) => {
    const { input, repairs } = object(content);
    expect({ input, repairs }).toEqual({ input: arguments_, repairs: ['text-around-arguments'] });
  });

  test.each(['ls -l', 'awk {print}', 'x = {a: 1}'])('stay as they are when no object is in them: %j', (content) => {
    const { input, repairs } = object(content);
    expect({ input, repairs }).toEqual({ input: content, repairs: [] });
  });

  test.each(['', ' ', '\n\n'])('that are missing are an empty object: %j', (content) => {
    const { input, repairs } = object(content);
    expect({ input, repairs }).toEqual({ input: '{}', repairs: ['empty-arguments'] });
  });
});

describe('a custom tool’s input', () => {
  const text = (content: string) => read('custom', content);

  test.each([
    '',
    'a',
    'line\nline',
    '"quoted"',
    'back\\slash',
    'tab\t',
    '😀',
    '\u0000',
    'x","y',
    '*** Begin Patch\n+{}\n',
  ])('is what was put into the JSON: %j', (input) => {
    for (const content of [JSON.stringify({ input }), JSON.stringify({ input }, null, 2)]) {
      const result = text(content);
      // A quote in front of a comma closes a string that is not escaped; one that is escaped never does.
      expect(result).toMatchObject({ input, repairs: [], complete: true });
    }
  });

  test('comes while it is written', () => {
    expect(text('{"input":"ab\\n"}').deltas.filter((delta) => delta !== '')).toEqual(['a', 'b', '\n']);
  });

  test('never comes as half a character', () => {
    const content = String.raw`{"input":"\ud83d\ude00 \ud83d! \ude00"}`;
    const { input, deltas } = text(content);
    expect(input).toBe('😀 \ufffd! \ufffd');
    for (const delta of deltas) expect(delta).not.toMatch(/[\ud800-\udbff]$|^[\udc00-\udfff]/);
  });

  test.each([
    '*** Begin Patch\n*** End Patch',
    '{"inputs":"x"}',
    '{"input":{"a":1}}',
    '{"in put":"x"}',
    '{ "command": ["ls"] }',
    '  ',
    '"x"',
  ])('is the content itself when that is no such JSON: %j', (content) => {
    expect(text(content)).toMatchObject({ input: content, repairs: [], complete: false });
  });

  test.each([
    ['{"input":"a\nb\tc"}', 'a\nb\tc'],
    [String.raw`{"input":"it\'s \d+ \u00zz"}`, String.raw`it's \d+ \u00zz`],
    ['{"input":"echo "hi" there"}', 'echo "hi" there'],
  ])('is read leniently when its string is not escaped: %j', (content, input) => {
    expect(text(content)).toMatchObject({ input, repairs: ['loose-string'] });
  });

  test('is what came when it was cut', () => {
    expect(text('{"input":"ab\\')).toMatchObject({ input: 'ab', complete: false });
    expect(text('{"inp')).toMatchObject({ input: '{"inp', complete: false });
  });

  test('ends with its string, whatever follows', () => {
    expect(text('{"input":"ab","more":"cd"} and so on').input).toBe('ab');
  });
});
