import { describe, expect, test } from 'vitest';
import { finishReading, openAnswerReader, readCall, readDecoded, readText } from '../../src/harmony/answer-reader.ts';
import type { AnswerReaderOptions } from '../../src/harmony/answer-reader.ts';
import { decode, endDecoding, openDecoder } from '../../src/harmony/decoder.ts';
import { createEncoding } from '../../src/harmony/encoding.ts';
import { repairsOf } from '../../src/harmony/repairs.ts';
import { createToolNames } from '../../src/harmony/tool-names.ts';
import { readBlocks } from './block-grammar.ts';
import { harmonyIds } from './harmony-ids.ts';
import { customTool, functionTool } from './turns.ts';

const encoding = createEncoding();
const ids = (text: string) => harmonyIds(encoding, text);
const tools = createToolNames([
  functionTool('get_weather'),
  functionTool('shell'),
  functionTool('search', { namespace: 'docs' }),
  customTool('apply_patch'),
]);

function makeReader(changes: Partial<AnswerReaderOptions> = {}) {
  let calls = 0;
  return openAnswerReader({
    tools,
    callsAllowed: true,
    stop: [],
    ids: { next: () => `call_${(calls += 1)}` },
    ...changes,
  });
}

type Setting = Partial<AnswerReaderOptions> & {
  readonly start?: 'assistant' | 'final';
  readonly ended?: 'stop' | 'length';
};

/** The blocks that a stream of ids becomes, one a line, and why the turn ended. */
function read(stream: string, { start = 'assistant', ended = 'stop', ...changes }: Setting = {}) {
  const decoder = openDecoder({ encoding, start });
  const reader = makeReader(changes);
  const events = readDecoded(reader, decode(decoder, ids(stream)));
  const done = reader.done;
  events.push(...readDecoded(reader, endDecoding(decoder)));
  const end = finishReading(reader, ended);
  return {
    blocks: readBlocks([...events, ...end.events]).map(({ block, text }) => `${block}: ${text}`),
    reason: end.reason,
    done,
    repairs: [...repairsOf(reader).keys()],
    tokens: reader.tokens,
  };
}

const thought = '<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant';
const weather = '<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>';

describe('a message of the assistant', () => {
  test('is reasoning, then the answer', () => {
    expect(read(`${thought}<|channel|>final<|message|>Hello!<|return|>`)).toMatchObject({
      blocks: ['reasoning: Hm.', 'final: Hello!'],
      done: 'stop',
      reason: 'stop',
      repairs: [],
    });
  });

  test('in commentary is a preamble of the call behind it', () => {
    const stream = `<|channel|>commentary<|message|>I’ll look.<|end|><|start|>assistant${weather}{"city":"Paris"}<|call|>`;
    expect(read(stream)).toMatchObject({
      blocks: ['commentary: I’ll look.', 'function get_weather: {"city":"Paris"}'],
      done: 'tool-calls',
      repairs: [],
    });
  });

  test('without text is an empty answer, but no reasoning and no preamble', () => {
    expect(read('<|channel|>final<|message|><|return|>').blocks).toEqual(['final: ']);
    expect(
      read('<|channel|>analysis<|message|><|end|><|start|>assistant<|channel|>commentary<|message|><|end|>').blocks,
    ).toEqual([]);
  });

  test('without a channel is the answer when it is the last, else reasoning', () => {
    expect(read('No.<|return|>').blocks).toEqual(['final: No.']);
    expect(read('No.').blocks).toEqual(['final: No.']);
    expect(read('<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>No.<|return|>').blocks).toEqual([
      'reasoning: Hm.',
      'final: No.',
    ]);
  });

  test('may be one of several answers', () => {
    const stream = '<|channel|>final<|message|>One.<|end|><|start|>assistant<|channel|>final<|message|>Two.<|return|>';
    expect(read(stream).blocks).toEqual(['final: One.', 'final: Two.']);
  });

  test('is cut where the limit of tokens was', () => {
    expect(read('<|channel|>analysis<|message|>Hm', { ended: 'length' })).toMatchObject({
      blocks: ['reasoning: Hm'],
      done: null,
      reason: 'length',
    });
    expect(read('Hello', { start: 'final', ended: 'length' })).toMatchObject({
      blocks: ['final: Hello'],
      reason: 'length',
    });
  });

  test('streams as it is written', () => {
    const decoder = openDecoder({ encoding, start: 'assistant' });
    const reader = makeReader();
    const types = ids(`${weather}{"a":1}`).flatMap((id) =>
      readDecoded(reader, decode(decoder, [id])).map(({ type }) => type),
    );
    expect(types[0]).toBe('tool-call-start');
    expect(new Set(types.slice(1))).toEqual(new Set(['tool-call-delta']));
    expect(types.length).toBeGreaterThan(3);
  });
});

describe('a turn in which nothing was said', () => {
  test('has no blocks', () => {
    expect(read('')).toMatchObject({ blocks: [], reason: 'stop', done: null });
    expect(read('<|channel|>ana', { ended: 'length' })).toMatchObject({ blocks: [], reason: 'length' });
    expect(read('', { start: 'final' }).blocks).toEqual([]);
    expect(finishReading(makeReader(), 'stop')).toEqual({ events: [], reason: 'stop' });
  });
});

describe('a stop text', () => {
  test('ends the answer and the turn', () => {
    expect(read('<|channel|>final<|message|>one STOP two<|return|>', { stop: ['STOP'] })).toMatchObject({
      blocks: ['final: one '],
      done: 'stop-text',
      reason: 'stop-text',
    });
  });

  test('is nothing to reasoning and arguments', () => {
    const stream = `<|channel|>analysis<|message|>STOP?<|end|><|start|>assistant${weather}{"a":"STOP"}<|call|>`;
    expect(read(stream, { stop: ['STOP'] })).toMatchObject({
      blocks: ['reasoning: STOP?', 'function get_weather: {"a":"STOP"}'],
      done: 'tool-calls',
    });
  });

  test('that only began is shown in the end', () => {
    expect(read('one ST<|return|>', { start: 'final', stop: ['STOP'] })).toMatchObject({
      blocks: ['final: one ST'],
      done: 'stop',
    });
    expect(read('one ST', { start: 'final', stop: ['STOP'], ended: 'length' }).blocks).toEqual(['final: one ST']);
  });

  test('ends an answer without a channel too', () => {
    expect(read('No STOP.<|return|>', { stop: ['STOP'] })).toMatchObject({ blocks: ['final: No '], done: 'stop-text' });
  });
});

describe('a call', () => {
  test.each(['<|call|>', '<|end|>', '<|return|>', '<|start|>assistant'])('that %s ends, ends the turn', (stop) => {
    expect(read(`${weather}{}${stop}<|channel|>final<|message|>It is sunny.`)).toMatchObject({
      blocks: ['function get_weather: {}'],
      done: 'tool-calls',
    });
  });

  test('may have its recipient in the role part', () => {
    expect(read(' to=functions.get_weather<|channel|>commentary json<|message|>{}<|call|>').blocks).toEqual([
      'function get_weather: {}',
    ]);
  });

  test.each(['analysis', 'final'])('on the %s channel is one', (channel) => {
    expect(read(`<|channel|>${channel} to=functions.get_weather code<|message|>{}<|call|>`)).toMatchObject({
      blocks: ['function get_weather: {}'],
      done: 'tool-calls',
      repairs: ['misplaced-call'],
    });
  });

  test.each(['get_weather', 'functions.functions.get_weather', 'functions.get_weather,'])(
    'of %s finds its tool',
    (recipient) => {
      expect(read(`<|channel|>commentary to=${recipient}<|message|>{}<|call|>`).blocks).toEqual([
        'function get_weather: {}',
      ]);
    },
  );

  test('finds its tool behind a content type that is glued to it', () => {
    expect(read('<|channel|>commentary to=functions.shelljson<|message|>{}<|call|>')).toMatchObject({
      blocks: ['function shell: {}'],
      repairs: ['glued-content-type'],
    });
  });

  test('gets the caller’s names back', () => {
    expect(read('<|channel|>commentary to=functions.docs__search<|message|>{}<|call|>').blocks).toEqual([
      'function docs/search: {}',
    ]);
  });

  test('of a custom tool has its text unwrapped', () => {
    const patch = '<|channel|>commentary to=functions.apply_patch <|constrain|>json<|message|>';
    expect(read(`${patch}{"input":"*** Begin Patch\\n+\\"a\\"\\n"}<|call|>`).blocks).toEqual([
      'custom apply_patch: *** Begin Patch\n+"a"\n',
    ]);
    expect(read(`${patch}*** Begin Patch\n<|call|>`).blocks).toEqual(['custom apply_patch: *** Begin Patch\n']);
  });

  test('loses the prose before its arguments', () => {
    expect(read(`${weather}Let me see: {"city":"Paris"}<|call|>`)).toMatchObject({
      blocks: ['function get_weather: {"city":"Paris"}'],
      repairs: ['text-around-arguments'],
    });
  });

  test('without arguments has an empty object', () => {
    expect(read('<|channel|>commentary to=functions.get_weather<|call|>')).toMatchObject({
      blocks: ['function get_weather: {}'],
      repairs: ['empty-arguments'],
    });
  });

  test.each([
    ['functions.rm_rf', 'function rm_rf: {}'],
    ['browser.search', 'function browser.search: {}'],
    ['python', 'function python: {}'],
    ['functions.a/b', 'function a_b: {}'],
    [`functions.${'x'.repeat(90)}`, `function ${'x'.repeat(64)}: {}`],
  ])('of %s, which is not declared, goes to the client as it is', (recipient, block) => {
    expect(read(`<|channel|>commentary to=${recipient}<|message|>{}<|call|>`)).toMatchObject({
      blocks: [block],
      done: 'tool-calls',
      repairs: ['undeclared-tool'],
    });
  });

  test('to a person or a channel is none', () => {
    for (const recipient of ['assistant', 'user', 'all', 'final']) {
      expect(read(`<|channel|>commentary to=${recipient}<|message|>Hi.<|end|>`).blocks).toEqual(['commentary: Hi.']);
    }
  });

  test('that nobody asked for is reasoning, and an engine that goes on is heard', () => {
    const stream = `${weather}{"city":"Paris"}<|call|><|start|>assistant<|channel|>final<|message|>I can’t look.<|return|>`;
    expect(read(stream, { callsAllowed: false })).toMatchObject({
      blocks: ['reasoning: {"city":"Paris"}', 'final: I can’t look.'],
      done: 'stop',
      repairs: ['unasked-call'],
    });
  });

  test('that was cut by the limit is passed on, but the turn ended for length', () => {
    expect(read(`${weather}{"city":"Pa`, { ended: 'length' })).toMatchObject({
      blocks: ['function get_weather: {"city":"Pa'],
      done: null,
      reason: 'length',
    });
  });

  test('that is whole but for its stop token is a call', () => {
    expect(read(`${weather}{"city":"Paris"}`, { ended: 'length' }).reason).toBe('tool-calls');
    expect(read(`${weather}{"city":"Pa`, { ended: 'stop' }).reason).toBe('tool-calls');
  });
});

describe('somebody else’s words', () => {
  test('are not the answer', () => {
    const stream =
      '<|channel|>analysis<|message|>x<|end|><|start|>functions.f to=assistant<|channel|>commentary<|message|>1<|end|><|start|>assistant<|channel|>final<|message|>y<|return|>';
    expect(read(stream)).toMatchObject({ blocks: ['reasoning: x', 'final: y'], repairs: ['foreign-role'] });
  });

  test('are where the turn ends when they are the user’s', () => {
    const stream = '<|channel|>final<|message|>y<|end|><|start|>user<|message|>Thanks!<|end|><|start|>assistant';
    expect(read(stream)).toMatchObject({ blocks: ['final: y'], done: 'stop', repairs: ['foreign-role'] });
  });
});

describe('ids', () => {
  test('are counted by what became of them', () => {
    const stream = `${thought}<|channel|>commentary<|message|>I’ll look.<|end|><|start|>assistant${weather}{"city":"Paris"}<|call|>`;
    expect(read(stream).tokens).toEqual({
      reasoning: encoding.encode('Hm.').length,
      commentary: encoding.encode('I’ll look.').length,
      final: 0,
      toolInput: encoding.encode('{"city":"Paris"}').length,
    });
  });

  test('of an answer without a channel are those of an answer', () => {
    expect(read('<|message|>One two three.<|return|>').tokens).toEqual({
      reasoning: 0,
      commentary: 0,
      final: 4,
      toolInput: 0,
    });
  });
});

describe('a daemon that sends texts', () => {
  test('is read as one that sends ids', () => {
    const reader = makeReader({ stop: ['STOP'] });
    const events = [...readText(reader, ''), ...readText(reader, 'one ST'), ...readText(reader, 'ill two STO')];
    expect(reader.done).toBeNull();
    const end = finishReading(reader, 'stop');
    expect(readBlocks([...events, ...end.events])).toEqual([{ block: 'final', text: 'one STill two STO' }]);
    expect(end.reason).toBe('stop');
  });

  test('stops at a stop text', () => {
    const reader = makeReader({ stop: ['STOP'] });
    const events = [...readText(reader, 'one ST'), ...readText(reader, 'OP two'), ...readText(reader, ' three')];
    expect(reader.done).toBe('stop-text');
    expect(readBlocks([...events, ...finishReading(reader, 'length').events])).toEqual([
      { block: 'final', text: 'one ' },
    ]);
  });

  test('may cut a character, of which half is never shown', () => {
    const reader = makeReader();
    const pieces = ['a\ud83d', '\ude00b', 'c\ud83d'].map((text) => readText(reader, text));
    const shown = pieces.map((events) => events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : [])));
    expect(shown).toEqual([['a'], ['\ud83d\ude00b'], ['c']]);
    expect(readBlocks([...pieces.flat(), ...finishReading(reader, 'stop').events])).toEqual([
      { block: 'final', text: 'a\ud83d\ude00bc\ud83d' },
    ]);
  });

  test('gives its calls whole', () => {
    const reader = makeReader();
    const events = [
      ...readText(reader, 'I’ll look.'),
      ...readCall(reader, 'functions.apply_patch', '{"input":"x"}'),
      ...readCall(reader, 'functions.get_weather', '{}'),
      ...readText(reader, 'It is sunny.'),
    ];
    expect(reader.done).toBe('tool-calls');
    expect(readBlocks(events)).toEqual([
      { block: 'final', text: 'I’ll look.' },
      { block: 'custom apply_patch', text: 'x' },
    ]);
    expect(finishReading(reader, 'stop')).toEqual({ events: [], reason: 'tool-calls' });
  });

  test('may call what nobody asked for, and goes on', () => {
    const reader = makeReader({ callsAllowed: false });
    const events = [...readCall(reader, 'functions.x', '{}'), ...readText(reader, 'No tools.')];
    expect(readBlocks([...events, ...finishReading(reader, 'stop').events])).toEqual([
      { block: 'final', text: 'No tools.' },
    ]);
    expect([...repairsOf(reader)]).toEqual([['unasked-call', 1]]);
  });
});
