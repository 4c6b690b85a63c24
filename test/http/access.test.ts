import { describe, expect, test } from 'vitest';
import { call } from '../support/client.ts';
import { startGateway } from '../support/process.ts';
import type { GatewayProcess } from '../support/process.ts';

const keys = ['key-one', 'key-two'];
const codeOf = (answer: { json(): unknown }) => (answer.json() as { error: { code: string } }).error.code;
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const host = (name: string) => ({ host: name });

describe('a server with keys', () => {
  const withKeys = started({ server: { apiKeys: keys }, log: { level: 'trace' } });

  test.each(keys)('lets every one of them in: %s', async (key) => {
    const { origin } = await withKeys();
    const answer = await call(`${origin}/v1/responses`, {
      headers: bearer(key),
      body: { model: 'gpt-oss-20b', input: '/sim say hello' },
    });
    expect(answer.status).toBe(200);
  });

  test.each([
    ['none', {}],
    ['a wrong one', bearer('key-three')],
    ['the beginning of one', bearer('key-')],
    ['two at once', bearer('key-one key-two')],
    ['one in another scheme', { authorization: 'Basic key-one' }],
    ['one without a scheme', { authorization: 'key-one' }],
    ['one in another header', { 'x-api-key': 'key-one' }],
  ])('turns away who brings %s', async (_what, headers) => {
    const { origin } = await withKeys();
    for (const path of ['/v1/models', '/v1/nothing']) {
      const answer = await call(origin + path, { headers });
      expect(answer.status).toBe(401);
      expect(codeOf(answer)).toBe('invalid_api_key');
      expect(answer.headers['www-authenticate']).toBe('Bearer');
      expect(answer.text).not.toContain('key-');
    }
  });

  test('takes the scheme in any case', async () => {
    const { origin } = await withKeys();
    const answer = await call(`${origin}/v1/models`, { headers: { authorization: 'bearer key-one' } });
    expect(answer.status).toBe(200);
  });

  test('turns a caller away before it reads what is sent', async () => {
    const { origin } = await withKeys();
    const answer = await call(`${origin}/v1/responses`, { body: '{ this is no JSON' });
    expect(codeOf(answer)).toBe('invalid_api_key');
  });

  test('tells supervisors without a key that it lives and that its engine answers', async () => {
    const { origin } = await withKeys();
    expect((await call(`${origin}/healthz`)).json()).toEqual({
      status: 'ok',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    expect((await call(`${origin}/readyz`)).json()).toEqual({ status: 'ok', backend: 'simulator' });
  });

  test('is called by any name, as no page from elsewhere has its keys', async () => {
    const { origin } = await withKeys();
    const answer = await call(`${origin}/v1/models`, { headers: { ...bearer('key-one'), ...host('gpt.example') } });
    expect(answer.status).toBe(200);
  });

  test('logs no key, whichever was brought', async () => {
    const gateway = await withKeys();
    await call(`${gateway.origin}/v1/models`, { headers: bearer('key-one') });
    await call(`${gateway.origin}/v1/models`, { headers: bearer('key-three') });
    await gateway.untilLogged((line) => line['status'] === 401);
    expect(gateway.output() + gateway.errors()).not.toMatch(/key-(one|two|three)/);
    expect(gateway.log().find(({ status }) => status === 200)).toMatchObject({ key: 'key-1' });
  });
});

describe('a server without keys', () => {
  const open = started({ server: { allowedHosts: ['Gpt.Local'] }, log: { level: 'error' } });

  test.each([
    'localhost',
    'LOCALHOST:8642',
    '127.0.0.1:1234',
    '[::1]:8642',
    '[::1]',
    '192.168.1.20:8642',
    'gpt.local',
    'gpt.local:8642',
  ])('may be called %s', async (name) => {
    const { origin } = await open();
    const answer = await call(`${origin}/v1/models`, { headers: host(name) });
    expect(answer.status).toBe(200);
  });

  test.each([
    'evil.example',
    'evil.example:8642',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil.gpt.local',
    '[evil.example]:80',
  ])('may not be called %s, as it is when a page has its name resolve here', async (name) => {
    const { origin } = await open();
    for (const path of ['/v1/models', '/v1/nothing', '/healthz']) {
      const answer = await call(origin + path, { headers: host(name) });
      expect(answer.status).toBe(403);
      expect(codeOf(answer)).toBe('host_not_allowed');
    }
  });

  test('gives pages of other sites no leave to read its answers', async () => {
    const { origin } = await open();
    const answer = await call(`${origin}/v1/models`, { headers: { origin: 'https://evil.example' } });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('takes no body that a page of another site may send unasked', async () => {
    const { origin } = await open();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const answer = await call(`${origin}/v1/responses`, {
        headers: { 'content-type': type, origin: 'https://evil.example' },
        body: '{"model":"gpt-oss-20b","input":"x"}',
      });
      expect(answer.status).toBe(415);
    }
  });

  test.each(['https://evil.example', 'null', 'http://127.0.0.1:1', 'https://gpt.local.evil.example'])(
    'takes no POST that a browser sends unasked for a page of %s',
    async (origin) => {
      const { origin: url } = await open();
      // Without a body they would begin a conversation, or a turn.
      for (const path of ['/v1/conversations', '/v1/responses/compact', '/v1/responses/input_tokens']) {
        const answer = await call(url + path, { method: 'POST', headers: { origin } });
        expect(answer.status).toBe(403);
        expect(codeOf(answer)).toBe('host_not_allowed');
      }
    },
  );

  test('takes one from programs, from its own page and from friends', async () => {
    const { origin: url } = await open();
    for (const headers of [{}, { origin: url }, { origin: 'https://gpt.local' }]) {
      expect((await call(`${url}/v1/conversations`, { method: 'POST', headers })).status).toBe(200);
    }
  });
});

/** A gateway with this configuration, started when it is first asked for. */
function started(config: { readonly [section: string]: unknown }): () => Promise<GatewayProcess> {
  let gateway: Promise<GatewayProcess> | null = null;
  return () => (gateway ??= startGateway({ config, lifetime: 'file' }));
}
