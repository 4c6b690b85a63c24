import { describe, expect, it } from 'vitest';
import type { Model } from '../../src/core/models.ts';
import type { Turn, TurnItem } from '../../src/core/turn.ts';
import { cutsOf, fittingPrefill } from '../../src/gateway/truncation.ts';
import { createToolNames } from '../../src/harmony/tool-names.ts';

const user = (text: string): TurnItem => ({ type: 'message', role: 'user', text });
const assistant = (text: string): TurnItem => ({ type: 'message', role: 'assistant', text });
const developer = (text: string): TurnItem => ({ type: 'message', role: 'developer', text });
const thought = (text: string): TurnItem => ({ type: 'reasoning', text });
const call = (callId: string, input = ''): TurnItem => ({
  type: 'tool-call',
  callId,
  tool: { type: 'function', name: 'look', namespace: null },
  input,
});
const output = (callId: string, text = ''): TurnItem => ({ type: 'tool-output', callId, text });

const nothing = createToolNames([]);
const textOf = (item: TurnItem) => ('text' in item ? item.text : item.input);

/** Fits a conversation into a window, where every character is a token. Says what stayed, and how often it was counted. */
async function fit(items: readonly TurnItem[], contextWindow: number, change: Partial<Turn> = {}) {
  const rendered: TurnItem[][] = [];
  const turn: Turn = {
    model: 'm',
    items,
    tools: [],
    toolChoice: { type: 'auto' },
    parallelToolCalls: true,
    effort: 'medium',
    format: { type: 'text' },
    maxOutputTokens: 1,
    temperature: 1,
    stop: [],
    conversationKey: null,
    truncation: 'auto',
    ...change,
  };
  const model: Model = { id: 'm', aliases: [], checkpoint: 'c', contextWindow, maxOutputTokens: null };
  const { tokens } = await fittingPrefill(turn, model, async ({ items: kept }) => {
    rendered.push([...kept]);
    const length = kept.reduce((sum, item) => sum + textOf(item).length, 0);
    return {
      tokens: new Uint32Array(length).fill(rendered.length - 1),
      messages: null,
      primeFinal: false,
      toolNames: nothing,
    };
  });
  const kept = tokens.length === 0 ? rendered.at(-1)! : rendered[tokens[0]!]!;
  return { kept, texts: kept.map(textOf), length: tokens.length, counts: rendered.length };
}

const turns = [
  developer('D'),
  user('1111111111'),
  assistant('aaaaaaaaaa'),
  user('2222222222'),
  developer('E'),
  assistant('bbbbbbbbbb'),
  user('3333333333'),
];

describe('a conversation that is too long', () => {
  it('is left as it is when it fits, or when nothing was said of truncation', async () => {
    expect((await fit(turns, 53)).kept).toEqual(turns);
    expect((await fit(turns, 20, { truncation: 'disabled' })).kept).toEqual(turns);
  });

  it('loses as few of its oldest turns as have to go, and nothing that instructs', async () => {
    expect((await fit(turns, 52)).texts).toEqual(['D', '2222222222', 'E', 'bbbbbbbbbb', '3333333333']);
    expect((await fit(turns, 33)).texts).toEqual(['D', '2222222222', 'E', 'bbbbbbbbbb', '3333333333']);
    expect((await fit(turns, 32)).texts).toEqual(['D', 'E', '3333333333']);
  });

  it('keeps its last question, although that is too long by itself', async () => {
    expect((await fit(turns, 5)).texts).toEqual(['D', 'E', '3333333333']);
  });

  it('leaves room for the answer that is asked for, up to a quarter of the window', async () => {
    expect((await fit(turns, 60, { maxOutputTokens: 8 })).length).toBe(52);
    expect((await fit(turns, 60, { maxOutputTokens: 9 })).length).toBe(32);
    expect((await fit(turns, 60, { maxOutputTokens: 1000 })).length).toBe(32);
  });

  it('loses rounds of calls of the turn that is going on, when its turns were not enough', async () => {
    const rounds = Array.from({ length: 5 }, (_, n) => [
      thought(`t${n}......`),
      call(`c${n}`, `i${n}......`),
      output(`c${n}`, `o${n}......`),
    ]).flat();
    const { kept, length } = await fit([user('old old old'), user('Q'), ...rounds], 60);
    expect(kept).toEqual([user('Q'), ...rounds.slice(9)]);
    expect(length).toBe(49);
  });

  it('is counted a few times, however long it is', async () => {
    const many = Array.from({ length: 4096 }, (_, n) => user(String(n).padStart(4)));
    const { counts, texts } = await fit(many, 1001);
    expect(texts).toHaveLength(250);
    expect(counts).toBeLessThanOrEqual(14);
  });
});

describe('the places of cuts', () => {
  it('are not between a call and its output, whatever stands between', () => {
    const items = [
      user('1'),
      call('a'),
      user('2'),
      output('a'),
      user('3'),
      call('b'),
      call('c'),
      output('c'),
      output('b'),
      thought('t'),
      call('lost'),
      assistant('x'),
    ];
    expect(cutsOf(items)).toEqual([4, 9]);
  });

  it('never leave an output without its call, whatever a conversation is made of', () => {
    let state = 12345;
    const random = (below: number) => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) % below;
    for (let round = 0; round < 500; round++) {
      const open: string[] = [];
      const items = Array.from({ length: 1 + random(30) }, (_, n): TurnItem => {
        switch (random(5)) {
          case 0:
            return user('u');
          case 1:
            return assistant('a');
          case 2:
            open.push(`c${n}`);
            return call(`c${n}`);
          case 3:
            return open.length === 0 ? developer('d') : output(open.splice(random(open.length), 1)[0]!);
          default:
            return thought('t');
        }
      });
      for (const cut of cutsOf(items)) {
        const calls = new Set(items.slice(cut).flatMap((item) => (item.type === 'tool-call' ? [item.callId] : [])));
        for (const item of items.slice(cut)) if (item.type === 'tool-output') expect(calls).toContain(item.callId);
      }
    }
  });
});
