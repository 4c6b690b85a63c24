import { join } from 'node:path';
import { createEncoding } from '../../../src/harmony/encoding.ts';
import { dictionary } from '../../../src/xpc/value.ts';
import { createRandom } from '../../harmony/random.ts';
import type { Random } from '../../harmony/random.ts';
import { shimPath, until } from '../../native/shim.ts';
import { createClient } from '../../simulator/client.ts';
import { startGateway } from '../../support/gateway.ts';
import { startDaemon, temporaryDirectory } from '../../support/process.ts';
import type { Program } from '../../support/process.ts';
import { faults } from './faults.ts';
import type { Fault, Stage } from './faults.ts';
import { createProxy } from './proxy.ts';
import { ask, choosePlan, everyPlan, models, plain } from './requests.ts';
import type { Plan } from './requests.ts';
import { limitDescriptors, resourcesInUse } from './resources.ts';
import type { Resources } from './resources.ts';

/** What a run did and saw. */
export type Figures = {
  rounds: number;
  turns: number;
  /** That clients got in streams. */
  events: number;
  /** That the daemon said, as far as the proxy saw them. */
  frames: number;
  readonly faults: Map<string, number>;
  readonly outcomes: Map<string, number>;
  before: Resources;
  after: Resources;
};

export type ChaosOptions = {
  readonly seed: number;
  /** Whether there is another round, asked before each. */
  readonly goOn: (rounds: number) => boolean;
};

/** Few enough to be used up in a moment, and many more than a run needs. */
const descriptorLimit = 512;
/** Tries until a plain request is answered after a fault; each one ends by itself. */
const recoveryTries = 20;

/** Milliseconds. What must never end is ended by these; what only takes its time, on a busy machine too, is not. */
const limits = { greeting: 1000, firstToken: 2500, idle: 2500, cancelGrace: 400, queueTimeout: 30_000 };

const count = (counts: Map<string, number>, name: string) => void counts.set(name, (counts.get(name) ?? 0) + 1);

/**
 * A whole gateway in this process, a simulated daemon in another, a proxy between them, and faults of every kind, in
 * rounds: some requests, one fault among them, its healing, and a request that must be answered again.
 *
 * @throws Error when a request has no clear outcome, when the gateway doesn't recover, or when the daemon has fewer
 *   sessions to give than before. What is in use before and after is for the caller to compare.
 */
export async function runChaos({ seed, goOn }: ChaosOptions): Promise<Figures> {
  const directory = temporaryDirectory('test');
  const service = join(directory, 'service.sock');
  const daemonPath = join(temporaryDirectory('test'), 'daemon.sock');
  const random = createRandom(seed);
  const proxy = createProxy(service, daemonPath);
  const nextDaemon = () =>
    startDaemon(daemonPath, [
      '--set',
      `simulator.output=${random.pick(['classic', 'tokens'])}`,
      '--log-level',
      'error',
    ]);
  let daemon: Program = await nextDaemon();
  await proxy.listen();
  const gateway = await startGateway({
    encoding: createEncoding(),
    daemon: 'none',
    settings: JSON.stringify({
      backend: { service, library: shimPath },
      models: models.map((id) => ({ id, checkpoint: `/models/${id}` })),
      limits,
      log: { level: 'silent' },
    }),
  });
  const origin = gateway.url;
  const figures: Figures = {
    rounds: 0,
    turns: 0,
    events: 0,
    frames: 0,
    faults: new Map(),
    outcomes: new Map(),
    before: resourcesInUse(),
    after: resourcesInUse(),
  };

  async function turn(plan: Plan, fault: Fault): Promise<void> {
    figures.turns += 1;
    const { how, events } = await ask(origin, plan, fault.keepsText);
    if (how === 'not connected' && fault.hindersClients !== true) throw new Error('the gateway took no connection');
    figures.events += events;
    count(figures.outcomes, how);
  }

  async function restartDaemon(): Promise<void> {
    await daemon.exited;
    daemon = await nextDaemon();
  }

  async function round(fault: Fault, random: Random): Promise<void> {
    count(figures.faults, fault.name);
    const turns: Promise<void>[] = [];
    let settled = 0;
    const add = (plan: Plan): Promise<void> => {
      const ending = turn(plan, fault).finally(() => {
        settled += 1;
      });
      // It is looked at with all others below.
      ending.catch(() => undefined);
      turns.push(ending);
      return ending;
    };
    const askToo = (input: string, answer: string) => add({ ...plain, input, answer });
    const stage: Stage = { origin, service, proxy, random, daemon: () => daemon, restartDaemon, askToo };

    // Some before the fault, which strikes at a frame of theirs, and some after it.
    const plans = random.list(1, 5, () => choosePlan(random));
    const early = random.below(plans.length + 1);
    const strikesAt = proxy.frames() + random.below(12);
    for (const plan of plans.slice(0, early)) void add(plan);
    await until(() => proxy.frames() >= strikesAt || settled === early);
    const heal = await fault.strike(stage);
    for (const plan of plans.slice(early)) void add(plan);
    const healsAt = Math.min(turns.length, settled + 1 + random.below(turns.length));
    await until(() => settled >= healsAt);
    await heal();
    for (const ending of turns) await ending;
    await recover(fault);
    await checkSessions(daemonPath);
    figures.rounds += 1;
  }

  /** Until a plain request is answered as before; the others fail in clear words. */
  async function recover(fault: Fault): Promise<void> {
    const outcomes: string[] = [];
    while (outcomes.length < recoveryTries) {
      figures.turns += 1;
      const { how } = await ask(origin, plain, true);
      count(figures.outcomes, how);
      if (how === 'answered') return;
      outcomes.push(how);
    }
    throw new Error(`no recovery from ${fault.name}: ${outcomes.join(', ')}`);
  }

  /** Lets every connection to the daemon go, and counts when all that ends by itself has ended. */
  async function atRest(least?: Resources): Promise<Resources> {
    proxy.dropAll();
    let now = resourcesInUse();
    for (let looks = 0; looks < 200; looks += 1) {
      const before = now;
      await new Promise((resolve) => {
        setTimeout(resolve, 25);
      });
      now = resourcesInUse();
      const { descriptors, threads } = least ?? before;
      if (now.descriptors <= descriptors && now.threads <= threads && (least !== undefined || looks > 10)) break;
    }
    return now;
  }

  const giveBackLimit = limitDescriptors(descriptorLimit);
  try {
    const chosen = faults.filter(({ name }) => name !== 'no file descriptors' || giveBackLimit !== null);
    for (const plan of everyPlan) await turn(plan, chosen[0]!);
    figures.before = await atRest();
    for (let index = 0; goOn(index); index += 1) {
      // Each kind once, and then by chance.
      const ofRound = createRandom(Math.imul(seed, 1_000_003) + index);
      const fault = chosen[index] ?? ofRound.pick(chosen);
      try {
        await round(fault, ofRound);
      } catch (cause) {
        throw new Error(`round ${index} of seed ${seed}, ${fault.name}: ${(cause as Error).message}`, { cause });
      }
    }
    figures.after = await atRest(figures.before);
    figures.frames = proxy.frames();
  } finally {
    giveBackLimit?.();
    await gateway.close();
    proxy.close();
  }
  return figures;
}

/** Sessions that the daemon has for all its clients. */
const capacity = 4;

/** Has the daemon, asked at its own door, begin as many sessions as it can, which shows that none is in use. */
async function checkSessions(daemonPath: string): Promise<void> {
  const client = createClient(daemonPath);
  try {
    for (let tries = 1; ; tries += 1) {
      const ids = Array.from({ length: capacity }, (_, index) => `probe-${tries}-${index}`);
      for (const [index, id] of ids.entries()) {
        client.send(id, 'create_from_messages', {
          model: 'm',
          checkpoint_path: `/probe/${index}`,
          messages: [
            dictionary({
              role: 'user',
              content: [dictionary({ type: 'text', text: '/sim pace 10\n/sim repeat 1000 x' })],
            }),
          ],
        });
      }
      const firsts = await Promise.all(
        ids.map((id) => client.until((messages) => messages.find(({ req_id }) => req_id === id))),
      );
      for (const [index, { type }] of firsts.entries()) if (type === 'created') client.cancel(ids[index]!);
      const begun = firsts.filter(({ type }) => type === 'created').length;
      await Promise.all(ids.map((id) => client.end(id)));
      if (begun === capacity) return;
      // What was cancelled a moment ago may still be on its way out.
      if (tries === 500) throw new Error(`the daemon has ${begun} sessions of ${capacity} to give`);
    }
  } finally {
    await client.close();
  }
}
