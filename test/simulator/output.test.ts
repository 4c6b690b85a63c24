import { expect, test } from 'vitest';
import { control } from '../../src/harmony/encoding.ts';
import { createTextOutput } from '../../src/simulator/text-output.ts';
import { finalText, idsOf, itemsOf, onTokens, typesOf } from './client.ts';
import { encoding, pair, prefill } from './house.ts';
import { createManualTimers } from './manual-timers.ts';

function output() {
  const clock = createManualTimers();
  const flushed: string[] = [];
  return { clock, flushed, out: createTextOutput(clock.timers, (text) => flushed.push(text)) };
}

test('fewer than 256 bytes wait for the end', () => {
  const { clock, flushed, out } = output();
  out.add('x'.repeat(255));
  clock.advance(1000);
  expect(flushed).toEqual([]);
  out.close();
  expect(flushed).toEqual(['x'.repeat(255)]);
});

test('256 bytes leave with the next tick of 20 ms', () => {
  const { clock, flushed, out } = output();
  clock.advance(33);
  out.add('x'.repeat(200));
  out.add('é'.repeat(28));
  clock.advance(6);
  expect(flushed).toEqual([]);
  clock.advance(1);
  expect(flushed).toEqual(['x'.repeat(200) + 'é'.repeat(28)]);
  expect(clock.count()).toBe(0);
});

test('4096 bytes leave at once, and the tick that waited for them has nothing left', () => {
  const { clock, flushed, out } = output();
  out.add('x'.repeat(4095));
  expect(flushed).toEqual([]);
  out.add('y');
  expect(flushed).toHaveLength(1);
  out.add('z');
  clock.advance(100);
  expect(flushed).toHaveLength(1);
  out.close();
  expect(flushed.at(-1)).toBe('z');
});

test('a short answer is one delta', async () => {
  const { client } = await pair();
  const answer = await client.run('a', onTokens(prefill({ user: `/sim repeat 50 word` })));
  expect(typesOf(answer).filter((type) => type === 'output_text.delta')).toHaveLength(1);
  expect(finalText(answer)).toBe(Array(50).fill('word').join(' '));
});

test('a daemon of tokens sends ids, control tokens and all, to those who ask', async () => {
  const { client } = await pair({ output: 'tokens' });
  const tokens = prefill({ user: '/sim think Hm.\n/sim say Grüße 👋' });
  const answer = await client.run('a', onTokens(tokens, { emit_token_ids: true }));
  expect(answer[0]?.['features']).toContain('output_token_ids');
  expect(typesOf(answer)).not.toContain('output_text.delta');
  expect(typesOf(answer).slice(-2)).toEqual(['metrics', 'completed']);
  const ids = idsOf(answer);
  expect(encoding.decode(ids)).toBe(
    '<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Grüße 👋<|return|>',
  );
  expect(ids).toContain(control.return);
  expect(answer.at(-1)).toMatchObject({ token_usage: { output_tokens: ids.length - 1 } });
});

test('a daemon of tokens sends text to those who do not ask, and a classic one to all', async () => {
  const tokens = onTokens(prefill({ user: '/sim say Hi' }));
  const { client: modern } = await pair({ output: 'tokens' });
  const { client: classic } = await pair({ output: 'classic' });
  const answers = [
    await modern.run('a', tokens),
    await modern.run('b', { ...tokens, emit_token_ids: 'true' }),
    await classic.run('c', { ...tokens, emit_token_ids: true }),
  ];
  for (const answer of answers) {
    expect(finalText(answer)).toBe('Hi');
    expect(answer[0]?.['features']).not.toContain('output_token_ids');
  }
});

test('tokens are sent with each step of the engine, however few', async () => {
  const clock = createManualTimers();
  const { client } = await pair({ output: 'tokens', timers: clock.timers, pace: 100 });
  const fields = onTokens(prefill({ user: '/sim say a b c' }), { emit_token_ids: true });
  client.send('a', 'create_from_tokens', fields);
  const wanted = encoding.encode('a b c').length + 4;
  for (let count = 1; count <= wanted; count++) {
    await clock.waitingFor(1);
    clock.advance(10);
    await client.until((messages) => (idsOf(messages).length === count ? true : undefined));
  }
  await client.end('a');
  expect(typesOf(client.of('a')).filter((type) => type === 'output_token_ids.delta')).toHaveLength(wanted);
});

test('a call is reported behind its tokens', async () => {
  const { client } = await pair({ output: 'tokens' });
  const fields = onTokens(prefill({ user: '/sim call f {}\n/sim say ok' }), { emit_token_ids: true });
  const answer = await client.run('a', fields);
  const types = typesOf(answer);
  expect(types.indexOf('output_item.done')).toBeGreaterThan(types.indexOf('output_token_ids.delta'));
  expect(itemsOf(answer)).toHaveLength(1);
  const before = idsOf(answer.slice(0, types.indexOf('output_item.done')));
  expect(encoding.decode(before)).toBe(' to=functions.f<|channel|>commentary <|constrain|>json<|message|>{}<|call|>');
});

test('a client that reads nothing stops the engine, not the memory', async () => {
  const { client, simulator } = await pair({ output: 'tokens' });
  client.socket.pause();
  client.send(
    'a',
    'create_from_tokens',
    onTokens(prefill({ user: '/sim repeat 1000000 word' }), { emit_token_ids: true }),
  );
  let before = -1;
  let still = 0;
  while (still < 50) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const now = simulator.engines()[0]?.contextTokens ?? 0;
    still = now === before && now > 0 ? still + 1 : 0;
    before = now;
  }
  expect(before).toBeLessThan(500_000);
  client.socket.resume();
  client.cancel('a');
  await client.end('a');
});

test('texts end at their first NUL, as C strings do; token ids bring it', async () => {
  const fields = onTokens(prefill({ user: '/sim say before\0after' }), { emit_token_ids: true });
  const { client: classic } = await pair({ output: 'classic' });
  expect(finalText(await classic.run('a', fields))).toBe('before');
  const { client: modern } = await pair({ output: 'tokens' });
  expect(encoding.decode(idsOf(await modern.run('b', fields)))).toContain('before\0after');
  const call = onTokens(prefill({ user: '/sim call f {"a": "b\0c"}' }));
  expect(itemsOf(await classic.run('c', call))).toMatchObject([{ name: 'functions.f', input: '{"a": "b' }]);
});
