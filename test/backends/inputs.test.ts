import { describe, expect, test } from 'vitest';
import { createEncoding } from '../../src/harmony/encoding.ts';
import type { HandshakeManner } from '../../src/simulator/handshake.ts';
import { endWith } from '../support/cleanup.ts';
import { call } from '../support/client.ts';
import { startGateway } from '../support/gateway.ts';
import type { TestGateway } from '../support/gateway.ts';

const encoding = createEncoding();

type Setup = {
  readonly input?: string;
  readonly output?: 'classic' | 'tokens';
  readonly handshake?: HandshakeManner;
};

async function start({ input = 'auto', output = 'classic', handshake = {} }: Setup): Promise<TestGateway> {
  const gateway = await startGateway({
    encoding,
    handshake,
    settings: JSON.stringify({ backend: { input }, simulator: { output } }),
  });
  endWith('test', gateway.close);
  return gateway;
}

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const typesOf = ({ received }: TestGateway) => received.map((message) => message.get('type'));

type Output = { readonly type: string; readonly [key: string]: unknown };

async function respond({ url }: TestGateway, body: object): Promise<readonly Output[]> {
  const answer = await call(`${url}/v1/responses`, { body: { model: 'm', store: false, ...body } });
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return (answer.json() as { output: Output[] }).output;
}

async function complete({ url }: TestGateway, body: object) {
  const answer = await call(`${url}/v1/chat/completions`, { body: { model: 'm', ...body } });
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return (answer.json() as { choices: { message: { content: string | null; tool_calls?: object[] } }[] }).choices[0]!
    .message;
}

const textOf = (output: readonly Output[]) =>
  output
    .filter(({ type }) => type === 'message')
    .map(({ content }) => (content as { text: string }[]).map(({ text }) => text).join(''))
    .join('');

const createTypes = { tokens: 'create_from_tokens', messages: 'create_from_messages', conversation: 'create' } as const;
const ways = (['tokens', 'messages', 'conversation'] as const).flatMap((input) =>
  (['classic', 'tokens'] as const).map((output) => ({ input, output })),
);

describe.each(ways)('prompts as $input, to a daemon that sends $output', ({ input, output }) => {
  /** A classic daemon reads a call only behind another message, when it was told that the answer begins at once. */
  const first = input === 'messages' && output === 'classic' ? '/sim think Let me see.\n' : '';

  test('Responses: a tool is called, answered, and the conversation goes on', async () => {
    const gateway = await start({ input, output });
    const tools = [{ type: 'function', name: 'get_weather', description: 'Tells it.', parameters, strict: false }];
    const question = { role: 'user', content: `${first}/sim call get_weather {"city": "Oslo"}` };
    const output1 = await respond(gateway, { instructions: 'Be brief.', tools, input: [question] });
    const made = output1.find(({ type }) => type === 'function_call')!;
    expect(made).toMatchObject({ name: 'get_weather', arguments: '{"city": "Oslo"}' });
    const result = { type: 'function_call_output', call_id: made['call_id'], output: 'It rains.' };
    const items = [question, made, result];
    const output2 = await respond(gateway, { instructions: 'Be brief.', tools, input: items });
    expect(textOf(output2)).toContain('The tool functions.get_weather answered: It rains.');
    const last = { role: 'user', content: '/sim say Well, then.' };
    const output3 = await respond(gateway, { instructions: 'Be brief.', tools, input: [...items, ...output2, last] });
    expect(textOf(output3)).toBe('Well, then.');
    expect(typesOf(gateway).filter((type) => type !== 'cancel')).toEqual(Array(3).fill(createTypes[input]));
  });

  test('Chat Completions: the same', async () => {
    const gateway = await start({ input, output });
    const tools = [{ type: 'function', function: { name: 'get_weather', parameters } }];
    const system = { role: 'system', content: 'Be brief.' };
    const question = { role: 'user', content: `${first}/sim call get_weather {"city": "Oslo"}` };
    const made = await complete(gateway, { tools, messages: [system, question] });
    expect(made.tool_calls).toMatchObject([{ function: { name: 'get_weather', arguments: '{"city": "Oslo"}' } }]);
    const { id } = made.tool_calls![0] as { id: string };
    const messages = [system, question, made, { role: 'tool', tool_call_id: id, content: 'It rains.' }];
    const told = await complete(gateway, { tools, messages });
    expect(told.content).toContain('The tool functions.get_weather answered: It rains.');
    const last = { role: 'user', content: '/sim say Well, then.' };
    expect((await complete(gateway, { tools, messages: [...messages, told, last] })).content).toBe('Well, then.');
  });

  test('what is thought is shown as far as the form lets it', async () => {
    const gateway = await start({ input, output });
    const answer = await respond(gateway, { input: '/sim think Hm.\n/sim say Yes.' });
    const thinking = answer.some(({ type }) => type === 'reasoning');
    // Inside a final channel nothing is thought; a daemon that is told wrongly where the answer begins shows it in it.
    expect(textOf(answer)).toBe(input === 'messages' && output === 'classic' ? 'Hm.Yes.' : 'Yes.');
    expect(thinking).toBe(output === 'tokens' && input !== 'conversation');
  });

  test('a NUL in any text hinders nothing', async () => {
    const gateway = await start({ input, output });
    const nul = 'before\0after';
    const parameters = { type: 'object', description: nul, properties: { [nul]: { enum: [nul], default: nul } } };
    const look = { name: 'look', description: nul, parameters };
    const asked = await respond(gateway, {
      model: nul,
      instructions: nul,
      prompt_cache_key: nul,
      tools: [
        { type: 'function', ...look },
        { type: 'custom', name: 'cut', format: { type: 'grammar', syntax: 'regex', definition: nul } },
      ],
      input: [
        { role: 'user', content: nul },
        { type: 'reasoning', summary: [{ type: 'summary_text', text: nul }] },
        { type: 'function_call', call_id: nul, name: nul, namespace: nul, arguments: nul },
        { type: 'function_call_output', call_id: nul, output: nul },
        { role: 'user', content: `/sim say ${nul}` },
      ],
    });
    // XPC has C strings alone: typed messages can't bring a NUL, and a daemon that sends text loses what is behind it.
    const said = input === 'messages' ? 'before\ufffdafter' : nul;
    expect(textOf(asked).split('\n').at(-1)).toBe(output === 'classic' ? said.split('\0')[0] : said);
    await complete(gateway, {
      model: nul,
      messages: [
        { role: 'system', content: nul, name: nul },
        { role: 'user', content: nul },
        {
          role: 'assistant',
          content: nul,
          reasoning_content: nul,
          tool_calls: [{ id: nul, type: 'function', function: { name: nul, arguments: nul } }],
        },
        { role: 'tool', tool_call_id: nul, content: nul },
      ],
      tools: [{ type: 'function', function: look }],
      stop: nul,
    });
    for (const text of ['\0', '/sim call look {"a": "\0"}']) await respond(gateway, { input: text, tools: [] });
  });
});

describe('a daemon', () => {
  const ask = (gateway: TestGateway) => respond(gateway, { input: '/sim say Hello.' }).then(textOf);
  const warnings = ({ log }: TestGateway) => log.filter(({ level }) => level === 40).map(({ msg }) => msg as string);

  test('whose Harmony is ours gets tokens, and nothing is said about it', async () => {
    const gateway = await start({});
    expect(await ask(gateway)).toBe('Hello.');
    expect([typesOf(gateway), warnings(gateway)]).toEqual([['create_from_tokens'], []]);
  });

  test.each<[string, HandshakeManner]>([
    ['encoding', { encodingName: 'HarmonyNext' }],
    ['control tokens', { specialTokens: ['<|start|>', '<|end|>'] }],
    ['stop tokens', { stopTokens: [7] }],
  ])('of another Harmony, told by its %s, gets conversations; the log says once what is lost', async (_, handshake) => {
    const gateway = await start({ handshake });
    expect(await ask(gateway)).toBe('Hello.');
    expect(await ask(gateway)).toBe('Hello.');
    expect(typesOf(gateway)).toEqual(['create', 'create']);
    expect(warnings(gateway)).toEqual([expect.stringContaining('the model does not think')]);
  });

  test.each<[string, HandshakeManner, string]>([
    ['that knows no handshake', 'unknown', 'it did not answer handshake, though it answered health'],
    ['whose Harmony is broken', 'broken', 'handshake with harmony_init_failed'],
  ])('%s gets tokens, and a warning', async (_, handshake, reason) => {
    const gateway = await start({ handshake });
    expect(await ask(gateway)).toBe('Hello.');
    expect(typesOf(gateway)).toEqual(['create_from_tokens']);
    expect(warnings(gateway)).toEqual([expect.stringContaining(reason)]);
  });
});
