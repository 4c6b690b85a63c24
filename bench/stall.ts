/**
 * How long the gateway's event loop stands still at the hardest bodies: a name picks those whose names have it in them,
 * a number is their size in MiB.
 *
 *     stall.ts [NAME] [MiB]
 */
import { request } from 'undici';
import { printFigures } from './figures.ts';
import { startDaemon, startGateway } from './gateway-process.ts';
import type { GatewayProcess } from './gateway-process.ts';
import { newAgent } from './streams.ts';
import { worstBodies } from './worst-bodies.ts';
import type { WorstBody } from './worst-bodies.ts';

const [wanted = '', megabytes = '16'] = process.argv.slice(2);
const size = Number(megabytes) * 1024 * 1024;
/** Milliseconds after which a body is given up, and the gateway with it. */
const patience = 60_000;

const daemon = await startDaemon();
await daemon.double.ask('plan', { sessions: 'receipt', deltas: 'times' });
// So large a window that the longest prompt goes the whole way, to the daemon and back.
const start = () => startGateway(daemon, { models: 1, contextWindow: 100_000_000 });
let gateway = await start();

async function send({ path, make }: WorstBody): Promise<string> {
  const dispatcher = newAgent();
  try {
    const { statusCode, body } = await request(`${gateway.origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: make(size),
      dispatcher,
      signal: AbortSignal.timeout(patience),
    });
    const text = await body.text();
    return statusCode === 200 ? '200' : `${statusCode} ${text.slice(0, 90)}`;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await dispatcher.destroy();
  }
}

async function measure(worst: WorstBody) {
  const { probe }: GatewayProcess = gateway;
  try {
    await probe.ask('watch', null);
    const began = performance.now();
    const outcome = await send(worst);
    const took = performance.now() - began;
    const stall = await Promise.race([probe.ask('longestStall', null), lost(patience)]);
    return { stall, took, outcome };
  } catch (error) {
    await gateway.end();
    gateway = await start();
    return { stall: patience, took: patience, outcome: (error as Error).message };
  }
}

const lost = (after: number) =>
  new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('the gateway does not answer')), after).unref();
  });

const bodies = worstBodies.filter(({ name }) => name.includes(wanted));
for (const worst of bodies) {
  // The first time is for the compiler.
  await send({ ...worst, make: () => worst.make(64 * 1024) });
  const { stall, took, outcome } = await measure(worst);
  const name = `${worst.name} (${(took / 1000).toFixed(1)} s; ${outcome})`;
  printFigures('', [{ name, value: stall, unit: ' ms', goal: 50 }]);
}
await gateway.end();
await daemon.end();
