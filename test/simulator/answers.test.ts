import { expect, test } from 'vitest';
import { control } from '../../src/harmony/encoding.ts';
import { finalText, idsOf, itemsOf, onTokens } from './client.ts';
import type { Client } from './client.ts';
import { calledTool, encoding, pair, prefill, said } from './house.ts';
import type { Turn } from './house.ts';

const tools = [
  {
    name: 'get_weather',
    description: 'Gets the weather.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
      required: ['city', 'unit'],
    },
  },
  { name: 'get_time', description: 'Gets the time.', parameters: null },
  {
    name: 'apply_patch',
    description: 'Patches.',
    parameters: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
  },
];

async function ask(client: Client, turn: Turn) {
  const tokens = prefill(turn);
  const primed = turn.primeFinal ?? false;
  return client.run(`request ${client.received.length}`, onTokens(tokens, { prime_final: primed }));
}

const harmonyOf = async (client: Client, turn: Turn) =>
  encoding.decode(
    idsOf(await client.run(`h ${client.received.length}`, onTokens(prefill(turn), { emit_token_ids: true }))),
  );

const namesOf = async (client: Client, turn: Turn) => itemsOf(await ask(client, turn)).map(({ name }) => name);

const choice = (text: string) =>
  said('developer', '', { content: [{ type: 'developer', developer: { instructions: text, tools: [] } }] });

test('a plain question is answered with what it says', async () => {
  const { client } = await pair();
  const text = finalText(await ask(client, { user: 'Hello there, engine 👋', instructions: 'Be brief.', tools }));
  expect(text).toContain('4 words, 21 characters and says: Hello there, engine 👋');
  expect(text).toContain('The instructions begin: Be brief.\n');
  expect(text).toContain('Tools: get_weather, get_time, apply_patch.');
});

test('the last user message counts, not the environment that an agent describes before it', async () => {
  const { client } = await pair();
  const more = [said('user', 'What is it?')];
  expect(
    finalText(await ask(client, { user: '<environment_context>\nget_time\n</environment_context>', tools, more })),
  ).toContain('says: What is it?');
});

test('a long message is quoted in part, an empty conversation has none', async () => {
  const { client } = await pair();
  const text = finalText(await ask(client, { user: 'word '.repeat(1000) }));
  expect(text).toContain('1000 words, 5000 characters');
  expect(text.length).toBeLessThan(500);
  expect(finalText(await ask(client, {}))).toContain('There is no user message.');
});

test('thoughts come before the answer, longer at higher effort, and none inside a primed final channel', async () => {
  const { client } = await pair({ output: 'tokens' });
  const lengths: number[] = [];
  for (const effort of ['low', 'medium', 'high'] as const) {
    const sampled = await harmonyOf(client, { user: 'Hi', effort });
    const thoughts = /^<\|channel\|>analysis<\|message\|>([^<]+)<\|end\|><\|start\|>assistant<\|channel\|>final/u.exec(
      sampled,
    );
    lengths.push(thoughts?.[1]?.length ?? 0);
  }
  expect(lengths[0]).toBeGreaterThan(0);
  expect(lengths[1]).toBeGreaterThan(lengths[0]!);
  expect(lengths[2]).toBeGreaterThan(lengths[1]! * 2);
  expect(await harmonyOf(client, { user: 'Hi', primeFinal: true })).toMatch(/^This is the codexpc simulator/u);
});

test('a tool that the user names is called, with arguments that it takes', async () => {
  const { client } = await pair();
  const [call] = itemsOf(await ask(client, { user: 'Please use get_weather for me.', tools }));
  expect(call).toMatchObject({ name: 'functions.get_weather', input: '{"city":"city","unit":"celsius"}' });
  expect(itemsOf(await ask(client, { user: 'get_time', tools }))[0]).toMatchObject({
    name: 'functions.get_time',
    input: '{}',
  });
});

test('a part of a name is not the name', async () => {
  const { client } = await pair();
  expect(await namesOf(client, { user: 'What does forget_weather or get_weather_now mean?', tools })).toEqual([]);
});

test('a tool for free text gets the text of the user', async () => {
  const { client } = await pair();
  const [call] = itemsOf(await ask(client, { user: 'apply_patch: "all"', tools }));
  expect(call).toMatchObject({ name: 'functions.apply_patch', input: '{"input":"apply_patch: \\"all\\""}' });
});

test('a call ends the turn, and the answer comes from its result', async () => {
  const { client } = await pair({ output: 'tokens' });
  const user = 'get_weather please';
  const sampled = idsOf(await client.run('a', onTokens(prefill({ user, tools }), { emit_token_ids: true })));
  expect(sampled).toContain(control.call);
  const more = calledTool('functions.get_weather', '{"city":"city","unit":"celsius"}', 'Cloudy, 7 degrees');
  const answer = await harmonyOf(client, { user, tools, more });
  expect(answer).toContain(
    '<|channel|>final<|message|>The tool functions.get_weather answered: Cloudy, 7 degrees<|return|>',
  );
});

test('a result is answered from inside a primed final channel too', async () => {
  const { client } = await pair();
  const more = calledTool('functions.get_time', '{}', 'noon');
  expect(finalText(await ask(client, { user: 'get_time', tools, more, primeFinal: true }))).toContain('noon');
});

test('a tool choice is obeyed: any, a named one, one of some, none', async () => {
  const { client } = await pair();
  const names = (text: string, user = 'Hi') => namesOf(client, { user, tools, more: [choice(text)] });
  expect(
    await names('Your next message must be a function call. Do not answer before you have called a function.'),
  ).toEqual(['functions.get_weather']);
  expect(
    await names('Your next message must be a call of functions.get_time. Do not answer before you have called it.'),
  ).toEqual(['functions.get_time']);
  const some = 'Only these functions may be called now: functions.get_time, functions.apply_patch.';
  expect(await names(`${some} Your next message must be a call of one of them.`)).toEqual(['functions.get_time']);
  expect(await names(some, 'get_weather or apply_patch')).toEqual(['functions.apply_patch']);
  expect(await names(some, 'get_weather')).toEqual([]);
  expect(await names('No function may be called now. Answer without calling one.', 'get_weather')).toEqual([]);
});

test('a tool choice behind a tool result demands another call', async () => {
  const { client } = await pair();
  const demand = choice('Your next message must be a function call. Do not answer before you have called a function.');
  const more = [...calledTool('functions.get_time', '{}', 'noon'), demand];
  expect(await namesOf(client, { user: 'get_time', tools, more })).toEqual(['functions.get_time']);
});

test('an answer in a format is JSON of that schema and nothing else', async () => {
  const { client } = await pair();
  const schema = {
    type: 'object',
    properties: {
      city: { type: 'string', enum: ['Oslo', 'Rome'] },
      days: { type: 'array', items: { type: 'integer' }, minItems: 2 },
    },
    required: ['city', 'days'],
    additionalProperties: false,
  };
  const developer = `\n\n# Response Formats\n\n## forecast\n\n// What is to come.\n${JSON.stringify(schema)}`;
  const answer = finalText(await ask(client, { user: 'Hi', instructions: 'Be {kind}.', developer }));
  expect(JSON.parse(answer)).toEqual({ city: 'Oslo', days: [1, 1] });
  expect(finalText(await ask(client, { user: 'Hi', developer: developer.trimStart(), primeFinal: true }))).toBe(answer);
});

test('an answer that has to be any JSON object is one', async () => {
  const { client } = await pair();
  const developer =
    '# Response Formats\n\nThe final answer is one JSON object and nothing else: no text around it, no code fence.';
  const answer: unknown = JSON.parse(finalText(await ask(client, { user: 'Say "hi"', developer })));
  expect(answer).toMatchObject({ message: '2 words, 8 characters', quote: 'Say "hi"' });
});

test('the same prompt gets the same answer', async () => {
  const { client } = await pair();
  const turn = { user: 'Hello', instructions: 'Be brief.', tools };
  expect(finalText(await ask(client, turn))).toBe(finalText(await ask(client, turn)));
});
