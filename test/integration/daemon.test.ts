import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { projectRoot } from '../native/shim.ts';
import { checkChatStream } from '../support/chat-grammar.ts';
import { call, openStream } from '../support/client.ts';
import { startGateway } from '../support/process.ts';
import type { GatewayProcess } from '../support/process.ts';
import { checkResponseStream } from '../support/response-grammar.ts';
import { daemonKinds, longQuestion } from './daemons.ts';

/**
 * The whole way through the gateway to a daemon in a process of its own, the same for every kind of daemon. On a Mac:
 *
 *     CODEXPC_CHECKPOINT=/path/to/model.bin npx vitest run test/integration
 *
 * asks the daemon that is running; with CODEXPCD_BIN=/path/to/codexpcd that program is registered for the tests under a
 * name of its own. Elsewhere, and beside it, the simulator and the test daemon answer.
 */
const model = 'gpt-oss-20b';
const shortly = { model, reasoning: { effort: 'low' }, max_output_tokens: 4000 };

const getWeather = {
  type: 'function',
  name: 'get_weather',
  description: 'Tells the weather of a city.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

type Output = { type: string; name?: string; arguments?: string; content?: { text: string }[] }[];

for (const kind of daemonKinds) {
  const title = kind.skipped === null ? kind.name : `${kind.name} (${kind.skipped})`;
  describe.skipIf(kind.skipped !== null)(title, { timeout: kind.patience }, () => {
    let service: string;
    let gateway: GatewayProcess;

    /** One that gives up waiting before the long answer could have ended by itself. */
    const startFor = (daemon: string) =>
      startGateway({
        service: daemon,
        config: { limits: { queueTimeout: 20_000 } },
        args: ['--checkpoint', kind.checkpoint, '--model', model],
        lifetime: 'file',
      });

    beforeAll(async () => {
      service = await kind.start();
      gateway = await startFor(service);
    }, kind.patience);

    test('is well, and shakes hands', async () => {
      expect((await call(`${gateway.origin}/readyz`)).json()).toEqual({ status: 'ok', backend: 'codexpc' });
      const main = join(projectRoot, 'dist', 'main.js');
      const { stdout } = spawnSync(process.execPath, [main, 'handshake', '--service', service], { encoding: 'utf8' });
      expect(JSON.parse(stdout)).toMatchObject({ encodingName: 'HarmonyGptOss' });
    });

    test('takes a turn, answers in deltas of the final channel, and completes it', async () => {
      const stream = await openStream(`${gateway.origin}/v1/responses`, {
        ...shortly,
        input: 'Say hello in one short sentence.',
        stream: true,
      });
      expect(await stream.ended).toBe('whole');
      expect([stream.status, stream.headers['x-codexpc-backend']]).toEqual([200, 'codexpc']);
      const response = checkResponseStream(stream.frames);
      const events = stream.frames.map(({ event }) => event);
      expect([events[0], events.at(-1)]).toEqual(['response.created', 'response.completed']);
      const deltas = stream.frames
        .filter(({ event }) => event === 'response.output_text.delta')
        .map(({ data }) => (JSON.parse(data!) as { delta: string }).delta);
      const text = deltas.join('');
      expect(text).not.toBe('');
      // Control tokens and thoughts stay inside.
      expect(text).not.toContain('<|');
      const message = (response['output'] as Output).find(({ type }) => type === 'message')!;
      expect(message.content!.map((part) => part.text).join('')).toBe(text);
      const usage = response['usage'] as { input_tokens: number; output_tokens: number };
      expect(usage.input_tokens).toBeGreaterThan(10);
      expect(usage.output_tokens).toBeGreaterThan(0);
    });

    test('answers Chat Completions as well', async () => {
      const stream = await openStream(`${gateway.origin}/v1/chat/completions`, {
        model,
        messages: [{ role: 'user', content: 'Say hello in one short sentence.' }],
        reasoning_effort: 'low',
        max_completion_tokens: 4000,
        stream: true,
      });
      expect(await stream.ended).toBe('whole');
      const { choices } = checkChatStream(stream.frames.flatMap(({ data }) => (data === null ? [] : [data])));
      expect(choices[0]!.finishReason).toBe('stop');
      expect(choices[0]!.content).not.toBe('');
    });

    test('stops when its client leaves, and is free for the next turn', async () => {
      const stream = await openStream(`${gateway.origin}/v1/responses`, { model, input: longQuestion, stream: true });
      await stream.event('response.output_text.delta', 2);
      stream.leave();
      const answer = await call(`${gateway.origin}/v1/responses`, { body: { ...shortly, input: 'Say hello.' } });
      expect([answer.status, answer.json()]).toMatchObject([200, { status: 'completed' }]);
    });

    test('takes more turns, one after another, than it has places for sessions', async () => {
      for (let turn = 0; turn < 6; turn++) {
        const answer = await call(`${gateway.origin}/v1/responses`, { body: { ...shortly, input: 'Say hello.' } });
        expect([answer.status, answer.json()]).toMatchObject([200, { status: 'completed' }]);
      }
    });

    test('calls a tool, which ends the turn and frees it', async () => {
      const calling = await startFor(await kind.start('functions.get_weather:{"city":"Paris"}'));
      for (let turn = 0; turn < 2; turn++) {
        const answer = await call(`${calling.origin}/v1/responses`, {
          body: {
            model,
            reasoning: { effort: 'low' },
            input: 'How is the weather in Paris? Call get_weather to know it.',
            tools: [getWeather],
            tool_choice: 'required',
          },
        });
        expect(answer.status, answer.text).toBe(200);
        const { status, output } = answer.json() as { status: string; output: Output };
        expect(status).toBe('completed');
        const calls = output.filter(({ type }) => type === 'function_call');
        expect(calls.map(({ name }) => name)).toEqual(['get_weather']);
        expect(JSON.parse(calls[0]!.arguments!)).toEqual({ city: expect.any(String) });
      }
    });
  });
}
