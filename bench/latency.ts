/**
 * What the gateway adds to a delta's way: from the daemon to the client, less from the daemon to a process that only
 * reads its socket. Many streams at once, half of each API, each at the pace of a model that types.
 */
import { sibling, startChild } from './child.ts';
import { printFigures } from './figures.ts';
import { shimLibrary, startDaemon, startGateway } from './gateway-process.ts';
import type { LinkReaderCommands } from './link-reader.ts';
import { ages } from './stamp.ts';
import { median, percentile } from './statistics.ts';
import { openStreams } from './streams.ts';

const streams = 200;
const rounds = 5;
/** 20 deltas a second on each stream, for two seconds. */
const load = { streams, period: 50, sends: 40, deltasPerSend: 1 };
const deltas = streams * load.sends;

const daemon = await startDaemon();
const gateway = await startGateway(daemon, { models: streams });
const linkReader = startChild<LinkReaderCommands>(sibling('link-reader'), [daemon.socketPath, shimLibrary]);
await daemon.double.ask('plan', { sessions: 'wait', deltas: 'times' });

async function throughGateway(): Promise<number[]> {
  const taken: number[] = [];
  const opened = await openStreams(gateway.origin, {
    count: streams,
    apiOf: (stream) => (stream % 2 === 0 ? 'chat' : 'responses'),
    onDelta: (frame) => void taken.push(...ages(frame)),
  });
  await daemon.double.ask('opened', streams);
  await daemon.double.ask('run', load);
  await opened.received(deltas);
  await daemon.double.ask('finish', null);
  await opened.ended();
  return taken;
}

async function direct(): Promise<readonly number[]> {
  await linkReader.ask('open', streams);
  await daemon.double.ask('opened', streams);
  await daemon.double.ask('run', load);
  await linkReader.ask('received', deltas);
  const taken = await linkReader.ask('ages', null);
  await daemon.double.ask('finish', null);
  await linkReader.ask('ended', null);
  return taken;
}

await throughGateway();
const measured: { readonly gateway: readonly number[]; readonly direct: readonly number[] }[] = [];
for (let round = 0; round < rounds; round += 1) {
  measured.push({ gateway: await throughGateway(), direct: await direct() });
}
const at = (share: number) => ({
  gateway: median(measured.map((round) => percentile(round.gateway, share))),
  direct: median(measured.map((round) => percentile(round.direct, share))),
  added: median(measured.map((round) => percentile(round.gateway, share) - percentile(round.direct, share))),
});
const middle = at(0.5);
const late = at(0.99);
printFigures(`Time of a delta on its way: ${streams} streams of 20 deltas a second, median of ${rounds} rounds`, [
  { name: 'p50: daemon to client', value: middle.gateway, unit: ' ms', goal: null },
  { name: 'p50: daemon to a reader of its socket', value: middle.direct, unit: ' ms', goal: null },
  { name: 'p50: added', value: middle.added, unit: ' ms', goal: null },
  { name: 'p99: daemon to client', value: late.gateway, unit: ' ms', goal: null },
  { name: 'p99: daemon to a reader of its socket', value: late.direct, unit: ' ms', goal: null },
  { name: 'p99: added', value: late.added, unit: ' ms', goal: 20 },
]);

await Promise.all([gateway.end(), linkReader.end()]);
await daemon.end();
