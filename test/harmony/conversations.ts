import { assembleGateway } from '../../src/cli/assemble.ts';
import { loadConfig } from '../../src/config.ts';
import type { Clock, Ids } from '../../src/core/ids.ts';
import type { Turn } from '../../src/core/turn.ts';
import type { Encoding } from '../../src/harmony/encoding.ts';
import type { ApiClient } from './api-clients.ts';
import { createScriptedEngine } from './scripted-engine.ts';
import type { Held, Said } from './scripted-engine.ts';

/** A request of a conversation, and what the model says to it. */
export type Step = {
  /** Which of the clients asks; absent: the first. */
  readonly client?: number;
  /** What the client adds to its conversation before. */
  readonly before: (client: ApiClient) => void;
  /** The request, less its conversation. */
  readonly fields: object;
  /** One script for each time that the engine is asked: more than one where an answer fails its check. */
  readonly scripts: readonly (readonly Said[])[];
  /** Days that pass before. */
  readonly days?: number;
  /** The client never sees the answer, so that it asks the same again. */
  readonly lost?: true;
  /** The gateway is started anew before, and remembers nothing; the engine goes on. */
  readonly restarted?: boolean;
};

/** What one time of asking the engine was. */
export type Asked = Held & {
  readonly client: number;
  readonly turn: Turn;
  readonly lost: boolean;
  readonly sendsThoughts: boolean;
  /** The same turn's earlier attempt, whose answer failed its check; null: the first attempt. */
  readonly failed: Asked | null;
  /** Tokens of the turn's first prefill that the gateway took to be in the engine's cache; null: it was new itself. */
  readonly cachedTokens: number | null;
};

const day = 24 * 60 * 60 * 1000;

/** Runs a conversation through the whole gateway: dialect, thoughts, prefill, scheduler, decoder, answer. */
export async function converse(
  encoding: Encoding,
  clients: readonly ApiClient[],
  steps: readonly Step[],
): Promise<Asked[]> {
  const engine = createScriptedEngine(encoding);
  let count = 0;
  let now = Date.UTC(2026, 0, 1, 12);
  const ids: Ids = { next: (prefix) => `${prefix}_${String((count += 1)).padStart(24, '0')}` };
  const clock: Clock = { now: () => now, elapsed: () => performance.now() };
  const start = () => assembleGateway(config(), { backend: engine.backend, encoding, ids, clock });
  let gateway = start();

  const all: Asked[] = [];
  for (const step of steps) {
    now += (step.days ?? 0) * day;
    if (step.restarted === true) gateway = start();
    const client = clients[step.client ?? 0]!;
    step.before(client);
    const exchange = client.open(JSON.parse(JSON.stringify(client.body(step.fields))), { ids, clock });
    engine.scripts.push(...step.scripts);
    const answer = exchange.answer();
    let cachedTokens = 0;
    for await (const batch of gateway.run(exchange.turn, new AbortController().signal)) {
      for (const event of batch) {
        answer.push(event);
        if (event.type === 'turn-start') ({ cachedTokens } = event);
      }
    }
    if (engine.scripts.length > 0) throw new Error('The engine was asked less often than it was told what to say.');
    let failed: Asked | null = null;
    for (const held of engine.sessions.splice(0)) {
      const { turn } = exchange;
      const { sendsThoughts } = client;
      failed = {
        ...held,
        client: step.client ?? 0,
        turn,
        lost: step.lost ?? false,
        sendsThoughts,
        failed,
        cachedTokens: step.restarted === true ? null : cachedTokens,
      };
      all.push(failed);
    }
    // As over a wire: nothing is shared with what the gateway keeps.
    if (step.lost !== true) client.take(JSON.parse(JSON.stringify(answer.object())));
  }
  return all;
}

function config() {
  const loaded = loadConfig({
    flags: [],
    configFile: 'gateway.yaml',
    environment: {},
    directory: '/',
    readFile: () => JSON.stringify({ models: [{ id: 'gpt-oss-20b', checkpoint: '/model' }] }),
  });
  if ('problems' in loaded) throw new Error(loaded.problems.join('\n'));
  return loaded.config;
}
