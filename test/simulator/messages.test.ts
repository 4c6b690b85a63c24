import { expect, test } from 'vitest';
import { dictionary, int64, uint64 } from '../../src/xpc/value.ts';
import { finalText, itemsOf, onTokens, typesOf } from './client.ts';
import { client as connectTo, pair, prefill } from './house.ts';

test('every message carries the envelope, with a clock that runs', async () => {
  const { client } = await pair();
  const said = await client.run('a', onTokens(prefill({ user: 'Hi' })));
  expect(said.length).toBeGreaterThan(3);
  for (const message of said) {
    expect(message).toMatchObject({ service: 'codexpc', proto_version: 1, req_id: 'a' });
  }
  const stamps = said.map((message) => Number(message['ts_ns']));
  expect(stamps[0]).toBeGreaterThan(0);
  expect(stamps.toSorted((a, b) => a - b)).toEqual(stamps);
});

test('health and handshake are answered', async () => {
  const { client } = await pair();
  client.send('h', 'health');
  client.send('s', 'handshake');
  await client.next('h', 'health.ok');
  const handshake = await client.next('s', 'handshake.ok');
  expect(handshake).toMatchObject({
    harmony_semver: 'unknown',
    encoding_name: 'HarmonyGptOss',
    stop_tokens_for_assistant_actions: [200002, 200012],
  });
  expect(handshake['special_tokens']).toEqual(
    expect.arrayContaining(['<|start|>', '<|channel|>', '<|message|>', '<|call|>', '<|return|>']),
  );
});

test('a daemon may be of another Harmony, without one, or from before the handshake', async () => {
  const other = await pair({ handshake: { encodingName: 'HarmonyNext', stopTokens: [7] } });
  other.client.send('s', 'handshake');
  expect(await other.client.next('s', 'handshake.ok')).toMatchObject({
    encoding_name: 'HarmonyNext',
    stop_tokens_for_assistant_actions: [7],
  });
  const broken = await pair({ handshake: 'broken' });
  broken.client.send('s', 'handshake');
  expect(await broken.client.next('s', 'handshake.error')).toMatchObject({ code: 'harmony_init_failed' });
  const old = await pair({ handshake: 'unknown' });
  old.client.send('s', 'handshake');
  old.client.send('h', 'health');
  await old.client.next('h', 'health.ok');
  expect(typesOf(old.client.received)).toEqual(['health.ok']);
});

test('a daemon that sends token ids tells its sessions by health, one of today tells none', async () => {
  for (const [output, told] of [
    ['tokens', ['a']],
    ['classic', undefined],
  ] as const) {
    const { client } = await pair({ output });
    client.send('a', 'create_from_tokens', onTokens(prefill({ user: '/sim hang' })));
    await client.next('a', 'created');
    client.send('h', 'health');
    expect((await client.next('h', 'health.ok'))['sessions']).toEqual(told);
  }
});

test('a message without type or request id, or of an unknown type, is dropped in silence', async () => {
  const { client, logged } = await pair();
  client.sendValue(dictionary({ service: 'codexpc', proto_version: uint64(1), req_id: 'x' }));
  client.sendValue(dictionary({ service: 'codexpc', proto_version: uint64(1), type: 'health' }));
  client.send('x', 'teleport');
  client.sendValue(['no dictionary']);
  client.send('h', 'health');
  await client.next('h', 'health.ok');
  expect(typesOf(client.received)).toEqual(['health.ok']);
  expect(logged).toHaveLength(4);
});

test('another protocol version, an absent one and one of another type are refused', async () => {
  const { client } = await pair();
  const bare = { service: 'codexpc', type: 'health' };
  client.sendValue(dictionary({ ...bare, req_id: 'two', proto_version: uint64(2) }));
  client.sendValue(dictionary({ ...bare, req_id: 'none' }));
  client.sendValue(dictionary({ ...bare, req_id: 'signed', proto_version: int64(1) }));
  for (const id of ['two', 'none', 'signed']) {
    expect(await client.end(id)).toMatchObject({ type: 'error', code: 'unsupported_protocol' });
  }
});

test('bytes that are no message cost a client its connection, and no other client anything', async () => {
  const { client, path } = await pair();
  const other = connectTo(path);
  client.sendBytes(Buffer.from([1, 0, 0, 0, 0xff]));
  await client.gone();
  other.send('h', 'health');
  await other.next('h', 'health.ok');
});

test('the field decides the path, whatever the type says', async () => {
  const { client } = await pair();
  const told = (text: string) => `/sim say ${text}`;
  const base = { checkpoint_path: '/models/one.bin' };
  const messages = [
    dictionary({ role: 'system', content: [dictionary({ type: 'text', text: 'You are terse.' })] }),
    dictionary({
      role: 'user',
      content: [
        dictionary({ type: 'image', text: 'ignored' }),
        dictionary({ type: 'text', text: told('from messages') }),
      ],
    }),
  ];
  const json = JSON.stringify({ messages: [{ role: 'user', content: [{ type: 'text', text: told('from JSON') }] }] });
  const input = [dictionary({ type: 'text', text: told('from input') })];

  const all = { ...base, messages, harmony_conversation: json, instructions: 'Be brief.', input };
  const run = async (id: string, fields: Parameters<typeof client.run>[1]) => finalText(await client.run(id, fields));
  expect(await run('a', { ...all, ...onTokens(prefill({ user: told('from tokens') })) })).toBe('from tokens');
  expect(await run('b', all)).toBe('from messages');
  expect(await run('c', { ...base, harmony_conversation: json, input })).toBe('from JSON');
  expect(await run('d', { ...base, instructions: 'Be brief.', input })).toBe('from input');
});

test('a conversation in JSON may hold system and developer contents', async () => {
  const { client } = await pair();
  const conversation = {
    messages: [
      {
        role: 'system',
        content: [{ type: 'system_content', reasoning_effort: 'High', model_identity: 'You are a test.' }],
      },
      {
        role: 'developer',
        content: [
          {
            type: 'developer_content',
            instructions: 'Answer in verse.',
            tools: {
              functions: {
                name: 'functions',
                tools: [{ name: 'look_up', description: 'Looks up.', parameters: { type: 'object', properties: {} } }],
              },
            },
          },
        ],
      },
      { role: 'user', content: 'Hello' },
    ],
  };
  const said = await client.run('a', {
    checkpoint_path: '/models/one.bin',
    harmony_conversation: JSON.stringify(conversation),
  });
  expect(finalText(said)).toContain('Answer in verse.');
  expect(finalText(said)).toContain('look_up');
});

test('a conversation that is no JSON fails the session and frees its slot', async () => {
  const { client, simulator } = await pair();
  const said = await client.run('a', { checkpoint_path: '/models/one.bin', harmony_conversation: '{' });
  expect(typesOf(said)).toEqual(['created', 'error']);
  expect(said[1]).toMatchObject({ code: 'engine_error' });
  expect(simulator.sessions()).toBe(0);
});

test('features tell of tools and reasoning when they were sent', async () => {
  const { client } = await pair();
  const [created] = await client.run('a', onTokens(prefill({ user: 'Hi' }), { tools: [], reasoning: dictionary({}) }));
  expect(created?.['features']).toEqual([
    'health',
    'text_input',
    'harmony_system',
    'token_usage',
    'tools',
    'reasoning',
  ]);
});

test('the paths of messages and texts stand a placeholder for declared tools, the path of tokens does not', async () => {
  const { client } = await pair();
  const tools = [dictionary({ name: 'a', json_schema: '{"type":"object"}' })];
  const input = [dictionary({ text: 'Hi' })];
  const placeholder = { type: 'tool_call.placeholder', status: 'skipped', name: 'placeholder', input: '{}' };
  const onInput = await client.run('a', { checkpoint_path: '/m', input, tools });
  expect(itemsOf(onInput)).toEqual([placeholder]);
  expect(itemsOf(await client.run('b', onTokens(prefill({ user: 'Hi' }), { tools })))).toEqual([]);
});

test('usage counts the prompt and what was sampled, without the token that ends the turn', async () => {
  const { client } = await pair();
  const tokens = prefill({ user: '/sim raw <|channel|>final<|message|>Hello<|return|>' });
  const said = await client.run('a', onTokens(tokens));
  expect(said.at(-1)).toMatchObject({
    type: 'completed',
    response_id: 'a',
    token_usage: { input_tokens: tokens.length, output_tokens: 4, total_tokens: tokens.length + 4 },
  });
});

test('metrics come before completed, and only when there was a delta', async () => {
  const { client } = await pair();
  const silent = await client.run('a', onTokens(prefill({ user: '/sim think Nothing to say' })));
  expect(typesOf(silent)).toEqual(['created', 'completed']);
  const spoken = await client.run('b', onTokens(prefill({ user: '/sim say Something' })));
  expect(typesOf(spoken)).toEqual(['created', 'output_text.delta', 'metrics', 'completed']);
  const metrics = JSON.parse(String(spoken[2]?.['text'])) as { readonly [key: string]: unknown };
  expect(metrics).toMatchObject({ delta_count: 1, tool_calls: 0 });
  expect(metrics['ttfb_ms']).toEqual(expect.any(Number));
  expect(metrics['tokens_per_sec']).toEqual(expect.any(Number));
});

test('max_output_tokens ends an answer, and nothing but the count says so', async () => {
  const { client } = await pair();
  const fields = onTokens(prefill({ user: '/sim repeat 500 word' }), { max_output_tokens: uint64(20) });
  const said = await client.run('a', fields);
  // Three of the twenty are the header: channel, final, message.
  expect(finalText(said)).toBe(Array(17).fill('word').join(' '));
  expect(said.at(-1)).toMatchObject({ type: 'completed', token_usage: { output_tokens: 20 } });
});

test('a cancelled session completes with what it had', async () => {
  const { client, simulator } = await pair();
  client.send('a', 'create_from_tokens', onTokens(prefill({ user: '/sim repeat 1000000 word' })));
  await client.next('a', 'output_text.delta');
  client.cancel('a');
  const completed = await client.end('a');
  expect(completed.type).toBe('completed');
  const { output_tokens: count } = completed['token_usage'] as { output_tokens: number };
  expect(count).toBeGreaterThan(0);
  expect(count).toBeLessThan(1_000_000);
  expect(finalText(client.of('a')).split(' ')).toHaveLength(count - 3);
  expect(simulator.sessions()).toBe(0);
});

test('cancelling what is not there changes nothing', async () => {
  const { client } = await pair();
  client.cancel('nobody');
  client.send('h', 'health');
  await client.next('h', 'health.ok');
  expect(typesOf(client.received)).toEqual(['health.ok']);
});

test('a connection that goes away takes its own sessions with it, and no others', async () => {
  const { client, simulator, path } = await pair();
  const other = connectTo(path);
  const endless = (checkpoint: string) =>
    onTokens(prefill({ user: '/sim pace 50\n/sim repeat 1000000 word' }), { checkpoint_path: checkpoint });
  client.send('a', 'create_from_tokens', endless('/models/a.bin'));
  client.send('b', 'create_from_tokens', endless('/models/b.bin'));
  other.send('c', 'create_from_tokens', endless('/models/c.bin'));
  await client.next('b', 'created');
  await other.next('c', 'created');
  await client.close();
  await new Promise<void>((resolve) => {
    const look = () => (simulator.sessions() === 1 ? resolve() : setImmediate(look));
    look();
  });
  other.cancel('c');
  expect((await other.end('c')).type).toBe('completed');
});
