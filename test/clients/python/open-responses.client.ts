import { describe, expect, inject, test } from 'vitest';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createEncoding } from '../../../src/harmony/encoding.ts';
import { complianceCases, complianceScript } from '../../open-responses/cases.ts';
import { runCompliance } from '../../open-responses/run.ts';
import { endWith } from '../../support/cleanup.ts';
import { startGateway } from '../../support/gateway.ts';
import { memoryStore } from '../../support/memory-store.ts';

const encoding = createEncoding();
const installed = inject('pythons')['requirements.txt']!;

/** The specification has another name for the events of reasoning as it is; the SDKs, and clients, have this one. */
const renamed = /^response\.reasoning_text\./;

/** The models of the specification, in a process of their own. */
function startModels(python: string) {
  const script = fileURLToPath(new URL('open_responses.py', import.meta.url));
  const child = spawn(python, ['-u', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  endWith('file', () => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async (): Promise<unknown> => {
    const { done, value } = await lines.next();
    if (done === true) throw new Error('the models of the specification have ended');
    return JSON.parse(value) as unknown;
  };
  return {
    ready: read,
    /** What the specification says is wrong with a value; null: nothing. */
    async fault(kind: 'response' | 'compaction' | 'event', value: unknown): Promise<unknown> {
      child.stdin.write(`${JSON.stringify({ kind, value })}\n`);
      return read();
    },
  };
}

describe.skipIf('missing' in installed)('the Open Responses specification', async () => {
  if ('missing' in installed) return;
  const models = startModels(installed.python);
  expect(await models.ready()).toHaveProperty('events');

  describe.each(['classic', 'tokens'])('daemon output %s', async (output) => {
    const store = await memoryStore();
    endWith('file', store.close);
    const settings = `simulator: { output: ${output} }`;
    const gateway = await startGateway({ encoding, store, script: complianceScript, settings });
    endWith('file', gateway.close);

    test.each(complianceCases)('$id', async (each) => {
      for (const { events, response } of await runCompliance(gateway.url, each)) {
        expect(await models.fault('response', response)).toBeNull();
        for (const { event, data } of events) {
          if (renamed.test(event!)) continue;
          expect(await models.fault('event', JSON.parse(data!)), event!).toBeNull();
        }
      }
    });

    test('a stream whose reasoning is a summary, sealed', async () => {
      const requests = [
        () => ({
          input: 'How is the weather in Paris?',
          tools: [{ type: 'function', name: 'get_weather', parameters: { type: 'object', properties: {} } }],
          reasoning: { summary: 'auto' },
          include: ['reasoning.encrypted_content'],
        }),
      ];
      const [answer] = await runCompliance(gateway.url, {
        id: 'summary',
        stream: true,
        item: 'function_call',
        requests,
      });
      for (const { event, data } of answer!.events) {
        expect(await models.fault('event', JSON.parse(data!)), event!).toBeNull();
      }
    });

    test('a compaction', async () => {
      const answer = await fetch(`${gateway.url}/v1/responses/compact`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'gpt-oss-20b', input: 'I am Ada.' }),
      });
      expect(await models.fault('compaction', await answer.json())).toBeNull();
    });
  });

  test('what is wrong is noticed', async () => {
    expect(await models.fault('response', { object: 'response' })).toContain('id');
    expect(await models.fault('event', { type: 'response.telepathy' })).toContain('no event');
  });
});
