import { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import { beforeAll, expect, test } from 'vitest';
import { call, connectRaw } from '../support/client.ts';
import { startGateway } from '../support/process.ts';
import type { GatewayProcess } from '../support/process.ts';

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGateway({
    lifetime: 'file',
    config: {
      server: { bodyLimit: 100_000, headersTimeout: 700, requestTimeout: 1500 },
      backend: { type: 'simulator' },
    },
  });
});

const head = (extra: string) => `POST /v1/responses HTTP/1.1\r\nHost: localhost\r\n${extra}\r\n`;

/** Status, headers and body of the one answer on a closed connection. */
function parse(text: string): { status: number; headers: string; error: { code: string; message: string } } {
  const [headers = '', body = ''] = text.split('\r\n\r\n', 2);
  return {
    status: Number(/^HTTP\/1.1 (\d+) /.exec(headers)?.[1]),
    headers: headers.toLowerCase(),
    ...(JSON.parse(body) as { error: { code: string; message: string } }),
  };
}

test('bytes that are no HTTP are answered and the connection is closed', async () => {
  const raw = connectRaw(gateway.port);
  raw.socket.write('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03');
  expect(parse(await raw.closed)).toMatchObject({ status: 400, error: { code: 'invalid_json' } });
});

test('a request without Host is refused', async () => {
  const raw = connectRaw(gateway.port);
  raw.socket.write('GET /v1/models HTTP/1.1\r\n\r\n');
  expect(Number(/^HTTP\/1.1 (\d+)/.exec(await raw.closed)?.[1])).toBe(400);
});

test('headers over 16 KiB are refused, and the client reads it', async () => {
  const raw = connectRaw(gateway.port);
  raw.socket.write(head(`X-Long: ${'x'.repeat(20_000)}\r\n`));
  expect(parse(await raw.closed)).toMatchObject({ status: 431, error: { code: 'headers_too_large' } });
});

test('a URL over 16 KiB is refused', async () => {
  const raw = connectRaw(gateway.port);
  raw.socket.write(`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  expect(parse(await raw.closed).status).toBe(431);
});

test('headers that do not end in time are refused', async () => {
  const raw = connectRaw(gateway.port);
  raw.socket.write('POST /v1/responses HTTP/1.1\r\nHost: localhost\r\n');
  expect(parse(await raw.closed)).toMatchObject({ status: 408, error: { code: 'request_timeout' } });
});

test('a body that does not end in time is refused', async () => {
  const raw = connectRaw(gateway.port);
  raw.socket.write(head('Content-Type: application/json\r\nContent-Length: 50\r\n') + '{"model":');
  expect(parse(await raw.closed)).toMatchObject({ status: 408, error: { code: 'request_timeout' } });
});

test('conflicting lengths are refused, as a way to smuggle requests past a proxy', async () => {
  const raw = connectRaw(gateway.port);
  raw.socket.write(head('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n') + '0\r\n\r\n');
  expect(parse(await raw.closed).status).toBe(400);
});

test('an upload over the limit reads its refusal from a server that takes the rest of it', async () => {
  const agent = new Agent();
  for (const size of [100_001, 5_000_000]) {
    const body = JSON.stringify({ model: 'm', input: 'x'.repeat(size) });
    const response = await request(`${gateway.origin}/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      dispatcher: agent,
    });
    expect(response.statusCode).toBe(413);
    expect(await response.body.json()).toMatchObject({ error: { code: 'payload_too_large' } });
  }
  await agent.close();
});

test('an upload of unknown length is cut off at the limit, and its refusal can be read', async () => {
  const agent = new Agent();
  async function* endless() {
    for (let sent = 0; sent < 5_000_000; sent += 50_000) yield Buffer.alloc(50_000, 'x');
  }
  const response = await request(`${gateway.origin}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Readable.from(endless()),
    dispatcher: agent,
  });
  expect(response.statusCode).toBe(413);
  expect(await response.body.json()).toMatchObject({ error: { code: 'payload_too_large' } });
  await agent.destroy();
});

test('a client that writes all of its upload before it reads finds the refusal', async () => {
  const raw = connectRaw(gateway.port);
  const size = 8_000_000;
  raw.socket.pause();
  raw.socket.write(head(`Content-Type: application/json\r\nContent-Length: ${size}\r\nConnection: close\r\n`));
  await new Promise((resolve) => raw.socket.write(Buffer.alloc(size, 'x'), resolve));
  raw.socket.resume();
  expect(parse(await raw.closed)).toMatchObject({ status: 413, error: { code: 'payload_too_large' } });
});

test('a client that writes all of a chunked upload before it reads finds the refusal', async () => {
  const raw = connectRaw(gateway.port);
  const chunk = Buffer.from(`${(50_000).toString(16)}\r\n${'x'.repeat(50_000)}\r\n`);
  raw.socket.pause();
  raw.socket.write(head('Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n'));
  await new Promise((resolve) =>
    raw.socket.write(Buffer.concat([...Array.from({ length: 100 }, () => chunk), Buffer.from('0\r\n\r\n')]), resolve),
  );
  raw.socket.resume();
  expect(parse(await raw.closed)).toMatchObject({ status: 413, error: { code: 'payload_too_large' } });
});

test('a client that asks before it uploads, as curl does, may upload and finds the refusal', async () => {
  const raw = connectRaw(gateway.port);
  const size = 2_000_000;
  raw.socket.write(
    head(`Content-Type: application/json\r\nContent-Length: ${size}\r\nExpect: 100-continue\r\nConnection: close\r\n`),
  );
  await raw.until(() => raw.received().startsWith('HTTP/1.1 100 Continue\r\n\r\n'));
  raw.socket.write(Buffer.alloc(size, 'x'));
  const text = await raw.closed;
  expect(parse(text.slice(text.indexOf('HTTP/1.1 4')))).toMatchObject({ status: 413 });
});

test('a chunked body within the limit is a body like any other', async () => {
  const body = JSON.stringify({ model: 'gpt-oss-20b', input: '/sim say chunks' });
  const raw = connectRaw(gateway.port);
  raw.socket.write(head('Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n'));
  for (const character of body) raw.socket.write(`1\r\n${character}\r\n`);
  raw.socket.write('0\r\n\r\n');
  expect(await raw.closed).toContain('"text":"chunks"');
});

test('a WebSocket handshake for responses is answered with 101', async () => {
  const raw = connectRaw(gateway.port);
  raw.socket.write(
    'GET /v1/responses HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  await raw.until(() => raw.received().includes('\r\n\r\n'));
  expect(raw.received()).toMatch(/^HTTP\/1.1 101 Switching Protocols\r\n/);
});

test('a WebSocket handshake elsewhere is an ordinary request', async () => {
  const raw = connectRaw(gateway.port);
  raw.socket.write(
    'GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  await raw.until(() => raw.received().includes('"object":"list"'));
  expect(raw.received()).toMatch(/^HTTP\/1.1 200 /);
});

test('requests that follow each other on one connection are answered in their order', async () => {
  const raw = connectRaw(gateway.port);
  const body = JSON.stringify({ model: 'm', input: '/sim wait 30\n/sim say first' });
  raw.socket.write(
    head(`Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`) +
      `${body}GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
  );
  const text = await raw.closed;
  expect(text.indexOf('"text":"first"')).toBeGreaterThan(0);
  expect(text.indexOf('{"status":"ok"')).toBeGreaterThan(text.indexOf('"text":"first"'));
});

test('after all this the server answers as ever', async () => {
  const answer = await call(`${gateway.origin}/v1/responses`, { body: { model: 'm', input: '/sim say still here' } });
  expect(answer.text).toContain('still here');
});
