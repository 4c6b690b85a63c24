/**
 * How long a coding agent's request is on its way: from its last byte to the daemon's having it. The gateway is warm. A
 * request is new to it from its first word on, or, as the turns of a conversation are, only in its last message.
 */
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { request } from 'undici';
import { agentRequest } from './agent-request.ts';
import { printFigures } from './figures.ts';
import { startDaemon, startGateway } from './gateway-process.ts';
import { now } from './stamp.ts';
import { median, percentile } from './statistics.ts';
import { newAgent } from './streams.ts';

const warmUp = 60;
const requests = 100;
const dispatcher = newAgent();

const daemon = await startDaemon();
const gateway = await startGateway(daemon, { models: 1 });
await daemon.double.ask('plan', { sessions: 'receipt', deltas: 'times' });

/** Sends a request and returns the milliseconds from its last byte to its receipt by the daemon. */
async function send(content: object): Promise<number> {
  const bytes = Buffer.from(JSON.stringify(content));
  let sent = 0;
  async function* body(): AsyncGenerator<Buffer, void, undefined> {
    yield bytes.subarray(0, -1);
    // The gateway has read all but the last byte when it answers something else.
    await (await request(`${gateway.origin}/healthz`, { dispatcher })).body.dump();
    await setImmediate();
    sent = now();
    yield bytes.subarray(-1);
  }
  const response = await request(`${gateway.origin}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': String(bytes.length) },
    body: Readable.from(body()),
    dispatcher,
  });
  const received = /@(\d+)@/.exec(await response.body.text());
  return (Number(received![1]) - sent) / 1e6;
}

async function measure(contentOf: (index: number) => object): Promise<number[]> {
  const taken: number[] = [];
  for (let index = 0; index < warmUp + requests; index += 1) {
    const time = await send(contentOf(index));
    if (index >= warmUp) taken.push(time);
  }
  return taken;
}

const model = 'model-0';
const fresh = await measure((index) =>
  agentRequest({ model, salt: `Conversation ${index} at ${Math.random()}.`, task: 'Fix the failing test.' }),
);
const salt = 'One conversation.';
const continued = await measure((index) => agentRequest({ model, salt, task: `Fix test number ${index}.` }));
const size = JSON.stringify(agentRequest({ model, salt, task: 'Fix it.' })).length / 1000;

printFigures(`From the last byte of a ${size.toFixed(0)} KB request to the daemon, ${requests} requests`, [
  { name: 'another text each time: median', value: median(fresh), unit: ' ms', goal: 15 },
  { name: 'another text each time: p95', value: percentile(fresh, 0.95), unit: ' ms', goal: 15 },
  { name: 'another last message each time: median', value: median(continued), unit: ' ms', goal: 15 },
  { name: 'another last message each time: p95', value: percentile(continued, 0.95), unit: ' ms', goal: 15 },
]);

await dispatcher.close();
await gateway.end();
await daemon.end();
