import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { directiveForms } from '../../src/simulator/directives.ts';
import { parseScript } from '../../src/simulator/script-schema.ts';
import { finalText, idsOf, itemsOf, onTokens, typesOf } from './client.ts';
import { calledTool, pair, prefill } from './house.ts';

const ask = (user: string) => onTokens(prefill({ user }));

test('the first rule that fits is followed, before any directive', async () => {
  const script = parseScript({
    rules: [
      { when: { contains: 'weather', matches: '^what' }, do: ['say It rains.'] },
      { when: { contains: 'weather' }, do: [{ think: 'Hm.\nHm.' }, { say: 'Weather,\nyes.' }] },
      { when: { session: 4 }, do: ['say The fourth.'] },
    ],
  });
  const { client } = await pair({ script });
  expect(finalText(await client.run('1', ask('what weather?')))).toBe('It rains.');
  expect(finalText(await client.run('2', ask('the weather\n/sim say no')))).toBe('Weather,\nyes.');
  expect(finalText(await client.run('3', ask('/sim say else')))).toBe('else');
  expect(finalText(await client.run('4', ask('hello')))).toBe('The fourth.');
});

test('a rule for so many times is done with then, its later parts included', async () => {
  const script = parseScript({ rules: [{ when: {}, times: 1, do: [{ call: 'f', input: { a: 1 } }, 'say Done.'] }] });
  const { client } = await pair({ script });
  const first = await client.run('1', ask('go'));
  expect(itemsOf(first)).toMatchObject([{ name: 'functions.f', input: '{"a":1}' }]);
  expect(finalText(first)).toBe('Done.');
  const more = calledTool('functions.f', '{"a":1}', 'result');
  expect(finalText(await client.run('2', onTokens(prefill({ user: 'go', more }))))).toBe('Done.');
  expect(finalText(await client.run('3', ask('go')))).toContain('simulator');
});

test('a daemon that fails once and then works', async () => {
  const script = parseScript({
    rules: [
      { when: { contains: 'try' }, times: 1, do: ['fail over_capacity'] },
      { when: { contains: 'try' }, times: 1, do: [{ fail: 'engine_error', message: 'out of memory' }] },
      { when: { contains: 'try' }, do: ['say At last.'] },
    ],
  });
  const { client } = await pair({ script });
  expect(typesOf(await client.run('1', ask('try')))).toEqual(['error']);
  expect((await client.run('2', ask('try')))[1]).toMatchObject({ code: 'engine_error', message: 'out of memory' });
  expect(finalText(await client.run('3', ask('try')))).toBe('At last.');
});

test('a rule may hold only behind so many calls', async () => {
  const script = parseScript({ rules: [{ when: { calls: 1 }, do: ['call g', 'say first', 'say second'] }] });
  const { client } = await pair({ script });
  const more = calledTool('functions.f', '{}', 'result');
  const answer = await client.run('1', onTokens(prefill({ user: '/sim say plain', more })));
  expect(finalText(answer)).toContain('first\nsecond');
  expect(finalText(await client.run('2', ask('/sim say plain')))).toBe('plain');
});

test('messages of any kind can be sent: odd types, other request ids, twice, without envelope', async () => {
  const script = parseScript({
    rules: [
      {
        when: { contains: 'odd' },
        do: [
          { send: { type: 'mystery', n: 3, below: -1, half: 0.5, list: [true, null, { a: 'b' }] } },
          { send: { type: 'output_text.delta', req_id: 'someone else', text: 'not yours' } },
          { send: { type: 'output_text.delta', text: 'twice' } },
          'again',
          { send: { type: 'completed', service: null, ts_ns: null } },
          'say Over.',
        ],
      },
    ],
  });
  const { client } = await pair({ script });
  client.send('a', 'create_from_tokens', ask('odd'));
  await client.next('a', 'metrics');
  await client.until((messages) =>
    messages.filter(({ type }) => type === 'completed').length === 2 ? true : undefined,
  );
  expect(client.received[1]).toMatchObject({
    type: 'mystery',
    n: 3,
    below: -1,
    half: 0.5,
    list: [true, null, { a: 'b' }],
  });
  expect(client.of('someone else')).toMatchObject([{ text: 'not yours' }]);
  const own = client.of('a');
  expect(typesOf(own)).toEqual([
    'created',
    'mystery',
    'output_text.delta',
    'output_text.delta',
    'completed',
    'output_text.delta',
    'metrics',
    'completed',
  ]);
  expect(own[2]).toEqual(own[3]);
  expect(own[4]).not.toHaveProperty('service');
});

test('tokens can be told by their ids', async () => {
  const script = parseScript({ rules: [{ do: [{ tokens: [200005, 17196, 200008, 13225] }, { raw: '<|return|>' }] }] });
  const { client } = await pair({ script, output: 'tokens' });
  const answer = await client.run('a', onTokens(prefill({ user: 'Hi' }), { emit_token_ids: true }));
  expect(idsOf(answer)).toEqual([200005, 17196, 200008, 13225, 200002]);
});

test('what is wrong with a script is named with its place', () => {
  const wrong = (script: unknown) => {
    try {
      parseScript(script);
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing';
  };
  expect(wrong({ rules: [{ do: ['say a', 'dance'] }] })).toMatch(/rules\[0\]\.do\[1\].*"dance" is none of: say TEXT/u);
  expect(wrong({ rules: [{ when: { matches: '(' }, do: ['answer'] }] })).toMatch(/rules\[0\]\.when\.matches/u);
  expect(wrong({ rules: [{ when: { turn: 1 }, do: ['answer'] }] })).toMatch(/rules\[0\]\.when.*turn/u);
  expect(wrong({ rules: [{ do: [] }] })).toMatch(/rules\[0\]\.do/u);
  expect(wrong({ rules: [{ do: [{ sing: 'la' }] }] })).toMatch(/rules\[0\]\.do\[0\]/u);
  expect(wrong([])).toMatch(/its top/u);
});

test('the example script is right, and does what it says', async () => {
  const text = await readFile(new URL('../../config/simulator-script.example.yaml', import.meta.url), 'utf8');
  const script = parseScript(parse(text));
  const { client } = await pair({ script });
  expect(finalText(await client.run('1', ask('Hello')))).toMatch(/^Good morning\.\nThis is the codexpc simulator/u);
  expect(typesOf(await client.run('2', ask('try again')))).toEqual(['error']);
  expect(typesOf(await client.run('3', ask('try again')))).toEqual(['created', 'error']);
  expect(finalText(await client.run('4', ask('try again')))).toBe('Now it works.');
  expect(itemsOf(await client.run('5', ask('list files')))[0]).toMatchObject({ input: '{"cmd":"ls"}' });
  expect(finalText(await client.run('6', ask('noise')))).toBe('Twice. Twice. Once.');
});

test('the documentation has every directive and every key', async () => {
  const text = await readFile(new URL('../../docs/simulator.md', import.meta.url), 'utf8');
  for (const form of directiveForms) expect(text, form).toContain(`\`/sim ${form}\``);
  for (const key of ['contains', 'matches', 'session', 'calls']) expect(text).toContain(`| \`${key}\` |`);
});
