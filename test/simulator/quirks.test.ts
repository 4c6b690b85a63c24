import { expect, test } from 'vitest';
import { encodeMarkers } from '../../src/simulator/markers.ts';
import { dictionary, double, uint64 } from '../../src/xpc/value.ts';
import { finalText, idsOf, itemsOf, onTokens, typesOf } from './client.ts';
import { client as connectTo, encoding, pair, prefill, said } from './house.ts';
import { createManualTimers } from './manual-timers.ts';

const endless = (word: string) => onTokens(prefill({ user: `/sim repeat 1000000 ${word}` }));

test('quirk 1: two sessions on one checkpoint corrupt each other', async () => {
  const clock = createManualTimers();
  const { client } = await pair({ timers: clock.timers, pace: 1000, output: 'tokens' });
  const ask = (text: string) => onTokens(prefill({ user: `/sim say ${text}` }), { emit_token_ids: true });
  const textOf = (id: string) => encoding.decode(idsOf(client.of(id)));
  client.send('a', 'create_from_tokens', ask('one two three four five six seven'));
  // Channel, final, message, one, two.
  for (let count = 1; count <= 5; count++) {
    await clock.waitingFor(1);
    clock.advance(1);
    await client.until((messages) => (idsOf(messages).length === count ? true : undefined));
  }
  client.send('b', 'create_from_tokens', ask('red green blue black white grey pink'));
  await client.next('b', 'created');
  while (!client.received.some(({ type }) => type === 'completed')) {
    clock.advance(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  client.cancel('a');
  client.cancel('b');
  await client.end('a');
  await client.end('b');
  // From when the second begins, each token of its answer goes to whoever samples next.
  expect(textOf('a')).toMatch(/^<\|channel\|>final<\|message\|>one two.*(?:red|green|blue|black|white|grey|pink)/u);
  expect(textOf('a')).not.toContain('three');
  expect(textOf('b')).not.toContain('red green blue black white grey pink');
});

test('quirk 1: sessions on different checkpoints do not disturb each other', async () => {
  const { client } = await pair();
  const texts = ['one two three', 'red green blue'];
  const answers = texts.map((text, index) =>
    client.run(text, onTokens(prefill({ user: `/sim say ${text}` }), { checkpoint_path: `/models/${index}.bin` })),
  );
  expect((await Promise.all(answers)).map(finalText)).toEqual(texts);
});

test('quirk 2: the fifth session is over capacity, and is not created', async () => {
  const { client, simulator } = await pair();
  for (const id of ['1', '2', '3', '4']) client.send(id, 'create_from_tokens', endless('word'));
  await client.next('4', 'created');
  const refused = await client.run('5', endless('word'));
  expect(typesOf(refused)).toEqual(['error']);
  expect(refused[0]).toMatchObject({ code: 'over_capacity' });
  expect(simulator.sessions()).toBe(4);
  client.cancel('1');
  await client.end('1');
  expect(typesOf(await client.run('6', onTokens(prefill({ user: 'Hi' }))))).toContain('completed');
});

test('quirk 3: a session without checkpoint_path leaks its slot, also beyond its connection', async () => {
  const { client, simulator, path } = await pair();
  const fields = { prefill_tokens: new Uint8Array(4) };
  expect(typesOf(await client.run('1', fields))).toEqual(['created', 'error']);
  expect(client.of('1')[1]).toMatchObject({ code: 'bad_request' });
  for (const id of ['2', '3', '4']) await client.run(id, fields);
  await client.close();
  expect(simulator.sessions()).toBe(4);
  const refused = await connectTo(path).run('5', onTokens(prefill({ user: 'Hi' })));
  expect(refused[0]).toMatchObject({ type: 'error', code: 'over_capacity' });
});

test('quirk 4: the daemon goes on after a tool call, as if the tool had said nothing', async () => {
  const { client } = await pair();
  const user = '/sim call get_weather {"city":"Oslo"}\n/sim call functions.other not JSON\n/sim say It is done.';
  const answer = await client.run('a', onTokens(prefill({ user })));
  expect(itemsOf(answer)).toEqual([
    {
      type: 'tool_call',
      status: 'requested',
      name: 'functions.get_weather',
      input: '{"city":"Oslo"}',
      arguments: '{"city":"Oslo"}',
      call_id: 'call-1',
    },
    { type: 'tool_call', status: 'requested', name: 'functions.other', input: 'not JSON', call_id: 'call-2' },
  ]);
  expect(finalText(answer)).toBe('It is done.');
  const again = await client.run('b', onTokens(prefill({ user })));
  expect(itemsOf(again).map((item) => item['call_id'])).toEqual(['call-1', 'call-2']);
});

test('quirk 4: the daemon may run its own tools, and tells the model what they said', async () => {
  const { client } = await pair({ allowTools: true });
  const user = '/sim call x.y {}\n/sim answer';
  const unknown = await client.run('a', onTokens(prefill({ user })));
  expect(itemsOf(unknown)[1]).toMatchObject({ type: 'tool_call.output', status: 'failed', name: 'x.y' });
  expect(finalText(unknown)).toContain('unsupported tool: x.y');

  const raw = '<|channel|>commentary to=upper <|constrain|>json<|message|>{"text":"loud"}<|call|>';
  const upper = await client.run(
    'b',
    onTokens(prefill({ user: `/sim raw ${raw}` }), { max_output_tokens: uint64(60) }),
  );
  expect(itemsOf(upper)[1]).toEqual({ type: 'tool_call.output', status: 'completed', name: 'upper', output: 'LOUD' });
});

test('quirk 5: declared tools are never known, since their names are compared with the prefix on', async () => {
  const { client } = await pair();
  const tools = [dictionary({ name: 'get_weather', json_schema: '{"type":"object","required":["city"]}' })];
  const user = '/sim call get_weather {"city":"Oslo"}\n/sim answer';
  const answer = await client.run('a', onTokens(prefill({ user }), { tools }));
  expect(itemsOf(answer)).toMatchObject([
    { type: 'tool_call', name: 'functions.get_weather' },
    { type: 'tool_call.output', status: 'failed', output: 'unknown tool: functions.get_weather' },
  ]);
  expect(finalText(answer)).toContain('unknown tool: functions.get_weather');
});

test('quirk 5: a tool declared with its prefix is known, and its arguments are checked', async () => {
  const { client } = await pair();
  const schema = dictionary({
    type: 'object',
    required: ['city'],
    properties: dictionary({ city: dictionary({ type: 'string' }) }),
  });
  const tools = [dictionary({ name: 'functions.get_weather', json_schema: schema })];
  const outputs = async (id: string, input: string) =>
    itemsOf(await client.run(id, onTokens(prefill({ user: `/sim call get_weather ${input}\n/sim say ok` }), { tools })))
      .filter((item) => item.type === 'tool_call.output')
      .map((item) => item['output']);
  expect(await outputs('a', '{"city":"Oslo"}')).toEqual([]);
  expect(await outputs('b', '{}')).toEqual(['missing required: city']);
  expect(await outputs('c', '{"city":1}')).toEqual(['invalid field city: expected string']);
  expect(await outputs('d', '{"city"')).toEqual(['invalid json']);
});

test('quirk 6: prime_final tells the reader alone, so a wrong one lets analysis out as text', async () => {
  const { client } = await pair();
  const user = '/sim think I had better be careful.\n/sim say Yes.';
  const right = await client.run('a', onTokens(prefill({ user }), { prime_final: false }));
  expect(finalText(right)).toBe('Yes.');
  const wrong = await client.run('b', onTokens(prefill({ user }), { prime_final: true }));
  expect(finalText(wrong)).toContain('I had better be careful.');
});

test('quirk 6: a prefill that ends inside the final channel is gone on with', async () => {
  const { client } = await pair();
  const tokens = prefill({ user: '/sim think Never said.\n/sim say Yes.', primeFinal: true });
  const answer = await client.run('a', onTokens(tokens, { prime_final: true }));
  expect(finalText(answer)).toBe('Yes.');
  expect(answer.at(-1)).toMatchObject({ token_usage: { output_tokens: encoding.encode('Yes.').length } });
});

test('quirk 7: analysis and commentary are never sent, and count', async () => {
  const { client } = await pair();
  const raw =
    '<|channel|>analysis<|message|>Secret.<|end|><|start|>assistant<|channel|>commentary<|message|>Aside.<|end|>' +
    '<|start|>assistant<|channel|>final<|message|>Open.<|return|>';
  const answer = await client.run('a', onTokens(prefill({ user: `/sim raw ${raw}` })));
  expect(finalText(answer)).toBe('Open.');
  const output_tokens = encodeMarkers(raw, encoding).length - 1;
  expect(answer.at(-1)).toMatchObject({ token_usage: { output_tokens } });
});

test('quirk 7: after 64 tokens without more final text the daemon ends the message by itself', async () => {
  const { client } = await pair();
  const quiet = (count: number) =>
    `/sim raw <|channel|>final<|message|>Yes<|end|><|start|>assistant<|channel|>analysis<|message|>${' word'.repeat(count)}<|end|><|start|>assistant<|channel|>final<|message|> and no<|return|>`;
  const shortly = await client.run('a', onTokens(prefill({ user: quiet(40) })));
  expect(finalText(shortly)).toBe('Yes and no');
  const long = await client.run('b', onTokens(prefill({ user: quiet(200) })));
  expect(finalText(long)).toBe('Yes');
  // channel, final, message, Yes: the 64 are counted from the token that brought text.
  expect(long.at(-1)).toMatchObject({ type: 'completed', token_usage: { output_tokens: 3 + 64 } });
});

test('quirk 7: before there is final text, analysis may be as long as it likes', async () => {
  const { client } = await pair();
  const answer = await client.run(
    'a',
    onTokens(prefill({ user: `/sim think ${'hm '.repeat(300)}\n/sim say At last.` })),
  );
  expect(finalText(answer)).toBe('At last.');
});

test('quirk 8: a prompt that begins with what the engine last held skips that part of prefill', async () => {
  const { client, simulator } = await pair();
  const user = 'Tell me something.';
  const first = prefill({ user });
  const answer = await client.run('a', onTokens(first));
  expect(simulator.engines()).toMatchObject([{ prefillTokens: first.length, reusedTokens: 0 }]);

  const more = [said('assistant', finalText(answer), { channel: 'final' }), said('user', 'And now?')];
  const next = prefill({ user, more });
  await client.run('b', onTokens(next));
  // Behind the first prompt stood analysis, which isn't part of the second: they share one more token, the channel's.
  expect(simulator.engines()).toMatchObject([{ prefillTokens: next.length, reusedTokens: first.length + 1 }]);

  await client.run('c', onTokens(next));
  expect(simulator.engines()[0]).toMatchObject({ reusedTokens: next.length });
});

test('quirk 8: what the engine generated is in its cache too', async () => {
  const { client, simulator } = await pair();
  const user = '/sim say Something.';
  await client.run('a', onTokens(prefill({ user })));
  const next = prefill({ user, more: [said('assistant', 'Something.', { channel: 'final' }), said('user', 'More.')] });
  await client.run('b', onTokens(next));
  // All but the end: a final answer ends in <|return|> when it is sampled and in <|end|> when it is history.
  const shared = prefill({ user, primeFinal: true }).length + encoding.encode('Something.').length;
  expect(simulator.engines()[0]?.reusedTokens).toBe(shared);
});

test('quirk 8: prefill takes time for the tokens that are not in the cache', async () => {
  const clock = createManualTimers();
  const { client } = await pair({ timers: clock.timers, prefillRate: 1000 });
  const tokens = prefill({ user: '/sim say Hi' });
  client.send('a', 'create_from_tokens', onTokens(tokens));
  await clock.waitingFor(1);
  clock.advance(tokens.length - 1);
  expect(clock.count()).toBe(1);
  clock.advance(1);
  await client.end('a');
  // The same prompt again has nothing to wait for.
  await client.run('b', onTokens(tokens));
  expect(clock.count()).toBe(0);
});

test('quirk 9: the first session that declares tools narrows what the daemon runs for all', async () => {
  const { client } = await pair({ allowTools: true });
  const call = (name: string) =>
    onTokens(
      prefill({ user: `/sim raw <|channel|>commentary to=${name} <|constrain|>json<|message|>{"a":"b"}<|call|>` }),
      {
        max_output_tokens: uint64(40),
      },
    );
  const outputs = async (id: string, name: string) =>
    itemsOf(await client.run(id, call(name))).find((item) => item.type === 'tool_call.output')?.['output'];
  expect(await outputs('a', 'upper')).toBe('B');
  const tools = [dictionary({ name: 'echo', json_schema: '{"type":"object"}' })];
  await client.run('b', onTokens(prefill({ user: 'Hi' }), { tools }));
  expect(await outputs('c', 'upper')).toBe('tool not allowed: upper');
  expect(await outputs('d', 'echo')).toBe('b');
});

test('quirk 10: the flat temperature counts, and is 0 when absent', async () => {
  const { client } = await pair();
  const tokens = prefill({ user: 'Hi' });
  const sampling = dictionary({ temperature: double(1) });
  const run = async (id: string, fields: object) =>
    finalText(await client.run(id, { ...onTokens(tokens), sampling, ...fields }));
  const { temperature: _, ...greedy } = onTokens(tokens);
  expect(finalText(await client.run('a', greedy))).toContain('Temperature: 0.');
  expect(await run('b', { temperature: double(0.5) })).toContain('Temperature: 0.5.');
  expect(await run('c', { temperature: double(9) })).toContain('Temperature: 4.');
  expect(await run('d', { temperature: uint64(1) })).toContain('Temperature: 0.');
});

test('quirk 11: no prefill tokens are still prefill tokens when they are sent as empty data', async () => {
  const { client } = await pair();
  const input = [dictionary({ text: '/sim say from input' })];
  const empty = await client.run('a', { ...onTokens(new Uint32Array()), input });
  expect(finalText(empty)).toContain('There is no user message.');
  expect(empty.at(-1)).toMatchObject({ token_usage: { input_tokens: 0 } });
  const { prefill_tokens: _, ...absent } = onTokens(new Uint32Array());
  expect(finalText(await client.run('b', { ...absent, input }))).toBe('from input');
});

test('quirk 12: the hook that forces a tool call reports one in each session', async () => {
  const { client } = await pair({ forceTool: { name: 'echo', input: '{"text":"x"}' }, allowTools: true });
  const answer = await client.run('a', onTokens(prefill({ user: '/sim say Hi' })));
  expect(itemsOf(answer)).toEqual([
    { type: 'tool_call', status: 'requested', name: 'echo', input: '{"text":"x"}', arguments: '{"text":"x"}' },
    { type: 'tool_call.output', status: 'completed', name: 'echo', output: 'x' },
  ]);
  expect(finalText(answer)).toBe('Hi');
});
