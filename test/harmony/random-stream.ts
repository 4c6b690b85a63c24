import { control, firstControlId } from '../../src/harmony/encoding.ts';
import type { Encoding } from '../../src/harmony/encoding.ts';
import type { HarmonyMessage } from '../../src/harmony/message.ts';
import { encodeSegments, segmentsOf } from '../../src/harmony/render.ts';
import { randomText } from './random-text.ts';
import type { Random } from './random.ts';

/** What an engine might send, and what stands before it. */
export type RandomStream = { readonly start: 'assistant' | 'final' | 'nothing'; readonly ids: number[] };

/** Words that mean something in a header or in arguments; none could be taken for a control token. */
const words = [
  'assistant',
  'user',
  'tool',
  'system',
  'analysis',
  'commentary',
  'final',
  'commentary?',
  'fina',
  ' to=',
  ' to=functions.f',
  'functions.f',
  ' to=assistant',
  ' json',
  'json',
  ' code',
  ' ',
  '\n',
  'a',
  'é',
  '😀',
  '𒀀',
  '{"a":1}',
  '{"input":"x',
  '"}',
  '\\',
  'STOP',
  'ST',
  'We need to think.',
  '??',
];

const inputs = [
  '{"a":[1,"}"]}',
  'So: {"a":1}',
  '{"a":1}!',
  '{"input":"x\\ny 😀"}',
  '{"input":"it\'s "x"\n"}',
  '["a"]',
  '',
];

/** Harmony that keeps to the format, by the renderer: the reference implementation must read it, too. */
export function wellFormedStream(random: Random, encoding: Encoding): RandomStream {
  const messages = random.list(1, 4, () => randomMessage(random));
  const ids: number[] = [
    ...encodeSegments(segmentsOf(messages, { keepAnalysis: true }), (text) => encoding.encode(text)),
  ];
  const stops = [control.end, control.return, control.call];
  const stopped = ids.map((id) => (id === control.end || id === control.call ? random.pick(stops) : id));
  const broken = random.chance(0.3) ? withBrokenText(random, stopped) : stopped;
  const cut = random.chance(0.2) ? cutInContent(random, broken) : broken;
  return { start: 'nothing', ids: cut };
}

/** The answer of a stream that begins as an assistant’s; null: it does not. */
export function asAnswer({ ids }: RandomStream): RandomStream | null {
  return ids[1] === assistant ? { start: 'assistant', ids: ids.slice(2) } : null;
}

/** The word in o200k. */
const assistant = 173_781;

function randomMessage(random: Random): HarmonyMessage {
  const content = [{ type: 'text', text: randomText(random) }] as const;
  const tool = `functions.${random.pick(['f', 'get_weather', 'mcp__files__read', 'x-y', 'F1'])}`;
  const plain = { name: null, recipient: null, contentType: null, content };
  switch (random.pick(['other', 'thought', 'preamble', 'answer', 'call', 'output'] as const)) {
    case 'other':
      return { ...plain, role: random.pick(['system', 'developer', 'user']), channel: null };
    case 'thought':
      return { ...plain, role: 'assistant', channel: 'analysis' };
    case 'preamble':
      return { ...plain, role: 'assistant', channel: 'commentary' };
    case 'answer':
      return { ...plain, role: 'assistant', channel: 'final' };
    case 'call':
      return {
        ...plain,
        content: random.chance(0.5) ? content : [{ type: 'text', text: random.pick(inputs) }],
        role: 'assistant',
        recipient: random.pick([tool, tool, 'browser.search', 'python']),
        channel: random.pick(['commentary', 'analysis', 'final', null]),
        contentType: random.pick([null, 'json', 'code', '<|constrain|>json', '<|constrain|>yaml']),
      };
    case 'output':
      return { ...plain, role: 'tool', name: tool, recipient: 'assistant', channel: random.pick(['commentary', null]) };
  }
}

/** Puts ids of parts of characters into the contents. */
function withBrokenText(random: Random, ids: readonly number[]): number[] {
  let content = false;
  return ids.flatMap((id) => {
    if (id === control.message) content = true;
    else if (id >= firstControlId) content = false;
    return content && random.chance(0.3) ? [id, random.below(3000)] : [id];
  });
}

function cutInContent(random: Random, ids: readonly number[]): number[] {
  const last = ids.lastIndexOf(control.message);
  return last === -1 ? [...ids] : ids.slice(0, last + 1 + random.below(ids.length - last));
}

/** Anything: mutated Harmony, or nonsense of any kind. No run of its ordinary ids spells a control token. */
export function anyStream(random: Random, encoding: Encoding): RandomStream {
  const start = random.pick(['assistant', 'assistant', 'final', 'nothing'] as const);
  if (random.chance(0.2)) return callStream(random, encoding);
  if (random.chance(0.5)) return { start, ids: random.list(0, 60, () => anyIds(random, encoding)).flat() };
  const { ids } = wellFormedStream(random, encoding);
  const mutated = ids.flatMap((id) => {
    if (id < firstControlId && spellsControl(encoding, id)) return [];
    if (!random.chance(id >= firstControlId ? 0.2 : 0.03)) return [id];
    switch (random.below(4)) {
      case 0:
        return [];
      case 1:
        return [id, id];
      case 2:
        return anyIds(random, encoding);
      default:
        return [id, ...anyIds(random, encoding)];
    }
  });
  return { start, ids: start === 'nothing' ? mutated : mutated.slice(2) };
}

/** A call with a proper header, whose arguments are anything but proper. */
function callStream(random: Random, encoding: Encoding): RandomStream {
  const recipient = random.pick(['functions.f', 'functions.get_weather', 'get_weatherjson', 'python']);
  const input = random.list(0, 8, () => random.pick([...words, ...inputs, '"', '{', '"input"', ':', '\\u00', '}']));
  return {
    start: 'assistant',
    ids: [
      control.channel,
      ...encoding.encode(`commentary to=${recipient}`),
      control.message,
      ...input.flatMap((text) => (random.chance(0.1) ? anyIds(random, encoding) : [...encoding.encode(text)])),
      ...random.pick([[control.call], [control.end], []]),
    ],
  };
}

function anyIds(random: Random, encoding: Encoding): number[] {
  switch (random.below(5)) {
    case 0:
    case 1:
      return [random.pick(Object.values(control))];
    case 2:
    case 3:
      return [...encoding.encode(random.pick(words))];
    default: {
      const id = random.pick([random.below(199_998), random.below(1000), firstControlId + random.below(1100), 1e9, -1]);
      return id >= 0 && id < firstControlId && spellsControl(encoding, id) ? [] : [id];
    }
  }
}

/** A bar: no control token can be spelled without one. */
function spellsControl(encoding: Encoding, id: number): boolean {
  return encoding.bytes(id)?.includes(0x7c) === true;
}
