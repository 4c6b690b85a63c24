import { expect, test } from 'vitest';
import type { TurnEvent } from '../../src/core/event.ts';
import type { FunctionTool, Turn } from '../../src/core/turn.ts';
import { createAnswerCheck, isDemanding } from '../../src/gateway/answer-check.ts';
import { runChecked } from '../../src/gateway/checked.ts';
import { createSchemaValidator } from '../../src/gateway/schema-validator.ts';
import { turn as plainTurn } from '../harmony/turns.ts';

const validator = createSchemaValidator(60_000);
const checkOf = (turn: Turn) => () => createAnswerCheck(turn, validator);
const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'], additionalProperties: false };
const tool = (name: string, strict = false): FunctionTool => ({
  type: 'function',
  name,
  namespace: null,
  description: null,
  parameters: schema,
  strict,
});
const base = plainTurn();
const strictFormat: Turn = {
  ...base,
  format: { type: 'json-schema', name: 'answer', description: null, schema, strict: true },
};

const start: TurnEvent = { type: 'turn-start', inputTokens: 5, cachedTokens: 0 };
const end = (reason: 'stop' | 'length' | 'tool-calls', outputTokens = 10): TurnEvent => ({
  type: 'turn-end',
  reason,
  usage: { inputTokens: 5, cachedTokens: 0, outputTokens, reasoningTokens: 0 },
});
const says = (text: string, reason: 'stop' | 'length' = 'stop'): TurnEvent[][] => [
  [start],
  [
    { type: 'text-start', phase: 'final' },
    { type: 'text-delta', text },
  ],
  [{ type: 'text-end', text }, end(reason)],
];
const calls = (name: string, input: string): TurnEvent[][] => [
  [start],
  [
    { type: 'tool-call-start', callId: 'call_1', tool: { type: 'function', name, namespace: null } },
    { type: 'tool-call-delta', text: input },
    { type: 'tool-call-end', input },
  ],
  [end('tool-calls')],
];

/** Runs a turn whose attempts go as given; returns what came out, and the turns that were tried. */
async function run(turn: Turn, attempts: TurnEvent[][][]) {
  const tried: Turn[] = [];
  const seen: TurnEvent[] = [];
  async function* attempt(current: Turn) {
    const batches = attempts[tried.length]!;
    tried.push(current);
    yield* batches;
  }
  const failure = await (async () => {
    try {
      for await (const batch of runChecked(turn, checkOf(turn), attempts.length, attempt)) seen.push(...batch);
      return null;
    } catch (error) {
      return error;
    }
  })();
  return { tried, seen, failure };
}

test('a turn that demands nothing is not checked', () => {
  expect(isDemanding({ ...base, tools: [tool('a')] })).toBe(false);
  expect(isDemanding({ ...base, format: { type: 'json-object' } })).toBe(false);
});

test('an answer that does not match a strict format is never shown, and the next attempt knows what was wrong', async () => {
  const { tried, seen, failure } = await run(strictFormat, [says('{"n": "one"}'), says('{"n": 1}')]);
  expect(failure).toBeNull();
  expect(seen.filter((event) => event.type === 'turn-start')).toHaveLength(1);
  expect(seen.filter((event) => event.type === 'text-delta')).toEqual([{ type: 'text-delta', text: '{"n": 1}' }]);
  expect(tried[1]!.items.slice(1)).toEqual([
    { type: 'message', role: 'assistant', text: '{"n": "one"}', phase: 'final' },
    {
      type: 'message',
      role: 'developer',
      text: 'That was not valid: the answer does not match the response format: /n must be integer. Do it again, correctly.',
    },
  ]);
  expect(seen.at(-1)).toEqual(end('stop', 20));
});

test('the turn fails honestly when every attempt is wrong', async () => {
  const { seen, failure } = await run(strictFormat, [says('no'), says('{}')]);
  expect(seen).toEqual([start]);
  expect(failure).toMatchObject({
    code: 'invalid_answer',
    message: expect.stringContaining("must have required property 'n'"),
  });
});

test('an answer that the token limit cut is passed on as what it is', async () => {
  const { seen, failure } = await run(strictFormat, [says('{"n": ', 'length')]);
  expect(failure).toBeNull();
  expect(seen.at(-1)).toEqual(end('length'));
});

test('a required call that does not come is asked for again', async () => {
  const turn: Turn = { ...base, tools: [tool('a')], toolChoice: { type: 'required' } };
  const { tried, seen } = await run(turn, [says('I would rather talk.'), calls('a', '{}')]);
  expect(tried).toHaveLength(2);
  expect(seen.some((event) => event.type === 'text-delta')).toBe(false);
  expect(seen.at(-1)).toEqual(end('tool-calls', 20));
});

test('a call of a tool that is not allowed is answered as an error and does not reach the client', async () => {
  const turn: Turn = {
    ...base,
    tools: [tool('a'), tool('b')],
    toolChoice: { type: 'allowed', mode: 'auto', tools: [{ type: 'function', name: 'b', namespace: null }] },
  };
  const { tried, seen } = await run(turn, [calls('a', '{}'), says('fine')]);
  expect(tried[1]!.items.slice(1)).toEqual([
    { type: 'tool-call', callId: 'call_1', tool: { type: 'function', name: 'a', namespace: null }, input: '{}' },
    {
      type: 'tool-output',
      callId: 'call_1',
      text: "Error: the tool 'a' may not be called now. Nothing was done. Try again.",
    },
  ]);
  expect(seen.some((event) => event.type === 'tool-call-start')).toBe(false);
});

test('a strict tool is only called with arguments that match its schema', async () => {
  const turn: Turn = { ...base, tools: [tool('a', true)] };
  const { seen } = await run(turn, [calls('a', '{"n": 1.5}'), calls('a', '{"n": 2}')]);
  expect(seen.filter((event) => event.type === 'tool-call-end')).toEqual([
    { type: 'tool-call-end', input: '{"n": 2}' },
  ]);
});

test('what is beyond doubt is shown at once', async () => {
  const turn: Turn = { ...base, tools: [tool('a')], toolChoice: { type: 'required' } };
  const iterator = runChecked(turn, checkOf(turn), 1, async function* () {
    yield* calls('a', '{}').slice(0, 2);
    expect.fail('the call should have been shown before more was asked for');
  })[Symbol.asyncIterator]();
  await iterator.next();
  expect((await iterator.next()).value).toMatchObject([{ type: 'tool-call-start' }, {}, {}]);
  await iterator.return(undefined);
});

test('a strict schema that is none is refused before anything is asked of the engine', async () => {
  const broken: Turn = {
    ...base,
    format: { type: 'json-schema', name: 'x', description: null, schema: { type: 'nonsense' }, strict: true },
  };
  await expect(checkOf(broken)()).rejects.toThrow("The schema of the format 'x' is not a valid JSON Schema");
});

test('schemas of the same $id do not get in each other’s way, and none is kept', async () => {
  const schemaOf = (type: string) => ({
    $id: 'https://example.com/answer',
    type: 'object',
    properties: { n: { type } },
  });
  for (const [type, answer, verdict] of [
    ['integer', '{"n":1}', 'good'],
    ['string', '{"n":1}', 'bad'],
  ] as const) {
    const check = await createAnswerCheck(
      {
        ...base,
        format: { type: 'json-schema', name: 'x', description: null, schema: schemaOf(type), strict: true },
      },
      validator,
    );
    const watch = check.watch();
    await watch.see({ type: 'text-end', text: answer });
    expect((await watch.see(end('stop'))).type).toBe(verdict);
  }
});
