import { expect, test } from 'vitest';
import type { Exchange } from '../../src/core/dialect.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { endTurn, followTurn, noteBatch } from '../../src/core/turn-report.ts';
import type { FollowedTurn } from '../../src/core/turn-report.ts';
import { createTurnBoard } from '../../src/observe/turn-board.ts';

const secret = 'what nobody but the client may read';

/** A board whose time is set by hand. */
function board(remembered = 3) {
  let time = 0;
  const clock = { now: () => 1_000_000 + time, elapsed: () => time };
  const made = createTurnBoard({ clock, remembered });
  const exchange = { turn: { model: 'm' }, stream: true, warnings: ['ignored'] } as unknown as Exchange;
  const begin = (id: string) =>
    followTurn({ id, route: '/v1/responses', key: null, exchange, clock, observers: [made] });
  return {
    board: made,
    begin,
    pass(milliseconds: number) {
      time += milliseconds;
    },
  };
}

const usage = { inputTokens: 100, cachedTokens: 60, outputTokens: 50, reasoningTokens: 20 };

function speak(turn: FollowedTurn): void {
  noteBatch(turn, [{ type: 'text-start', phase: 'final' }]);
  noteBatch(turn, [{ type: 'text-delta', text: secret }]);
}

test('a turn goes from stage to stage', () => {
  const { board: watched, begin, pass } = board();
  const turn = begin('req_1');
  const now = () => watched.running()[0]!;
  expect(now()).toMatchObject({ id: 'req_1', stage: 'preparing', position: null, duration: 0, warnings: 1 });
  noteBatch(turn, [{ type: 'turn-queued', position: 2 }]);
  pass(30);
  expect(now()).toMatchObject({ stage: 'queued', position: 2, duration: 30, inputTokens: null });
  noteBatch(turn, [{ type: 'turn-start', inputTokens: 100, cachedTokens: 60 }]);
  pass(70);
  expect(now()).toMatchObject({ stage: 'prefill', waited: 30, firstOutput: null, inputTokens: 100, cachedTokens: 60 });
  noteBatch(turn, [{ type: 'reasoning-start' }, { type: 'reasoning-delta', text: 'x'.repeat(400) }]);
  pass(1000);
  expect(now()).toMatchObject({ stage: 'answering', firstOutput: 100, outputTokens: 100, tokensPerSecond: 100 });
  noteBatch(turn, [{ type: 'turn-end', reason: 'stop', usage, repairs: { 'lost-end': 2 } }]);
  endTurn(turn, null);
  expect(watched.running()).toEqual([]);
  expect(watched.recent(0)).toMatchObject([
    {
      stage: 'completed',
      reason: 'stop',
      outputTokens: 50,
      tokensPerSecond: 50,
      repairs: 2,
      duration: 1100,
      error: null,
    },
  ]);
});

test('thinking that was not sent is no part of the pace', () => {
  const { board: watched, begin, pass } = board();
  const turn = begin('req_1');
  noteBatch(turn, [{ type: 'turn-start', inputTokens: 1, cachedTokens: 0 }]);
  speak(turn);
  pass(1000);
  noteBatch(turn, [{ type: 'turn-end', reason: 'stop', usage }]);
  endTurn(turn, null);
  expect(watched.recent(0)[0]!.tokensPerSecond).toBe(30);
});

test('the sums tell apart what has completed, what has failed and who has left', () => {
  const { board: watched, begin } = board();
  for (const [id, failure] of [
    ['1', null],
    ['2', new GatewayError('engine_error', secret)],
    ['3', new GatewayError('request_cancelled', secret)],
    ['4', new GatewayError('engine_error', secret)],
  ] as const) {
    const turn = begin(id);
    if (failure === null) noteBatch(turn, [{ type: 'turn-end', reason: 'length', usage, repairs: { 'lost-end': 1 } }]);
    endTurn(turn, failure);
  }
  begin('5');
  expect(watched.totals()).toEqual({
    turns: 5,
    completed: 1,
    cancelled: 1,
    failed: 2,
    ...usage,
    errors: { engine_error: 2 },
    repairs: { 'lost-end': 1 },
  });
  expect(JSON.stringify([watched.totals(), watched.running(), watched.recent(0)])).not.toContain(secret);
});

test('the latest turns alone are remembered, and a reader gets those it has not seen', () => {
  const { board: watched, begin } = board(3);
  const ids = (after: number) => watched.recent(after).map(({ id }) => id);
  for (const id of ['1', '2', '3', '4', '5']) endTurn(begin(id), null);
  expect(watched.count).toBe(5);
  expect(ids(0)).toEqual(['3', '4', '5']);
  expect(ids(4)).toEqual(['5']);
  expect(ids(5)).toEqual([]);
});

test('everything that begins or ends is news', () => {
  const { board: watched, begin } = board();
  const before = watched.version;
  const turn = begin('1');
  const meanwhile = watched.version;
  endTurn(turn, null);
  expect(new Set([before, meanwhile, watched.version]).size).toBe(3);
});
