/**
 * The gateway's own share: the whole way of a turn, HTTP included, on a backend that needs no socket, since it makes its
 * deltas itself. Runs as a process of its own: `node without-daemon.js MODELS`.
 */
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import type { Backend, BackendEvent, OnFree, Session, SessionRequest } from '../src/backends/backend.ts';
import { addEvent, batchesOf, endQueue, flushQueue, openQueue } from '../src/backends/event-queue.ts';
import type { EventQueue } from '../src/backends/event-queue.ts';
import { assembleServer } from '../src/cli/assemble.ts';
import { loadConfig } from '../src/config.ts';
import { createEncoding } from '../src/harmony/encoding.ts';
import { answerParent } from './child.ts';
import type { ProcessorTime } from './child.ts';
import { word } from './delta.ts';
import { dealOut } from './pacing.ts';
import type { Pace } from './pacing.ts';

export type WithoutDaemonCommands = {
  /** The port that it listens on. */
  listen: { readonly detail: null; readonly reply: number };
  /** What sessions say from now on: token ids or texts. */
  plan: { readonly detail: { readonly tokens: boolean }; readonly reply: null };
  run: { readonly detail: Pace & { readonly deltasPerSend: number }; readonly reply: null };
  finish: { readonly detail: null; readonly reply: null };
  processorTime: { readonly detail: null; readonly reply: ProcessorTime };
};

type Running = { readonly queue: EventQueue<BackendEvent>; readonly end: () => void };

let tokens = false;
const running = new Set<Running>();

function open({ primeFinal }: SessionRequest, onFree: OnFree): Session {
  const queue = openQueue<BackendEvent>();
  const session: Running = {
    queue,
    end() {
      running.delete(session);
      addEvent(queue, { type: 'completed', usage: { inputTokens: 1, outputTokens: 1 } });
      endQueue(queue);
      queueMicrotask(() => onFree('free'));
    },
  };
  running.add(session);
  addEvent(queue, { type: 'created', output: tokens ? 'tokens' : 'text', start: primeFinal ? 'final' : 'assistant' });
  flushQueue(queue);
  return { events: batchesOf(queue), cancel: session.end, abandon: session.end };
}

const backend: Backend = {
  name: 'simulator',
  open,
  health: () => Promise.resolve(),
  introduce: () => Promise.reject(new Error('nobody asks')),
  close: () => Promise.resolve(),
};

const models = Array.from({ length: Number(process.argv[2]) }, (_, index) => ({
  id: `model-${index}`,
  checkpoint: `/bench/${index}`,
}));
const loaded = loadConfig({
  flags: [],
  configFile: 'bench.yaml',
  environment: {},
  directory: '/',
  readFile: () => JSON.stringify({ models }),
});
if ('problems' in loaded) throw new Error(loaded.problems.join('\n'));
const logger = pino({ level: 'silent' });
const { fastify } = await assembleServer(loaded.config, { backend, encoding: createEncoding(), logger });

answerParent<WithoutDaemonCommands>({
  async listen() {
    await fastify.listen({ host: '127.0.0.1', port: 0 });
    return (fastify.server.address() as AddressInfo).port;
  },
  plan(wanted) {
    ({ tokens } = wanted);
    return null;
  },
  async run({ deltasPerSend, ...pace }) {
    const delta: BackendEvent = tokens
      ? { type: 'token-delta', ids: [word.id] }
      : { type: 'text-delta', text: word.text };
    const sessions = [...running];
    await dealOut({ ...pace, streams: sessions.length }, (stream) => {
      const { queue } = sessions[stream]!;
      for (let count = 0; count < deltasPerSend; count += 1) addEvent(queue, delta);
      flushQueue(queue);
    });
    return null;
  },
  finish() {
    for (const session of running) session.end();
    return null;
  },
  processorTime: () => process.cpuUsage(),
});
