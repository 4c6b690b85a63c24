import { beforeAll, describe, expect, test } from 'vitest';
import { failures } from '../../src/core/errors.ts';
import type { FailureCode } from '../../src/core/errors.ts';
import { call } from '../support/client.ts';
import type { Answer, Call } from '../support/client.ts';
import { startGateway } from '../support/process.ts';
import type { GatewayProcess } from '../support/process.ts';

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGateway({
    lifetime: 'file',
    config: {
      strictModels: true,
      models: [{ id: 'gpt-oss-20b', checkpoint: 'simulated', contextWindow: 4000 }],
      backend: { type: 'simulator' },
      server: { bodyLimit: 200_000 },
      log: { level: 'error' },
    },
  });
});

const model = 'gpt-oss-20b';
const messages = [{ role: 'user', content: 'hello' }];
const json = { 'content-type': 'application/json' };

type Case = Call & {
  readonly name: string;
  readonly path: string;
  readonly code: FailureCode;
  readonly param?: string;
  /** What the message has to tell. */
  readonly says?: string;
  readonly answerHeaders?: { readonly [name: string]: string };
};

const cases: readonly Case[] = [
  { name: 'JSON that breaks off', path: '/v1/responses', body: '{"model": "gpt', code: 'invalid_json' },
  { name: 'no JSON at all', path: '/v1/chat/completions', body: 'model=gpt', code: 'invalid_json' },
  {
    name: 'bytes that are not UTF-8',
    path: '/v1/responses',
    headers: json,
    body: Buffer.concat([Buffer.from('{"input":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]),
    code: 'invalid_json',
    says: 'UTF-8',
  },
  { name: 'a body of null', path: '/v1/responses', body: 'null', code: 'invalid_type' },
  { name: 'a body of null', path: '/v1/chat/completions', body: 'null', code: 'invalid_type' },
  { name: 'a body of null', path: '/v1/completions', body: 'null', code: 'invalid_type' },
  { name: 'a body that is a list', path: '/v1/responses', body: '[]', code: 'invalid_type' },
  { name: 'a body that is a number', path: '/v1/chat/completions', body: '1', code: 'invalid_type' },
  { name: 'no body', path: '/v1/responses', method: 'POST', headers: json, code: 'missing_required_parameter' },
  { name: 'no body and no type', path: '/v1/chat/completions', method: 'POST', code: 'missing_required_parameter' },
  {
    name: 'a missing field',
    path: '/v1/responses',
    body: { model },
    code: 'missing_required_parameter',
    param: 'input',
  },
  {
    name: 'a missing field',
    path: '/v1/chat/completions',
    body: { model },
    code: 'missing_required_parameter',
    param: 'messages',
  },
  {
    name: 'a wrong type',
    path: '/v1/responses',
    body: { model, input: 'x', temperature: 'hot' },
    code: 'invalid_type',
    param: 'temperature',
  },
  {
    name: 'a wrong type deep inside',
    path: '/v1/chat/completions',
    body: { model, messages: [...messages, { role: 'user', content: 7 }] },
    code: 'invalid_type',
    param: 'messages[1].content',
  },
  {
    name: 'a value out of range',
    path: '/v1/responses',
    body: { model, input: 'x', temperature: 3 },
    code: 'invalid_value',
    param: 'temperature',
  },
  {
    name: 'a wrong value',
    path: '/v1/chat/completions',
    body: { model, messages: [{ role: 'wizard', content: 'x' }] },
    code: 'invalid_value',
    param: 'messages[0].role',
  },
  {
    name: 'a field that must not be ignored',
    path: '/v1/responses',
    body: { model, input: 'x', background: true, store: false },
    code: 'unsupported_value',
    param: 'background',
  },
  {
    name: 'a field of the other API',
    path: '/v1/responses',
    body: { model, messages },
    code: 'unsupported_parameter',
    param: 'messages',
  },
  {
    name: 'more answers than may be asked for',
    path: '/v1/chat/completions',
    body: { model, messages, n: 129 },
    code: 'invalid_value',
    param: 'n',
  },
  {
    name: 'a stored response',
    path: '/v1/responses',
    body: { model, input: 'x', previous_response_id: 'resp_1' },
    code: 'previous_response_not_found',
    param: 'previous_response_id',
    says: 'resp_1',
  },
  {
    name: 'an output without its call',
    path: '/v1/responses',
    body: { model, input: [{ type: 'function_call_output', call_id: 'call_lost', output: 'x' }] },
    code: 'tool_call_not_found',
    param: 'input[0].call_id',
    says: 'call_lost',
  },
  {
    name: 'an output without its call',
    path: '/v1/chat/completions',
    body: { model, messages: [...messages, { role: 'tool', tool_call_id: 'call_lost', content: 'x' }] },
    code: 'tool_call_not_found',
    param: 'messages[1].tool_call_id',
    says: 'call_lost',
  },
  {
    name: 'a prompt longer than the context window',
    path: '/v1/responses',
    body: { model, input: 'word '.repeat(5000) },
    code: 'context_length_exceeded',
    param: 'input',
    says: '4000',
  },
  {
    name: 'a prompt longer than the context window, streamed',
    path: '/v1/chat/completions',
    body: { model, messages: [{ role: 'user', content: 'word '.repeat(5000) }], stream: true },
    code: 'context_length_exceeded',
    param: 'messages',
  },
  {
    name: 'a prompt of tokens longer than the context window',
    path: '/v1/completions',
    body: { model, prompt: Array.from({ length: 5000 }, () => 1) },
    code: 'context_length_exceeded',
    param: 'prompt',
  },
  {
    name: 'a strict tool whose schema is none',
    path: '/v1/chat/completions',
    body: {
      model,
      messages: [{ role: 'user', content: 'x' }],
      tools: [{ type: 'function', function: { name: 'look', strict: true, parameters: { type: 'nothing' } } }],
    },
    code: 'invalid_value',
    param: 'tools',
    says: "'look'",
  },
  {
    name: 'an unknown model where names are strict',
    path: '/v1/responses',
    body: { model: 'gpt-9', input: 'x' },
    code: 'model_not_found',
    param: 'model',
    says: "'gpt-oss-20b'",
  },
  {
    name: 'an unknown model in a request for a stream',
    path: '/v1/chat/completions',
    body: { model: 'gpt-9', messages, stream: true },
    code: 'model_not_found',
    param: 'model',
  },
  { name: 'an unknown model looked up', path: '/v1/models/gpt-9', code: 'model_not_found', param: 'model' },
  { name: 'an id longer than any', path: `/v1/models/${'m'.repeat(600)}`, code: 'model_not_found', param: 'model' },
  {
    name: 'an unknown path',
    path: '/v1/embeddings',
    body: { input: 'x' },
    code: 'unknown_url',
    says: '/v1/embeddings',
  },
  { name: 'a path without /v1', path: '/responses', body: { model, input: 'x' }, code: 'unknown_url' },
  { name: 'a file that the page has not', path: '/page/nothing.js', code: 'unknown_url' },
  { name: 'a bad % escape', path: '/v1/models/%zz', code: 'unknown_url' },
  { name: 'a bad % escape elsewhere', path: '/%e0%a4%a', code: 'unknown_url' },
  {
    name: 'GET where POST belongs',
    path: '/v1/completions',
    code: 'method_not_allowed',
    answerHeaders: { allow: 'POST' },
  },
  {
    name: 'GET where POST belongs',
    path: '/v1/responses',
    code: 'method_not_allowed',
    answerHeaders: { allow: 'POST' },
  },
  {
    name: 'POST where GET belongs',
    path: '/v1/models',
    body: {},
    code: 'method_not_allowed',
    answerHeaders: { allow: 'GET' },
  },
  {
    name: 'PUT',
    path: '/v1/responses',
    method: 'PUT',
    body: { model, input: 'x' },
    code: 'method_not_allowed',
    // GET for WebSockets.
    answerHeaders: { allow: 'GET, POST' },
  },
  { name: 'a count of what is no object', path: '/v1/responses/input_tokens', body: [null], code: 'invalid_type' },
  {
    name: 'a method that needs a body, without one',
    path: '/v1/models',
    method: 'QUERY',
    code: 'method_not_allowed',
    answerHeaders: { allow: 'GET' },
  },
  {
    name: 'DELETE with a content type and no body',
    path: '/v1/models',
    method: 'DELETE',
    headers: json,
    code: 'method_not_allowed',
    answerHeaders: { allow: 'GET' },
  },
  {
    name: 'DELETE of nothing there is, with a content type and no body',
    path: '/v1/responses/resp_1',
    method: 'DELETE',
    headers: json,
    code: 'not_found',
    param: 'response_id',
    says: 'resp_1',
  },
  {
    name: 'a body over the limit',
    path: '/v1/responses',
    body: { model, input: 'x'.repeat(300_000) },
    code: 'payload_too_large',
    says: '200000',
  },
  {
    name: 'a form',
    path: '/v1/responses',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'input=x',
    code: 'unsupported_media_type',
    says: 'application/json',
  },
  {
    name: 'plain text',
    path: '/v1/chat/completions',
    headers: { 'content-type': 'text/plain' },
    body: '{}',
    code: 'unsupported_media_type',
  },
  {
    name: 'a compressed body',
    path: '/v1/responses',
    headers: { 'content-encoding': 'gzip' },
    body: '{}',
    code: 'unsupported_media_type',
    says: 'ompressed',
  },
  {
    name: 'an error of the engine',
    path: '/v1/responses',
    body: { model, input: '/sim fail engine_error out of memory' },
    code: 'engine_error',
    says: 'out of memory',
  },
  {
    name: 'an error of the engine',
    path: '/v1/chat/completions',
    body: { model, messages: [{ role: 'user', content: '/sim fail bad_request no such thing' }] },
    code: 'engine_error',
    says: 'bad_request',
  },
  {
    name: 'a daemon without a free session',
    path: '/v1/responses',
    body: { model, input: '/sim fail over_capacity', stream: true },
    code: 'rate_limit_exceeded',
    answerHeaders: { 'retry-after': '1' },
  },
  {
    name: 'an answer that never fits its strict schema',
    path: '/v1/chat/completions',
    body: {
      model,
      messages: [{ role: 'user', content: '/sim say no JSON' }],
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'n',
          strict: true,
          schema: { type: 'object', properties: {}, additionalProperties: false },
        },
      },
    },
    code: 'invalid_answer',
  },
];

describe.each(cases)('$name ($path)', (each) => {
  test(`is answered with ${each.code}`, async () => {
    const answer = await call(`${gateway.origin}${each.path}`, each);
    expectEnvelope(answer, each.code);
    const { error } = answer.json() as { error: { param: string | null; message: string } };
    expect(error.param).toBe(each.param ?? null);
    if (each.says !== undefined) expect(error.message).toContain(each.says);
    for (const [name, value] of Object.entries(each.answerHeaders ?? {})) expect(answer.headers[name]).toBe(value);
  });
});

/** OpenAI's envelope, with the status and type of the table, and nothing of the code's own in it. */
function expectEnvelope(answer: Answer, code: FailureCode): void {
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status: failures[code].status });
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  const body = answer.json() as { error: { [key: string]: unknown } };
  expect(Object.keys(body)).toEqual(['error']);
  expect(Object.keys(body.error).toSorted()).toEqual(['code', 'message', 'param', 'type']);
  expect(body.error).toMatchObject({ code, type: failures[code].type });
  expect(body.error['message']).toMatch(/^[A-Z'/]/);
  expect(answer.text).not.toMatch(/\.[jt]s:\d|node_modules|\bat \w+ \(/);
  expect(answer.headers['x-request-id']).toMatch(/^req_\w{24,}$/);
}

test('what a case above does not reach is reached elsewhere, or not at all, for a reason', () => {
  const elsewhere: Partial<Record<FailureCode, string>> = {
    unknown_parameter: 'no schema is closed: clients grow fields faster than servers',
    invalid_api_key: 'access.test.ts',
    host_not_allowed: 'access.test.ts',
    request_timeout: 'wire.test.ts',
    upgrade_required: 'wire.test.ts',
    headers_too_large: 'wire.test.ts',
    uri_too_long: 'a URL that long is over the limit of the headers first',
    request_cancelled: 'nobody is there to read it; test/streaming/leaving.test.ts sees it in the log',
    internal_error: 'needs a fault of the gateway',
    invalid_encrypted_content: 'compact.test.ts: it takes a seal of this gateway',
    storage_failed: 'state-responses.test.ts',
    backend_unavailable: 'test/faults',
    backend_lost: 'test/faults',
    backend_timeout: 'test/faults',
    shutting_down: 'test/streaming/shutdown.test.ts',
  };
  const reached = new Set(cases.map(({ code }) => code));
  expect([...reached, ...Object.keys(elsewhere)].toSorted()).toEqual(Object.keys(failures).toSorted());
});

test('HEAD of a page that is there has its headers and no body', async () => {
  const answer = await call(`${gateway.origin}/v1/models`, { method: 'HEAD' });
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  expect(answer.text).toBe('');
});

test.each([
  ['/v1/responses', 405],
  ['/v1/completions', 405],
  ['/v1/nothing', 404],
])('HEAD of %s is refused with %i and no body', async (path, status) => {
  const answer = await call(`${gateway.origin}${path}`, { method: 'HEAD' });
  expect(answer.status).toBe(status);
  expect(answer.text).toBe('');
});

test('OPTIONS, as a browser asks before it calls from another site, is allowed nothing', async () => {
  const answer = await call(`${gateway.origin}/v1/responses`, {
    method: 'OPTIONS',
    headers: { origin: 'https://example.com', 'access-control-request-method': 'POST' },
  });
  expectEnvelope(answer, 'method_not_allowed');
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
});

test('the number of an answer to read again is on every answer, and no two are the same', async () => {
  const answers = await Promise.all(['/healthz', '/v1/models', '/nothing'].map((path) => call(gateway.origin + path)));
  const ids = answers.map(({ headers }) => headers['x-request-id']);
  expect(new Set(ids).size).toBe(3);
  for (const { headers } of answers) expect(headers['x-codexpc-backend']).toBe('simulator');
});

test('a path with a slash at its end is the path without it', async () => {
  const answer = await call(`${gateway.origin}/v1/responses/`, { body: { model, input: '/sim say hello' } });
  expect(answer.status).toBe(200);
});
