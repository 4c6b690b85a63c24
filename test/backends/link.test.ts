import { expect, test } from 'vitest';
import { createLink } from '../../src/backends/codexpc/link.ts';
import type { Link, Receiver } from '../../src/backends/codexpc/link.ts';
import { plainMessage } from '../../src/backends/codexpc/wire.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { dictionary, uint64 } from '../../src/xpc/value.ts';
import { loadShim } from '../native/shim.ts';
import { endWith } from '../support/cleanup.ts';
import { createCondition } from '../support/condition.ts';
import { completed, created, reply, startDouble } from '../support/double.ts';
import { temporaryDirectory } from '../support/process.ts';

const library = loadShim();

type Opened = { link: Link; oddities: string[]; until: ReturnType<typeof createCondition>['until'] };

function open(service: string, through = library): Opened {
  const oddities: string[] = [];
  const record = createCondition();
  const link = createLink({
    library: through,
    service,
    onOddity(what) {
      oddities.push(what);
      record.changed();
    },
  });
  endWith('test', link.close);
  return { link, oddities, until: record.until };
}

/** Writes down what a receiver is told: types, and `read-end` where a read has ended. */
function createRecorder() {
  const told: string[] = [];
  const record = createCondition();
  const note = (what: string) => {
    told.push(what);
    record.changed();
  };
  const receiver: Receiver = (happening) => {
    if (happening.type === 'message') note(happening.message.type);
    else if (happening.type === 'read-end') note('read-end');
    else note(`${happening.type} ${happening.error.code}`);
  };
  return { receiver, told, until: (what: string) => record.until(() => told.includes(what)) };
}

const ask = (link: Link, id: string, receiver: Receiver | null) =>
  link.send(plainMessage('health', id), null, id, receiver);

test('what is said is handed to who asked, and to nobody else', async () => {
  const daemon = await startDouble(undefined, 'test', 'rude');
  const { link } = open(daemon.service);
  const [one, two] = [createRecorder(), createRecorder()];
  ask(link, 'one', one.receiver);
  ask(link, 'two', two.receiver);
  const heard = await daemon.hears('health', 2);
  heard.connection.send(
    reply('two', 'output_text.delta', { text: 'x' }),
    reply('one', 'created', created),
    reply('two', 'completed', completed()),
  );
  await one.until('read-end');
  await two.until('completed');
  expect(one.told).toEqual(['created', 'read-end']);
  expect(two.told.filter((what) => what !== 'read-end')).toEqual(['output_text.delta', 'completed']);
  expect(daemon.connections()).toBe(1);
});

test('the end of every read is told, however many messages it brought', async () => {
  const daemon = await startDouble(undefined, 'test', 'rude');
  const { link } = open(daemon.service);
  const recorder = createRecorder();
  ask(link, 'one', recorder.receiver);
  const { connection } = await daemon.hears('health');
  const deltas = Array.from({ length: 50 }, () => reply('one', 'output_text.delta', { text: 'x' }));
  connection.send(...deltas, reply('one', 'completed', completed()));
  await recorder.until('completed');
  await recorder.until('read-end');
  // Two in a row would wake a reader for nothing; a message without one behind it would lie there.
  const text = recorder.told.join(' ');
  expect(text).not.toContain('read-end read-end');
  await expect.poll(() => recorder.told.at(-1)).toBe('read-end');
});

test('nothing is opened before something is sent', async () => {
  const daemon = await startDouble(undefined, 'test', 'rude');
  const { link } = open(daemon.service);
  expect(daemon.connections()).toBe(0);
  ask(link, 'one', null);
  await daemon.hears('health');
  expect(daemon.connections()).toBe(1);
});

test('what comes for a request that was forgotten is an oddity', async () => {
  const daemon = await startDouble(undefined, 'test', 'rude');
  const { link, oddities, until } = open(daemon.service);
  const recorder = createRecorder();
  ask(link, 'one', recorder.receiver);
  link.forget('one');
  (await daemon.hears('health')).say('health.ok');
  await until(() => oddities.length === 1);
  expect(oddities).toEqual(['a health.ok for a request that has ended']);
  expect(recorder.told).toEqual([]);
});

test('unknown types and messages of nobody are oddities, unreadable ones of somebody a failure', async () => {
  const daemon = await startDouble(undefined, 'test', 'rude');
  const { link, oddities } = open(daemon.service);
  const recorder = createRecorder();
  ask(link, 'one', recorder.receiver);
  const { connection } = await daemon.hears('health');
  connection.send(
    reply('one', 'health.maybe'),
    dictionary({ type: 'health.ok' }),
    reply('one', 'completed', { token_usage: uint64(1) }),
  );
  await recorder.until('broken engine_error');
  expect(oddities).toEqual(['a message of the unknown type health.maybe', 'a message without type or req_id']);
  expect(recorder.told.filter((what) => what !== 'read-end')).toEqual(['broken engine_error']);
});

test('a connection that goes away is lost to all who wait, and opened again by the next message', async () => {
  const daemon = await startDouble(undefined, 'test', 'rude');
  const { link } = open(daemon.service);
  const [one, two, three] = [createRecorder(), createRecorder(), createRecorder()];
  ask(link, 'one', one.receiver);
  ask(link, 'two', two.receiver);
  const { connection } = await daemon.hears('health', 2);
  connection.send(reply('one', 'created', created));
  await one.until('created');
  connection.socket.destroy();
  await one.until('lost backend_lost');
  await two.until('lost backend_lost');

  ask(link, 'three', three.receiver);
  (await daemon.hears('health', 3)).say('health.ok');
  await three.until('health.ok');
  expect(daemon.connections()).toBe(2);
  expect(one.told.filter((what) => what.startsWith('lost'))).toHaveLength(1);
});

test('a service that is not there is told by name', async () => {
  const service = `${temporaryDirectory('test')}/none.sock`;
  const { link } = open(service);
  let message = '';
  const record = createCondition();
  ask(link, 'one', (happening) => {
    if (happening.type !== 'lost') return;
    message = `${happening.error.code}: ${happening.error.message}`;
    record.changed();
  });
  await record.until(() => message !== '');
  expect(message).toMatch(/^backend_unavailable: /);
  expect(message).toContain(service);
});

test('a message that the system has no memory for fails at once, and what follows is sent', async () => {
  const daemon = await startDouble(undefined, 'test', 'rude');
  let full = true;
  const send: typeof library.send = (...args) => {
    if (full) throw new GatewayError('backend_unavailable', 'The system has no memory left.');
    library.send(...args);
  };
  const { link } = open(daemon.service, { ...library, send });
  const recorder = createRecorder();
  expect(() => ask(link, 'one', recorder.receiver)).toThrow('no memory left');
  full = false;
  ask(link, 'two', null);
  await daemon.hears('health');
  expect(recorder.told).toEqual([]);
});

test('a reset drops the connection, which the daemon sees, and tells all who wait why', async () => {
  const daemon = await startDouble(undefined, 'test', 'rude');
  const { link } = open(daemon.service);
  const recorder = createRecorder();
  ask(link, 'one', recorder.receiver);
  await daemon.hears('health');
  link.reset('It was stuck.');
  expect(recorder.told).toEqual(['lost backend_lost']);
  await daemon.gone(1);
  ask(link, 'two', null);
  await daemon.hears('health', 2);
  expect(daemon.connections()).toBe(2);
});

test('closing resolves when the connection has ended, with or without one', async () => {
  const daemon = await startDouble(undefined, 'test', 'rude');
  const { link } = open(daemon.service);
  await link.close();
  const recorder = createRecorder();
  ask(link, 'one', recorder.receiver);
  await daemon.hears('health');
  await link.close();
  expect(recorder.told).toEqual(['lost shutting_down']);
  await daemon.gone(1);
});
