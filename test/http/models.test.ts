import { beforeAll, expect, test } from 'vitest';
import { call } from '../support/client.ts';
import { startGateway } from '../support/process.ts';
import type { GatewayProcess } from '../support/process.ts';

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGateway({
    lifetime: 'file',
    config: {
      backend: { type: 'simulator' },
      models: [
        { id: 'gpt-oss-20b', checkpoint: 'one', contextWindow: 9000, aliases: ['openai/gpt-oss-20b'] },
        { id: 'local/large model', checkpoint: 'two', contextWindow: 70_000 },
      ],
      log: { level: 'error' },
    },
  });
});

type Model = { id: string; object: string; created: number; owned_by: string };

test('the list has the models in the form of OpenAI and in that of Codex', async () => {
  const list = (await call(`${gateway.origin}/v1/models`)).json() as {
    object: string;
    data: Model[];
    models: { slug: string; context_window: number; priority: number }[];
  };
  expect(list.object).toBe('list');
  expect(list.data.map(({ id, object }) => [id, object])).toEqual([
    ['gpt-oss-20b', 'model'],
    ['local/large model', 'model'],
  ]);
  expect(Number.isInteger(list.data[0]!.created)).toBe(true);
  expect(list.models.map(({ slug, context_window }) => [slug, context_window])).toEqual([
    ['gpt-oss-20b', 9000],
    // Codex looks the name up that it was configured with, which may be an alias.
    ['openai/gpt-oss-20b', 9000],
    ['local/large model', 70_000],
  ]);
});

test.each([
  ['gpt-oss-20b', 'gpt-oss-20b'],
  ['openai/gpt-oss-20b', 'gpt-oss-20b'],
  ['openai%2Fgpt-oss-20b', 'gpt-oss-20b'],
  ['local%2Flarge%20model', 'local/large model'],
  ['local/large%20model', 'local/large model'],
])('/v1/models/%s is found', async (path, id) => {
  const answer = await call(`${gateway.origin}/v1/models/${path}`);
  expect(answer.json()).toMatchObject({ id, object: 'model' });
});

test.each(['gpt-oss-20', 'openai', 'gpt-oss-20b/x', '', '__proto__', '..%2Fmodels'])(
  '/v1/models/%s is not found, although any name is answered for',
  async (path) => {
    const answer = await call(`${gateway.origin}/v1/models/${path}`);
    expect([path, answer.status]).toEqual([path, path === '' ? 200 : 404]);
  },
);

test('a request for an unknown model is answered by the first one, under the name it asked for', async () => {
  const answer = await call(`${gateway.origin}/v1/responses`, { body: { model: 'gpt-9', input: '/sim say hello' } });
  expect(answer.json()).toMatchObject({ model: 'gpt-9', status: 'completed' });
});
