/**
 * How long the gateway's event loop stands still at the hardest bodies: as large as is taken, and, of many small values,
 * as many as are taken. A word picks the bodies in whose names it is: `stall.ts tools`.
 */
import { request } from 'undici';
import { settingDefinitions } from '../src/config-schema.ts';
import { printFigures } from './figures.ts';
import type { Figure } from './figures.ts';
import { startDaemon, startGateway } from './gateway-process.ts';
import { median } from './statistics.ts';
import { newAgent } from './streams.ts';
import { worstBodies } from './worst-bodies.ts';
import type { WorstBody } from './worst-bodies.ts';

const [wanted = ''] = process.argv.slice(2);
const rounds = 3;
/** Milliseconds after which a body is given up, and the gateway with it. */
const patience = 20_000;
/** Bytes of the largest body that is taken. */
const bodyLimit = settingDefinitions.find(({ key }) => key === 'server.bodyLimit')!.default as number;
/** A few less than the values that a body may hold. */
const mostValues = 24_900;

const daemon = await startDaemon();
await daemon.double.ask('plan', { sessions: 'receipt', deltas: 'times' });
let gateway = await startGateway(daemon, { models: 1 });

/** The largest such body that has no more values than are taken. */
function largestTaken({ make }: WorstBody): Buffer {
  let body = make(bodyLimit);
  for (let values = structuralBytes(body); values > mostValues; values = structuralBytes(body)) {
    // What is numbered is shorter at the beginning, so a part of the bytes has more than that part of the values.
    body = make(Math.floor(body.length * Math.min(0.97, mostValues / values)));
  }
  return body;
}

/** Roughly the number of values: text may have such bytes, too. */
function structuralBytes(body: Buffer): number {
  let count = 0;
  for (const byte of body) if (byte === 0x2c || byte === 0x5b || byte === 0x7b) count += 1;
  return count;
}

/** @returns what became of it, in short. */
async function send(path: string, content: Buffer): Promise<string> {
  const dispatcher = newAgent();
  try {
    const { statusCode, body } = await request(`${gateway.origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: content,
      dispatcher,
      signal: AbortSignal.timeout(patience),
    });
    const text = await body.text();
    return `${statusCode}${statusCode === 200 ? '' : ` ${/"code":"(\w+)"/.exec(text)?.[1] ?? ''}`}`;
  } finally {
    await dispatcher.destroy();
  }
}

async function measureOnce(path: string, content: Buffer) {
  try {
    await gateway.probe.ask('watch', null);
    const outcome = await send(path, content);
    return { stall: await Promise.race([gateway.probe.ask('longestStall', null), lost()]), outcome };
  } catch (error) {
    await gateway.end();
    gateway = await startGateway(daemon, { models: 1 });
    return { stall: patience, outcome: (error as Error).message };
  }
}

const lost = () =>
  new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('the gateway does not answer')), patience).unref();
  });

async function measure(name: string, path: string, content: Buffer): Promise<Figure> {
  const measured: Awaited<ReturnType<typeof measureOnce>>[] = [];
  for (let round = 0; round < rounds; round += 1) measured.push(await measureOnce(path, content));
  return {
    name: `${name}, ${(content.length / 1e6).toFixed(1)} MB (${measured[0]!.outcome})`,
    value: median(measured.map(({ stall }) => stall)),
    unit: ' ms',
    goal: 50,
  };
}

// The first bodies are for the compiler.
if (wanted === '') for (const { path, make } of worstBodies) await send(path, make(100_000));
const figures: Figure[] = [];
for (const worst of worstBodies.filter(({ name }) => name.includes(wanted))) {
  const whole = worst.make(bodyLimit);
  const taken = largestTaken(worst);
  figures.push(await measure(worst.name, worst.path, whole));
  if (taken.length < whole.length) figures.push(await measure(worst.name, worst.path, taken));
}
figures.sort((one, other) => other.value - one.value);
printFigures(`Longest stall of the event loop, median of ${rounds} rounds`, figures);
await gateway.end();
await daemon.end();
