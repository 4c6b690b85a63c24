import { expect, test } from 'vitest';
import type { Turn } from '../../src/core/turn.ts';
import { createFrozenDates } from '../../src/harmony/frozen-dates.ts';
import { assistant, call, developer, output, turn, user } from './turns.ts';

/** Dates of which `limit` are remembered, on a calendar that can be turned. */
function calendar(limit = 100) {
  let date = '2026-01-01';
  const { dateOf } = createFrozenDates({ today: () => date, limit });
  return { dateOf, turnTo: (day: string) => (date = day) };
}

const keyed = (conversationKey: string | null): Partial<Turn> => ({ conversationKey });
const first = (text: string, changes: Partial<Turn> = {}) =>
  turn({ items: [developer('Help.'), user(text)], ...changes });
const second = (text: string, changes: Partial<Turn> = {}) =>
  turn({ items: [developer('Help.'), user(text), assistant('Yes?'), user('Well.')], ...changes });

test.each([['with a key', keyed('thread-1')] as const, ['without a key', keyed(null)] as const])(
  'a conversation %s keeps the date on which it began for as long as it goes on',
  (_, changes) => {
    const { dateOf, turnTo } = calendar();
    expect(dateOf(first('hi', changes))).toBe('2026-01-01');
    for (const day of ['2026-01-02', '2026-01-03', '2026-02-01']) {
      turnTo(day);
      expect(dateOf(second('hi', changes))).toBe('2026-01-01');
    }
  },
);

test('the date is kept across midnight while the first tool call is open', () => {
  const { dateOf, turnTo } = calendar();
  dateOf(first('look'));
  turnTo('2026-01-02');
  const items = [developer('Help.'), user('look'), call('1', 'f', '{}'), output('1', 'ok')];
  expect(dateOf(turn({ items }))).toBe('2026-01-01');
});

test('a conversation that begins like an older one begins on its own day', () => {
  for (const changes of [keyed('every morning'), keyed(null)]) {
    const { dateOf, turnTo } = calendar();
    dateOf(first('What is on today?', changes));
    turnTo('2026-01-02');
    expect(dateOf(first('What is on today?', changes))).toBe('2026-01-02');
    expect(dateOf(second('What is on today?', changes))).toBe('2026-01-02');
  }
});

test('conversations have their own dates, told apart by key or by how they begin', () => {
  const { dateOf, turnTo } = calendar();
  const conversations: [string, Partial<Turn>][] = [
    ['a', keyed(null)],
    ['b', keyed(null)],
    ['a', keyed('key')],
    ['b', keyed('key')],
    ['a', keyed('other')],
    ['a', keyed('null')],
  ];
  for (const [index, [text, changes]] of conversations.entries()) {
    turnTo(`2026-03-0${index + 1}`);
    dateOf(first(text, changes));
  }
  turnTo('2026-12-31');
  for (const [index, [text, changes]] of conversations.entries()) {
    expect(dateOf(second(text, changes))).toBe(`2026-03-0${index + 1}`);
  }
});

test('a conversation whose beginning was not seen is of the day on which it is first seen', () => {
  const { dateOf, turnTo } = calendar();
  expect(dateOf(second('hi'))).toBe('2026-01-01');
  turnTo('2026-01-02');
  expect(dateOf(second('hi'))).toBe('2026-01-01');
});

test('no more conversations are remembered than the limit, and the one not seen for longest is forgotten first', () => {
  const { dateOf, turnTo } = calendar(3);
  for (const text of ['a', 'b', 'c']) dateOf(first(text));
  turnTo('2026-01-02');
  // 'b' is the oldest now, and 'd' takes its place.
  dateOf(second('a'));
  dateOf(first('d'));
  turnTo('2026-01-03');
  expect(dateOf(second('a'))).toBe('2026-01-01');
  expect(dateOf(second('c'))).toBe('2026-01-01');
  expect(dateOf(second('d'))).toBe('2026-01-02');
  expect(dateOf(second('b'))).toBe('2026-01-03');
});
