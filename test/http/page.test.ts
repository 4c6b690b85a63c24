import { beforeAll, describe, expect, test } from 'vitest';
import { call } from '../support/client.ts';
import { startGateway } from '../support/process.ts';
import type { GatewayProcess } from '../support/process.ts';

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGateway({
    lifetime: 'file',
    config: { server: { apiKeys: ['a-key'] }, log: { level: 'error' } },
  });
});

/** Every file that the page names, and those that these name. */
async function filesOfPage(): Promise<Map<string, Awaited<ReturnType<typeof call>>>> {
  const files = new Map<string, Awaited<ReturnType<typeof call>>>();
  const visit = async (path: string): Promise<void> => {
    if (files.has(path)) return;
    const answer = await call(gateway.origin + path);
    files.set(path, answer);
    const named = [...answer.text.matchAll(/(?:href|src)="(\/[^"]*)"|from '(\.[^']+)'|^import '(\.[^']+)'/gm)];
    for (const [, absolute, ...relative] of named) {
      await visit(absolute ?? new URL(relative.find(Boolean)!, gateway.origin + path).pathname);
    }
  };
  await visit('/');
  return files;
}

test('the page and all that it names is there without a key, in its own type', async () => {
  const files = await filesOfPage();
  expect(files.size).toBeGreaterThan(20);
  const types: Record<string, string> = {
    html: 'text/html; charset=utf-8',
    css: 'text/css; charset=utf-8',
    js: 'text/javascript; charset=utf-8',
    svg: 'image/svg+xml',
  };
  for (const [path, { status, headers }] of files) {
    expect([path, status]).toEqual([path, 200]);
    expect([path, headers['content-type']]).toEqual([path, types[path === '/' ? 'html' : path.split('.').pop()!]]);
  }
});

test('nothing in it is loaded from elsewhere, and nothing runs but its files', async () => {
  for (const [path, { headers, text }] of await filesOfPage()) {
    const policy = headers['content-security-policy'];
    expect(policy).toContain(`default-src 'none'; script-src 'self'; style-src 'self'`);
    expect(policy).toContain(`frame-ancestors 'none'`);
    expect(policy).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['set-cookie']).toBeUndefined();
    const links = text.match(/https?:\/\/[\w.-]+/g) ?? [];
    expect([path, links.filter((link) => link !== 'http://www.w3.org')]).toEqual([path, []]);
    if (path === '/') expect(text).not.toMatch(/<style|<script>|\son\w+=|style=/);
  }
});

test('a browser that has a file is told so', async () => {
  const first = await call(`${gateway.origin}/page/main.js`);
  const etag = String(first.headers.etag);
  expect(first.headers['cache-control']).toBe('no-cache');
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await call(`${gateway.origin}/page/main.js`, { headers: { 'if-none-match': known } });
    expect([again.status, again.text, again.headers.etag]).toEqual([304, '', etag]);
  }
  const changed = await call(`${gateway.origin}/page/main.js`, { headers: { 'if-none-match': '"other"' } });
  expect(changed.status).toBe(200);
});

test.each([
  '/page/',
  '/page/nothing.js',
  '/page/../../package.json',
  '/page/%2e%2e/%2e%2e/package.json',
  '/page/%2Fetc',
])('there is no other file: %s', async (path) => {
  const { status } = await call(gateway.origin + path);
  expect([404, 401]).toContain(status);
});

describe('what has data in it', () => {
  test.each([
    ['/gateway/state', undefined],
    ['/gateway/events', undefined],
    ['/gateway/prefill', { api: 'chat', body: {} }],
  ])('asks for the key: %s', async (path, body) => {
    const { status } = await call(gateway.origin + path, { body });
    expect(status).toBe(401);
  });

  test('and is not for pages that come by another name', async () => {
    const open = await startGateway({ config: { log: { level: 'error' } } });
    for (const path of ['/', '/page/main.js', '/gateway/state', '/gateway/events']) {
      const { status } = await call(open.origin + path, { headers: { host: 'evil.example' } });
      expect([path, status]).toEqual([path, 403]);
    }
  });
});
