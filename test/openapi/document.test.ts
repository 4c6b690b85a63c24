import { Validator } from '@seriousme/openapi-schema-validator';
import { pino } from 'pino';
import type { Backend } from '../../src/backends/backend.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assembleServer } from '../../src/cli/assemble.ts';
import { gatewayVersion } from '../../src/cli/version.ts';
import { loadConfig } from '../../src/config.ts';
import { createEncoding } from '../../src/harmony/encoding.ts';
import { openApiDocument } from '../../src/http/openapi/document.ts';
import { examples } from '../../src/http/openapi/examples.ts';
import { operations } from '../../src/http/openapi/operations.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { call } from '../support/client.ts';
import { startGateway } from '../support/gateway.ts';
import type { TestGateway } from '../support/gateway.ts';

const encoding = createEncoding();

let store: Store;
let gateway: TestGateway;
beforeAll(async () => {
  const nobody = () => undefined;
  store = await openStore({ path: null, now: Date.now, lifetime: 1e9, maxBytes: 1e9, onTrouble: nobody });
  gateway = await startGateway({ encoding, store });
});
afterAll(async () => {
  await gateway.close();
  await store.close();
});

describe.each([true, false])('the document of a server, with keys: %s', (secured) => {
  test('is OpenAPI 3.1', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(openApiDocument({ version: '1.2.3', secured }));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(validator.version).toBe('3.1');
  });
});

test('it is served as it is made', async () => {
  const { status, headers, json } = await call(`${gateway.url}/openapi.json`);
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect(json()).toEqual(openApiDocument({ version: gatewayVersion(), secured: false }));
});

const refuse = () => {
  throw new Error('Nothing is asked here.');
};
const unused: Backend = { name: 'simulator', open: refuse, health: refuse, introduce: refuse, close: refuse };

/** `/v1/models/*` is `/v1/models/{}`, and so is `/v1/models/{model}`. */
const withoutNames = (path: string) => path.replaceAll(/\{\w+\}|:\w+|\*/g, '{}');

test('every route of the server is in it, and no other', async () => {
  const loaded = loadConfig({ flags: [], configFile: null, environment: {}, directory: '/', readFile: () => '' });
  if ('problems' in loaded) throw new Error(loaded.problems.join('\n'));
  const logger = pino({ level: 'silent' });
  const { fastify } = await assembleServer(loaded.config, { backend: unused, encoding, logger, store });
  const served: string[] = [];
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) {
      const route = `${each} ${withoutNames(url)}`;
      // A WebSocket, of which OpenAPI knows nothing.
      if (each !== 'HEAD' && route !== 'GET /v1/responses') served.push(route);
    }
  });
  await fastify.ready();
  const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${withoutNames(path)}`);
  const missing = served.filter((route) => !described.includes(route));
  const surplus = described.filter((route) => !served.includes(route));
  const file = 'src/http/openapi/operations.ts';
  expect(missing, `add a row to ${file} for each of these, and to examples.ts when it has a body`).toEqual([]);
  expect(surplus, `these are not routes of the server: take them out of ${file}`).toEqual([]);
  expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
  await fastify.close();
});

type Made = { readonly id: string };

/** What the routes for stored things are tried on, by the parameter of their paths. */
async function storedThings(): Promise<{ readonly [parameter: string]: string }> {
  const made = async (path: string, body: object) => (await call(gateway.url + path, { body })).json() as Made;
  const messages = [{ role: 'user', content: 'hello' }];
  return {
    response_id: (await made('/v1/responses', { model: 'm', input: 'hello' })).id,
    conversation_id: (await made('/v1/conversations', {})).id,
    completion_id: (await made('/v1/chat/completions', { model: 'm', messages, store: true })).id,
  };
}

describe('every example is answered', () => {
  const cases = operations.flatMap(({ path, body }) =>
    body === undefined
      ? []
      : Object.entries(examples[body.schema]).map(([name, { value }]) => ({ path, name, value: value as object })),
  );
  test.each(cases)('$path: $name', async ({ path, value }) => {
    const stored = await storedThings();
    const url = gateway.url + path.replaceAll(/\{(\w+)\}/g, (_, name: string) => stored[name]!);
    const { status, text, headers } = await call(url, { body: value });
    expect({ status, text }).toMatchObject({ status: 200 });
    const streamed = 'stream' in value && value.stream === true;
    expect(headers['content-type']).toMatch(streamed ? /^text\/event-stream/ : /^application\/json/);
  });
});

test('every body that can be sent has an example', () => {
  const sent = operations.flatMap(({ body }) => (body === undefined ? [] : [body.schema]));
  expect(new Set(Object.keys(examples))).toEqual(new Set(sent));
  for (const each of Object.values(examples)) expect(Object.keys(each).length).toBeGreaterThan(0);
});

test('what clients may write in short is described', () => {
  const { schemas } = openApiDocument({ version: '1', secured: false }).components as {
    schemas: { readonly [name: string]: { readonly properties?: { readonly [field: string]: unknown } } };
  };
  const field = (schema: string, name: string) => JSON.stringify(schemas[schema]?.properties?.[name]);
  expect(field('ChatCompletionRequest', 'stop')).toContain('{"anyOf":[{"type":"string"},');
  expect(field('ResponseRequest', 'tool_choice')).toContain('{"type":"string","enum":["none","auto","required"]}');
  expect(field('ResponseRequest', 'tools')).toContain('^(web_search|');
  expect(field('ResponseRequest', 'tools')).not.toContain('"hosted"');
  expect(field('ChatCompletionRequest', 'tools')).toContain('"function"');
});
