import { expect, test } from 'vitest';
import { createEncoding } from '../../src/harmony/encoding.ts';
import { startGateway } from '../support/gateway.ts';

const encoding = createEncoding();

async function ask(url: string) {
  const response = await fetch(`${url}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-oss-20b', input: '/sim say Hello.' }),
  });
  return { backend: response.headers.get('x-codexpc-backend'), status: response.status, body: await response.text() };
}

test('a gateway that brings its own simulator answers, and says who does', async () => {
  const gateway = await startGateway({ encoding, daemon: 'embedded' });
  try {
    const { backend, body } = await ask(gateway.url);
    expect(backend).toBe('simulator');
    expect(body).toContain('"text":"Hello."');
    expect(gateway.received).toEqual([]);
  } finally {
    await gateway.close();
  }
});

test('what a separate daemon got has been recorded', async () => {
  const gateway = await startGateway({ encoding });
  try {
    const { backend, body } = await ask(gateway.url);
    expect(backend).toBe('codexpc');
    expect(body).toContain('"text":"Hello."');
    expect(gateway.received.map((message) => message.get('type'))).toEqual(['create_from_tokens']);
  } finally {
    await gateway.close();
  }
});

test('a gateway without a daemon says that there is none', async () => {
  const gateway = await startGateway({ encoding, daemon: 'none' });
  try {
    const { status, body } = await ask(gateway.url);
    expect(status).toBe(503);
    expect(body).toContain('backend_unavailable');
  } finally {
    await gateway.close();
  }
});
