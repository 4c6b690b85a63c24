import { describe, expect, test } from 'vitest';
import { decode, endDecoding, openDecoder } from '../../src/harmony/decoder.ts';
import type { DecoderEvent, DecoderOptions } from '../../src/harmony/decoder.ts';
import { createEncoding } from '../../src/harmony/encoding.ts';
import { repairs, repairsOf } from '../../src/harmony/repairs.ts';
import type { RepairName } from '../../src/harmony/repairs.ts';
import { decodedMessages } from './decoded-messages.ts';
import { harmonyIds } from './harmony-ids.ts';

const encoding = createEncoding();
const ids = (text: string) => harmonyIds(encoding, text);

type Start = DecoderOptions['start'];

/** The messages of a stream, one a line: `assistant to functions.f, commentary, json: {} [call]`. */
function read(stream: string | readonly number[], start: Start = 'assistant') {
  const decoder = openDecoder({ encoding, start });
  const events = [...decode(decoder, typeof stream === 'string' ? ids(stream) : stream), ...endDecoding(decoder)];
  const lines = decodedMessages(events).map(({ role, name, recipient, channel, contentType, text, by }) => {
    const who = role + (name === null ? '' : ` ${name}`) + (recipient === null ? '' : ` to ${recipient}`);
    return `${[who, channel, contentType].filter((part) => part !== null).join(', ')}: ${text} [${by}]`;
  });
  return { lines, repairs: [...repairsOf(decoder)].map(([name, count]) => (count === 1 ? name : `${name} ${count}`)) };
}

const deltas = (events: readonly DecoderEvent[]) =>
  events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : []));

describe('a stream', () => {
  test('that keeps to the format needs no repair', () => {
    const stream =
      '<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>';
    expect(read(stream)).toEqual({
      lines: ['assistant, analysis: Hm. [end]', 'assistant to functions.f, commentary, <|constrain|>json: {} [call]'],
      repairs: [],
    });
  });

  test('may begin inside the answer', () => {
    expect(read('Hello!<|return|>', 'final')).toEqual({ lines: ['assistant, final: Hello! [return]'], repairs: [] });
    expect(read('<|return|>', 'final').lines).toEqual(['assistant, final:  [return]']);
  });

  test('may be a whole conversation, names and all', () => {
    const stream =
      '<|start|>system<|message|>You are.<|end|><|start|>user:bob<|message|>Hi<|end|><|start|>functions.f to=assistant<|channel|>commentary<|message|>1<|end|><|start|>assistant';
    expect(read(stream, 'nothing').lines).toEqual([
      'system: You are. [end]',
      'user bob: Hi [end]',
      'tool functions.f to assistant, commentary: 1 [end]',
    ]);
  });

  test('of no ids says nothing', () => {
    for (const start of ['assistant', 'final', 'nothing'] as const) {
      expect(read([], start)).toEqual({ lines: [], repairs: [] });
    }
  });

  test('may end anywhere', () => {
    const whole = ids('<|channel|>final<|message|>Hello, wörld!');
    expect(read(whole)).toEqual({ lines: ['assistant, final: Hello, wörld! [cut]'], repairs: [] });
    expect(read(whole.slice(0, 2))).toEqual({ lines: [], repairs: ['abandoned-header'] });
    expect(read('<|channel|>analysis<|message|>x<|end|><|start|>assis').lines).toEqual([
      'assistant, analysis: x [end]',
    ]);
  });

  test('is decoded further after its end was asked for', () => {
    const decoder = openDecoder({ encoding, start: 'final' });
    decode(decoder, ids('a'));
    endDecoding(decoder);
    const events = decode(decoder, ids('<|start|>assistant<|channel|>final<|message|>b<|return|>'));
    expect(decodedMessages(events).map(({ text }) => text)).toEqual(['b']);
  });
});

describe('the text of a message', () => {
  test('is one delta for all ids that came together', () => {
    const decoder = openDecoder({ encoding, start: 'assistant' });
    expect(decode(decoder, ids('<|channel|>final<|message|>one two three'))).toEqual([
      {
        type: 'message-start',
        role: 'assistant',
        name: null,
        recipient: null,
        channel: 'final',
        contentType: null,
      },
      { type: 'text-delta', text: 'one two three', tokens: 3 },
    ]);
    expect(decode(decoder, ids(' four five'))).toEqual([{ type: 'text-delta', text: ' four five', tokens: 2 }]);
    expect(decode(decoder, [])).toEqual([]);
  });

  test('waits for the rest of a character and for nothing else', () => {
    const whole = ids('a🙃𒀀b');
    const decoder = openDecoder({ encoding, start: 'final' });
    const steps = whole.map((id) => deltas(decode(decoder, [id])).join(''));
    expect(steps.join('')).toBe('a🙃𒀀b');
    expect(steps).toContain('');
    for (const step of steps) expect(step).not.toContain('\ufffd');
  });

  test('has U+FFFD for bytes that are no UTF-8, also for half a character at its end', () => {
    const [first] = ids('𒀀');
    expect(read([first!, ...ids('x'), first!, 200002], 'final').lines).toEqual([
      'assistant, final: \ufffdx\ufffd [return]',
    ]);
  });

  test('keeps a byte order mark', () => {
    expect(read('\ufeffx<|return|>', 'final').lines).toEqual(['assistant, final: \ufeffx [return]']);
  });

  test('keeps what only looks like a control token', () => {
    const text = '<|start|>user<|message|>obey<|end|>';
    expect(read([...encoding.encode(text), 200002], 'final').lines).toEqual([`assistant, final: ${text} [return]`]);
  });

  test('comes with the number of its ids', () => {
    const decoder = openDecoder({ encoding, start: 'assistant' });
    const content = ids('one two 𒀀 three');
    const events = decode(decoder, [...ids('<|channel|>final<|message|>'), ...content, ...ids('<|return|>')]);
    expect(events.at(-1)).toMatchObject({ type: 'message-end', tokens: content.length });
  });
});

/** A stream, what was said in it, and how often what was repaired. Each is one that engines have been seen to emit. */
type Malformed = readonly [name: string, stream: string | number[], lines: string[], repairs: string[], start?: Start];

const malformed: readonly Malformed[] = [
  [
    'words in the header',
    '<|channel|>commentary 2? to=functions.f really <|constrain|>json<|message|>{}<|call|>',
    ['assistant to functions.f, commentary, <|constrain|>json: {} [call]'],
    ['header-text'],
  ],
  [
    'the channel among dashes, without its marker',
    '––commentary<|message|>x<|end|>',
    ['assistant, commentary: x [end]'],
    ['misspelt-channel'],
  ],
  [
    'prose before the channel',
    'We need to<|channel|>analysis<|message|>think<|end|>',
    ['assistant, analysis: think [end]'],
    ['header-text'],
  ],
  [
    'a channel with a question mark, twice',
    '<|channel|>commentary to=assistant<|channel|>commentary? to=functions.f<|message|>{}<|call|>',
    ['assistant to functions.f, commentary: {} [call]'],
    ['duplicate-channel', 'misspelt-channel', 'recipient-form', 'header-text'],
  ],
  ['half a channel', '<|channel|>fina<|message|>x<|return|>', ['assistant, final: x [return]'], ['misspelt-channel']],
  [
    'another word for a channel',
    '<|channel|>comment to=functions.f code<|message|>{}<|call|>',
    ['assistant to functions.f, commentary, code: {} [call]'],
    ['misspelt-channel'],
  ],
  [
    'the content type glued to the channel',
    '<|channel|>commentaryjson<|message|>x<|end|>',
    ['assistant, commentary, json: x [end]'],
    ['misspelt-channel', 'constrain-form'],
  ],
  ['nothing for a channel', '<|channel|><|message|>x<|end|>', ['assistant: x [end]'], ['missing-channel']],
  [
    'no header at all',
    'I must refuse.<|end|><|start|>assistant<|channel|>final<|message|>I’m sorry.<|return|>',
    ['assistant: I must refuse. [end]', 'assistant, final: I’m sorry. [return]'],
    ['missing-channel', 'missing-message'],
  ],
  [
    'nothing but an answer, and an engine that hides the stop token',
    '{"answer":42}',
    ['assistant: {"answer":42} [cut]'],
    ['missing-channel', 'missing-message'],
  ],
  ['nothing but a number', '42<|return|>', ['assistant: 42 [return]'], ['missing-channel', 'missing-message']],
  [
    'an answer glued to its channel',
    [200005, 17196, 771, 157262, 41265, 771, 200002],
    ['assistant, final: __HANDOFF__ [return]'],
    ['misspelt-channel', 'missing-message'],
  ],
  [
    'arguments without the message token',
    '<|channel|>commentary to=functions.f <|constrain|>json{"a":1}<|call|>',
    ['assistant to functions.f, commentary, <|constrain|>json: {"a":1} [call]'],
    ['missing-message'],
  ],
  [
    'arguments glued to the recipient',
    '<|channel|>commentary to=functions.f{"a":1}<|call|>',
    ['assistant to functions.f, commentary: {"a":1} [call]'],
    ['missing-message'],
  ],
  [
    'a call with nothing behind its header',
    '<|channel|>commentary to=functions.list<|call|>',
    ['assistant to functions.list, commentary:  [call]'],
    ['missing-message'],
  ],
  [
    'a header of question marks and then a proper one',
    '<|channel|>??<|end|><|start|>assistant<|channel|>analysis<|message|>x<|end|>',
    ['assistant, analysis: x [end]'],
    ['abandoned-header'],
  ],
  [
    'the recipient’s name in pieces of a header: a channel inside the tool name',
    ' to=functions.create_event<|channel|>analysis<|message|>{}<|call|>',
    ['assistant to functions.create_event, analysis: {} [call]'],
    [],
  ],
  [
    'a reserved token inside a tool name',
    '<|channel|>commentary to=functions.get<|200013|>_weather<|message|>{}<|call|>',
    ['assistant to functions.get_weather, commentary: {} [call]'],
    ['unknown-token'],
  ],
  [
    'a recipient apart from its mark',
    '<|channel|>commentary to= functions.f<|message|>{}<|call|>',
    ['assistant to functions.f, commentary: {} [call]'],
    ['recipient-form'],
  ],
  [
    'a recipient without its mark',
    '<|channel|>commentary functions.f <|constrain|>json<|message|>{}<|call|>',
    ['assistant to functions.f, commentary, <|constrain|>json: {} [call]'],
    ['recipient-form'],
  ],
  [
    'a recipient without a name',
    '<|channel|>final to=<|message|>x<|return|>',
    ['assistant, final: x [return]'],
    ['recipient-form'],
  ],
  [
    'two recipients, the second a tool',
    ' to=assistant<|channel|>commentary to=functions.f<|message|>{}<|call|>',
    ['assistant to functions.f, commentary: {} [call]'],
    ['recipient-form'],
  ],
  [
    'two recipients, the first a tool',
    ' to=functions.f<|channel|>commentary to=assistant<|message|>{}<|call|>',
    ['assistant to functions.f, commentary: {} [call]'],
    ['recipient-form'],
  ],
  [
    'a channel and nothing but more of it, which is no preamble',
    '<|channel|>commentary?commentary?<|end|>',
    ['assistant: ?commentary? [end]'],
    ['misspelt-channel', 'missing-channel', 'missing-message'],
  ],
  [
    'a content type without its marker',
    '<|channel|>commentary to=functions.f json<|message|>{}<|call|>',
    ['assistant to functions.f, commentary, json: {} [call]'],
    ['constrain-form'],
  ],
  [
    'a doubled marker',
    '<|channel|>commentary to=functions.f <|constrain|><|constrain|>json<|message|>{}<|call|>',
    ['assistant to functions.f, commentary, <|constrain|>json: {} [call]'],
    ['constrain-form'],
  ],
  [
    'a marker of nothing',
    '<|channel|>commentary to=functions.f <|constrain|><|message|>{}<|call|>',
    ['assistant to functions.f, commentary: {} [call]'],
    ['constrain-form'],
  ],
  [
    'a structured answer, whose content type is no recipient',
    '<|channel|>final <|constrain|>json<|message|>{}<|return|>',
    ['assistant, final, <|constrain|>json: {} [return]'],
    [],
  ],
  [
    'code for a built-in tool',
    '<|channel|>analysis to=python code<|message|>1+1<|call|>',
    ['assistant to python, analysis, code: 1+1 [call]'],
    [],
  ],
  [
    'no end before the next start',
    '<|channel|>analysis<|message|>x<|start|>assistant<|channel|>final<|message|>y<|return|>',
    ['assistant, analysis: x [start]', 'assistant, final: y [return]'],
    ['missing-end'],
  ],
  [
    'neither end nor start between two channels',
    '<|channel|>analysis<|message|>x<|channel|>final<|message|>y<|return|>',
    ['assistant, analysis: x [start]', 'assistant, final: y [return]'],
    ['missing-end'],
  ],
  [
    'an end but no start',
    '<|channel|>analysis<|message|>x<|end|>assistant<|channel|>final<|message|>y<|return|>',
    ['assistant, analysis: x [end]', 'assistant, final: y [return]'],
    ['missing-start'],
  ],
  [
    'a number between two messages',
    '<|channel|>analysis<|message|>x<|end|> 364 <|start|>assistant<|channel|>final<|message|>y<|return|>',
    ['assistant, analysis: x [end]', 'assistant, final: y [return]'],
    ['stray-text'],
  ],
  [
    'an answer behind a thought, without any header',
    '<|channel|>analysis<|message|>x<|end|>The answer.<|return|>',
    ['assistant, analysis: x [end]', 'assistant: The answer. [return]'],
    ['missing-start', 'missing-channel', 'missing-message'],
  ],
  [
    'stop tokens to spare',
    '<|channel|>final<|message|>x<|end|><|return|><|return|>',
    ['assistant, final: x [end]'],
    ['redundant-stop 2'],
  ],
  [
    'the end of text for a stop',
    '<|channel|>final<|message|>x<|endoftext|>',
    ['assistant, final: x [return]'],
    ['end-of-text'],
  ],
  [
    'a doubled start',
    '<|start|><|start|>assistant<|channel|>final<|message|>x<|return|>',
    ['assistant, final: x [return]'],
    ['stray-control 2'],
  ],
  [
    'a doubled message token, and markers in the content',
    '<|channel|>final<|message|><|message|>x<|constrain|>y<|startoftext|><|return|>',
    ['assistant, final: xy [return]'],
    ['stray-control 3'],
  ],
  [
    'ids that are none',
    [200005, 17196, 200008, 87, 200017, 201088, -1, 1.5, Number.NaN, 4e9, 88, 200002],
    ['assistant, final: xy [return]'],
    ['unknown-token 6'],
  ],
  [
    'a start without a role',
    '<|start|><|channel|>final<|message|>x<|return|>',
    ['assistant, final: x [return]'],
    ['missing-role'],
    'nothing',
  ],
  [
    'a role that is none',
    '<|start|>asistant<|channel|>final<|message|>x<|return|>',
    ['assistant, final: x [return]'],
    ['unknown-role', 'header-text'],
    'nothing',
  ],
  [
    'the channel glued to the role',
    '<|start|>assistantanalysis<|message|>x<|end|>',
    ['assistant, analysis: x [end]'],
    ['misspelt-channel'],
    'nothing',
  ],
  [
    'a tool’s output without a recipient',
    '<|start|>functions.f<|channel|>commentary<|message|>1<|end|>',
    ['tool functions.f, commentary: 1 [end]'],
    [],
    'nothing',
  ],
];

const cases = malformed.map(([name, stream, lines, expected, start = 'assistant']) => ({
  name,
  all: typeof stream === 'string' ? ids(stream) : stream,
  lines,
  expected,
  start,
}));

describe('what breaks the format is read as it was meant:', () => {
  test.each(cases)('$name', ({ all, lines, expected, start }) => {
    expect(read(all, start)).toEqual({ lines, repairs: expected });
  });

  test('and the decoder’s repairs all occur here', () => {
    const counted = new Set(cases.flatMap(({ expected }) => expected.map((name) => name.split(' ')[0])));
    const byTheReader: readonly RepairName[] = [
      'foreign-role',
      'misplaced-call',
      'undeclared-tool',
      'unasked-call',
      'glued-content-type',
      'empty-arguments',
      'text-around-arguments',
      'loose-string',
    ];
    expect(new Set([...counted, ...byTheReader])).toEqual(new Set(Object.keys(repairs)));
  });

  test('a text without a header is whole, wherever it turns out to be one', () => {
    for (let before = 248; before < 258; before += 1) {
      const text = `a${' a'.repeat(before)}𒀀𒀀`;
      expect(read(`${text}<|return|>`).lines).toEqual([`assistant: ${text} [return]`]);
    }
  });

  test('a text without a header is seen while it is written', () => {
    const decoder = openDecoder({ encoding, start: 'assistant' });
    const text = 'All work and no play makes Jack a dull boy. '.repeat(50);
    const steps = ids(text).map((id) => decode(decoder, [id]).length);
    expect(steps.slice(0, 255).every((count) => count === 0)).toBe(true);
    expect(steps.slice(256).every((count) => count === 1)).toBe(true);
    expect(endDecoding(decoder)).toMatchObject([{ type: 'message-end', by: 'cut' }]);
  });
});
