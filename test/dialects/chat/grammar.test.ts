import { describe, expect, it } from 'vitest';
import { checkChatStream } from '../../support/chat-grammar.ts';
import { text, toolCall, turn, weather } from '../../support/turn-events.ts';
import { dataOf, open, question, run, weatherTool } from './turns.ts';

const said = dataOf(run(open(question).answer(), turn('stop', text('final', 'Hi', '!'))));
const called = dataOf(
  run(
    open({ ...question, tools: [weatherTool] }).answer(),
    turn('tool-calls', toolCall('call_a', weather, '{', '}'), toolCall('call_b', weather, '{}')),
  ),
);
const counted = dataOf(
  run(open({ ...question, stream_options: { include_usage: true } }).answer(), turn('stop', text('final', 'Hi'))),
);

function without(data: readonly string[], at: number): string[] {
  return data.toSpliced(at, 1);
}

function changed(data: readonly string[], at: number, from: string, to: string): string[] {
  expect(data[at]).toContain(from);
  return data.with(at, data[at]!.replace(from, to));
}

function twice(data: readonly string[], at: number): string[] {
  return data.toSpliced(at, 0, data[at]!);
}

const offences: readonly [string, readonly string[], { includeUsage?: boolean; broken?: boolean }?][] = [
  ['no role', without(said, 0)],
  ['the role twice', twice(said, 0)],
  ['no finish_reason', without(said, 3)],
  ['text after the finish_reason', [...said.slice(0, 2), said[3]!, said[2]!, '[DONE]']],
  ['no [DONE]', without(said, 4)],
  ['[DONE] twice', twice(said, 4)],
  ['another id', changed(said, 2, 'chatcmpl_', 'chatcmpl-')],
  ['another time', changed(said, 2, '"created":1', '"created":2')],
  ['a delta of nothing', changed(said, 2, '"content":"!"', '')],
  ['a delta of something else', changed(said, 2, '"content":"!"', '"thought":"!"')],
  ['text beside the finish_reason', changed(said, 3, '"delta":{}', '"delta":{"content":"!"}')],
  ['a reason that is none', changed(said, 3, '"stop"', '"end"')],
  ['tool_calls without a call', changed(said, 3, '"stop"', '"tool_calls"')],
  ['a line end inside', changed(said, 2, '!', '\u2028')],
  ['usage that nobody asked for', counted],
  ['no usage where it was asked for', said, { includeUsage: true }],
  ['usage left out at the end', without(counted, counted.length - 2), { includeUsage: true }],
  [
    'a wrong sum',
    changed(counted, counted.length - 2, '"total_tokens":130', '"total_tokens":131'),
    { includeUsage: true },
  ],
  ['a call without id', changed(called, 1, '"id":"call_a",', '')],
  ['a call without type', changed(called, 1, '"type":"function",', '')],
  ['a call without name', changed(called, 1, '"name":"get_weather",', '')],
  ['the id again', changed(called, 2, '"index":0,"function"', '"index":0,"id":"call_a","function"')],
  ['a call that skips an index', changed(changed(called, 4, '"index":1', '"index":2'), 5, '"index":1', '"index":2')],
  ['two calls of one id', changed(called, 4, 'call_b', 'call_a')],
  ['content null and no call', [called[0]!, ...said.slice(-2)]],
  [
    'an error where none was to come',
    [...said.slice(0, 2), '{"error":{"message":"m","type":"t","param":null,"code":"c"}}'],
  ],
  ['no error where one was to come', said, { broken: true }],
  [
    '[DONE] after an error',
    ['{"error":{"message":"m","type":"t","param":null,"code":"c"}}', '[DONE]'],
    { broken: true },
  ],
];

describe('the grammar of chat streams', () => {
  it('takes the streams that the offences are made from', () => {
    expect(() => [
      checkChatStream(said),
      checkChatStream(called),
      checkChatStream(counted, { includeUsage: true }),
    ]).not.toThrow();
  });

  for (const [offence, data, options] of offences) {
    it(`objects to ${offence}`, () => {
      expect(() => checkChatStream(data, options)).toThrow();
    });
  }
});
