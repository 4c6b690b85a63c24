import { expect, test } from 'vitest';
import { parseDirective, readDirectives } from '../../src/simulator/directives.ts';
import { finalText, idsOf, itemsOf, onTokens, typesOf } from './client.ts';
import type { Client } from './client.ts';
import { calledTool, client as connectTo, encoding, pair, prefill, said, start } from './house.ts';
import { createManualTimers } from './manual-timers.ts';

const weather = {
  name: 'get_weather',
  description: 'Gets the weather.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

/** What a session on a prompt samples, as Harmony. */
async function harmony(client: Client, turn: Parameters<typeof prefill>[0]): Promise<string> {
  const id = `request ${client.received.length}`;
  return encoding.decode(idsOf(await client.run(id, onTokens(prefill(turn), { emit_token_ids: true }))));
}

test('lines are read as they stand, others are passed over', () => {
  expect(readDirectives('Hello\n  /sim say  two  blanks \r\nmore\n/sim pace 2.5\n/simsay no')).toEqual([
    { type: 'say', text: ' two  blanks ' },
    { type: 'pace', tokensPerSecond: 2.5 },
  ]);
  expect(readDirectives('say something about /sim say')).toBeNull();
});

test('a directive that is none is answered with those there are', () => {
  for (const directive of [
    'dance',
    'pace fast',
    'pace 0',
    'repeat x y',
    'prefill',
    'crash now',
    'say',
    'call',
    'fail',
  ]) {
    expect(parseDirective(directive), directive).toBeNull();
    expect(readDirectives(`/sim ${directive}`)).toEqual([
      { type: 'say', text: expect.stringContaining(`"/sim ${directive}"`) },
    ]);
  }
});

test('thoughts and sayings become messages, those that follow each other lines of one', async () => {
  const { client } = await pair({ output: 'tokens' });
  expect(await harmony(client, { user: '/sim think a\n/sim think b\n/sim say c\n/sim say d' })).toBe(
    '<|channel|>analysis<|message|>a\nb<|end|><|start|>assistant<|channel|>final<|message|>c\nd<|return|>',
  );
});

test('what is said before a call is commentary, and the call ends the turn', async () => {
  const { client } = await pair({ output: 'tokens' });
  const user = '/sim think a\n/sim say Let me see.\n/sim call get_weather {"city":"Oslo"}\n/sim say never';
  const call = ' to=functions.get_weather<|channel|>commentary <|constrain|>json<|message|>{"city":"Oslo"}<|call|>';
  const sampled = await harmony(client, { user });
  expect(sampled.split('<|call|>')[0]).toBe(
    '<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary<|message|>Let me see.<|end|>' +
      `<|start|>assistant${call}`.replace('<|call|>', ''),
  );
});

test('a call that was answered is not made again: what stands behind it is next', async () => {
  const { client } = await pair({ output: 'tokens' });
  const user =
    '/sim call get_weather {"city":"Oslo"}\n/sim think t\n/sim call get_weather {"city":"Rome"}\n/sim say Done.';
  const first = calledTool('functions.get_weather', '{"city":"Oslo"}', 'rain');
  const second = calledTool('functions.get_weather', '{"city":"Rome"}', 'sun');
  expect(await harmony(client, { user, more: first })).toContain(
    '<|channel|>analysis<|message|>t<|end|><|start|>assistant to=functions.get_weather<|channel|>commentary <|constrain|>json<|message|>{"city":"Rome"}<|call|>',
  );
  expect(await harmony(client, { user, more: [...first, ...second] })).toBe(
    '<|channel|>final<|message|>Done.<|return|>',
  );
});

test('when nothing stands behind the last call, the answer comes from what the tool said', async () => {
  const { client } = await pair({ output: 'tokens' });
  const user = '/sim call get_weather {"city":"Oslo"}';
  const more = calledTool('functions.get_weather', '{"city":"Oslo"}', 'It rains in Oslo.');
  expect(await harmony(client, { user, more })).toContain('It rains in Oslo.');
  const again = [...more, ...calledTool('functions.get_weather', '{}', 'Still raining.')];
  expect(await harmony(client, { user, more: again })).toContain('Still raining.');
});

test('directives of an earlier user message are history', async () => {
  const { client } = await pair();
  const more = [said('assistant', 'Hi', { channel: 'final' }), said('user', 'And now?')];
  expect(finalText(await client.run('a', onTokens(prefill({ user: '/sim say Hi', more }))))).toContain('And now?');
});

test('a call without arguments gets such as the tool takes; text for a tool of text is wrapped', async () => {
  const { client } = await pair();
  const patch = {
    name: 'apply_patch',
    description: 'Patches.',
    parameters: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
  };
  const user = '/sim call get_weather\n/sim call apply_patch *** Begin\n/sim call nowhere\n/sim say ok';
  const answer = await client.run('a', onTokens(prefill({ user, tools: [weather, patch] })));
  expect(itemsOf(answer).map(({ name, input }) => [name, input])).toEqual([
    ['functions.get_weather', '{"city":"city"}'],
    ['functions.apply_patch', '{"input":"*** Begin"}'],
    ['functions.nowhere', '{}'],
  ]);
});

test('repeat says a text so many times', async () => {
  const { client } = await pair();
  const run = async (id: string, user: string) => finalText(await client.run(id, onTokens(prefill({ user }))));
  expect(await run('a', '/sim repeat 3 la')).toBe('la la la');
  expect(await run('b', '/sim say Sing:\n/sim repeat 2 la li')).toBe('Sing:\nla li la li');
  expect(await run('c', '/sim repeat 0 la')).toBe('');
});

test('answer stands for what would have been answered', async () => {
  const { client } = await pair();
  const answer = finalText(await client.run('a', onTokens(prefill({ user: '/sim say Well.\n/sim answer' }))));
  expect(answer).toMatch(/^Well\./u);
  expect(answer).toContain('This is the codexpc simulator');
});

test('raw Harmony goes out as it is, its markers as control tokens', async () => {
  const { client } = await pair({ output: 'tokens' });
  const raw = '<|channel|>final<|constrain|><|channel|>again<|message|>x<|reserved_200013|><|nonsense|><|end|><|end|>';
  const answer = await client.run('a', onTokens(prefill({ user: `/sim raw ${raw}` }), { emit_token_ids: true }));
  const ids = idsOf(answer);
  expect(encoding.decode(ids)).toBe(`${raw}<|return|>`);
  expect(ids.filter((id) => id >= 199998)).toEqual([200005, 200003, 200005, 200008, 200013, 200007, 200007, 200002]);
});

test('pace sets tokens per second, from where it stands', async () => {
  const clock = createManualTimers();
  const { client } = await pair({ timers: clock.timers, output: 'tokens' });
  const user = '/sim say quick\n/sim pace 4\n/sim say slow';
  client.send('a', 'create_from_tokens', onTokens(prefill({ user }), { emit_token_ids: true }));
  await clock.waitingFor(1);
  expect(encoding.decode(idsOf(client.of('a')))).toBe('<|channel|>final<|message|>quick');
  clock.advance(249);
  expect(clock.count()).toBe(1);
  clock.advance(1);
  await clock.waitingFor(1);
  await client.until((messages) => (encoding.decode(idsOf(messages)).endsWith('quick\n') ? true : undefined));
  clock.advance(250);
  await client.until((messages) => (encoding.decode(idsOf(messages)).endsWith('slow') ? true : undefined));
  await clock.waitingFor(1);
  clock.advance(250);
  await client.end('a');
});

test('prefill waits before the first token, wherever it stands, and hears no cancel meanwhile', async () => {
  const clock = createManualTimers();
  const { client } = await pair({ timers: clock.timers });
  client.send('a', 'create_from_tokens', onTokens(prefill({ user: '/sim say Hi\n/sim prefill 5000' })));
  await clock.waitingFor(1);
  client.cancel('a');
  client.send('h', 'health');
  await client.next('h', 'health.ok');
  expect(typesOf(client.of('a'))).toEqual(['created']);
  clock.advance(5000);
  await client.end('a');
  expect(typesOf(client.of('a'))).toEqual(['created', 'completed']);
});

test('a wait hears a cancel', async () => {
  const clock = createManualTimers();
  const { client } = await pair({ timers: clock.timers });
  client.send('a', 'create_from_tokens', onTokens(prefill({ user: '/sim say Hi\n/sim wait 5000\n/sim say never' })));
  await clock.waitingFor(1);
  client.cancel('a');
  expect((await client.end('a')).type).toBe('completed');
  expect(finalText(client.of('a'))).toBe('Hi');
  expect(clock.count()).toBe(0);
});

test('fail ends the session by an error, which frees its slot', async () => {
  const { client, simulator } = await pair();
  const engine = await client.run('a', onTokens(prefill({ user: '/sim say lost\n/sim fail engine_error' })));
  expect(typesOf(engine)).toEqual(['created', 'error']);
  expect(engine[1]).toMatchObject({ code: 'engine_error', message: 'the simulator was told to fail' });
  const bad = await client.run('b', onTokens(prefill({ user: '/sim fail bad_request no such thing' })));
  expect(bad[1]).toMatchObject({ code: 'bad_request', message: 'no such thing' });
  expect(simulator.sessions()).toBe(0);
});

test('over_capacity comes without created, as from a daemon that has no slot', async () => {
  const { client } = await pair();
  const refused = await client.run('a', onTokens(prefill({ user: '/sim fail over_capacity' })));
  expect(typesOf(refused)).toEqual(['error']);
  expect(refused[0]).toMatchObject({ code: 'over_capacity', message: 'too many concurrent sessions' });
});

test('hang says nothing more, not even to a cancel, until the connection is gone', async () => {
  const { client, simulator, path } = await pair({ output: 'tokens' });
  const user = '/sim say Well\n/sim hang';
  client.send('a', 'create_from_tokens', onTokens(prefill({ user }), { emit_token_ids: true }));
  await client.until((messages) => (encoding.decode(idsOf(messages)).endsWith('Well') ? true : undefined));
  client.cancel('a');
  client.send('h', 'health');
  await client.next('h', 'health.ok');
  expect(simulator.sessions()).toBe(1);
  expect(typesOf(client.of('a'))).not.toContain('completed');
  await client.close();
  const other = connectTo(path);
  other.send('h', 'health');
  await other.next('h', 'health.ok');
  expect(simulator.sessions()).toBe(0);
});

test('crash cuts all connections mid-stream, and the daemon starts again with nothing in its engines', async () => {
  const clock = createManualTimers();
  const { simulator, path } = await start({ timers: clock.timers, output: 'tokens', restartDelay: 300 });
  const [client, bystander] = [connectTo(path), connectTo(path)];
  bystander.send('h', 'health');
  await bystander.next('h', 'health.ok');
  const user = '/sim say half an ans\n/sim wait 10\n/sim crash';
  client.send('a', 'create_from_tokens', onTokens(prefill({ user }), { emit_token_ids: true }));
  await client.until((messages) => (encoding.decode(idsOf(messages)).endsWith('ans') ? true : undefined));
  await clock.waitingFor(1);
  clock.advance(10);
  await Promise.all([client.gone(), bystander.gone()]);
  expect(typesOf(client.of('a')).at(-1)).toBe('output_token_ids.delta');

  await clock.waitingFor(1);
  const early = connectTo(path);
  await early.gone();
  clock.advance(300);
  await expect
    .poll(async () => {
      const late = connectTo(path);
      late.send('h', 'health');
      return (await late.next('h', 'health.ok').catch(() => ({ type: 'refused' }))).type;
    })
    .toBe('health.ok');
  expect(simulator.sessions()).toBe(0);
  expect(simulator.engines()).toEqual([]);
});

test('who wants to know of a crash decides what becomes of it', async () => {
  let crashed = () => undefined as void;
  const told = new Promise<void>((resolve) => {
    crashed = resolve;
  });
  const { path } = await start({ onCrash: () => crashed() });
  const client = connectTo(path);
  client.send('a', 'create_from_tokens', onTokens(prefill({ user: '/sim crash' })));
  await client.gone();
  await told;
  await connectTo(path).gone();
});
