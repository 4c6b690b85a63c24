import { expect, test } from 'vitest';
import type { Backend, OnFree } from '../../src/backends/backend.ts';
import { createCodexpcBackend } from '../../src/backends/codexpc/backend.ts';
import { asGatewayError } from '../../src/core/errors.ts';
import { loadShim } from '../native/shim.ts';
import { endWith } from '../support/cleanup.ts';
import { answerWith, created, startDouble } from '../support/double.ts';
import type { Heard } from '../support/double.ts';

/**
 * What becomes of the next session after one that went wrong, on a daemon that doesn't tell what it runs. The clock stands
 * still unless a test moves it.
 */
const library = loadShim();

async function start(first: (heard: Heard) => void) {
  let now = 0;
  let sessions = 0;
  const daemon = await startDouble((heard) => {
    if (heard.type !== 'create_from_tokens') return;
    sessions += 1;
    if (sessions === 1) first(heard);
    else answerWith(heard, 'fine');
  });
  const backend = createCodexpcBackend({
    name: 'codexpc',
    library,
    service: daemon.service,
    input: 'tokens',
    askForTokens: false,
    cancelGrace: 1,
    prefillGrace: 1,
    greetingTimeout: 600_000,
    longestOutput: 1000,
    elapsed: () => now,
    newRequestId: () => crypto.randomUUID(),
    onOddity: () => undefined,
    onWarning: () => undefined,
  });
  endWith('test', backend.close);
  return { daemon, backend, setClock: (value: number) => void (now = value) };
}

const open = (backend: Backend, onFree: OnFree = () => {}) =>
  backend.open(
    {
      id: crypto.randomUUID(),
      model: 'm',
      checkpoint: '/m',
      prefill: Uint32Array.of(1),
      messages: null,
      primeFinal: false,
      temperature: 1,
      maxOutputTokens: null,
    },
    onFree,
  );

/** How a session ends: `completed`, or a failure's code. */
async function endOf(session: ReturnType<Backend['open']>): Promise<string | undefined> {
  let last: string | undefined;
  try {
    for await (const batch of session.events) last = batch.at(-1)?.type ?? last;
    return last;
  } catch (error) {
    return asGatewayError(error).code;
  }
}

/** Milliseconds that a session takes, of which it must have waited nearly all, as timers are a little early at times. */
async function timeOf(session: ReturnType<Backend['open']>): Promise<number> {
  const begun = performance.now();
  expect(await endOf(session)).toBe('completed');
  return performance.now() - begun;
}

test('a daemon that lives on is given a second from the loss of the connection to stop what it ran', async () => {
  const { daemon, backend, setClock } = await start((heard) => {
    heard.say('created', created);
    heard.say('output_text.delta', { text: 'on and on' });
  });
  let onFree!: OnFree;
  const free = new Promise((resolve) => (onFree = resolve));
  const stuck = open(backend, onFree);
  for await (const batch of stuck.events) if (batch.some(({ type }) => type === 'text-delta')) break;
  stuck.cancel();
  expect(await free).toBe('lost');
  setClock(600);
  expect(await timeOf(open(backend))).toBeGreaterThan(390);
  expect(daemon.connections()).toBe(2);
});

test('a daemon that died is used again at once, for what it had created died with it', async () => {
  const { daemon, backend, setClock } = await start((heard) => {
    heard.say('created', created);
    heard.connection.socket.end();
  });
  setClock(1_000_000);
  expect(await endOf(open(backend))).toBe('backend_lost');
  // A wait would be longer than the test.
  setClock(0);
  expect(await endOf(open(backend))).toBe('completed');
  expect(daemon.connections()).toBe(2);
});

test('a request that a daemon had not taken when it died is waited for: the next daemon may have got it', async () => {
  const { backend, setClock } = await start((heard) => void heard.connection.socket.end());
  expect(await endOf(open(backend))).toBe('backend_unavailable');
  setClock(600);
  expect(await timeOf(open(backend))).toBeGreaterThan(390);
});

test('a daemon that never stops talking is stopped, however slowly it is read', async () => {
  const { daemon, backend } = await start((heard) => {
    heard.say('created', created);
    for (let count = 0; count < 11; count++) heard.say('output_text.delta', { text: 'x'.repeat(100) });
  });
  const session = open(backend);
  await daemon.hears('cancel');
  expect(await endOf(session)).toBe('engine_error');
});
