/**
 * Processor time of the gateway for a delta, against bare `node:http`. Like is compared with like:
 *
 * - paced, deltas 0.5 ms apart and every process asleep between them: the whole gateway less a process that only reads
 *   the daemon's socket, against the anchor at the same pace;
 * - flat out, one event-loop turn after another: the gateway on a backend without a socket, against the anchor.
 *
 * Each round measures all of them, one right after the other.
 */
import type { AnchorCommands } from './anchor.ts';
import { sibling, startChild } from './child.ts';
import type { ProcessorTime } from './child.ts';
import { printFigures } from './figures.ts';
import { shimLibrary, startDaemon, startGateway } from './gateway-process.ts';
import type { LinkReaderCommands } from './link-reader.ts';
import { median } from './statistics.ts';
import { openStreams } from './streams.ts';
import type { Api } from './streams.ts';
import type { WithoutDaemonCommands } from './without-daemon.ts';

const streams = 8;
/** `--quick`: once and with next to nothing, to see that it runs. */
const quick = process.argv.includes('--quick');
const rounds = quick ? 1 : 5;

type Load = {
  readonly streams: number;
  readonly period: number;
  readonly sends: number;
  readonly deltasPerSend: number;
};

const paced = {
  single: { streams, period: 4, sends: quick ? 1 : 120, deltasPerSend: 1 },
  bursts: { streams, period: 8, sends: quick ? 1 : 60, deltasPerSend: 8 },
} as const satisfies Record<string, Load>;
const flatOut = {
  single: { streams, period: 0, sends: quick ? 1 : 2000, deltasPerSend: 1 },
  bursts: { streams, period: 0, sends: quick ? 1 : 1000, deltasPerSend: 8 },
} as const satisfies Record<string, Load>;
/** Until the compiler has seen enough. */
const warmUp: Load = { streams, period: 0, sends: quick ? 1 : 5000, deltasPerSend: 1 };

const daemon = await startDaemon();
const gateway = await startGateway(daemon, { models: streams });
const anchor = startChild<AnchorCommands>(sibling('anchor'), []);
const linkReader = startChild<LinkReaderCommands>(sibling('link-reader'), [daemon.socketPath, shimLibrary]);
const withoutDaemon = startChild<WithoutDaemonCommands>(sibling('without-daemon'), [String(streams)]);
const anchorOrigin = `http://127.0.0.1:${await anchor.ask('listen', null)}`;
const withoutDaemonOrigin = `http://127.0.0.1:${await withoutDaemon.ask('listen', null)}`;

const deltasOf = ({ sends, deltasPerSend }: Load) => streams * sends * deltasPerSend;

/** Microseconds of processor time per delta. */
async function cost(
  process: { ask(type: 'processorTime', detail: null): Promise<ProcessorTime> },
  load: Load,
  work: () => Promise<unknown>,
): Promise<number> {
  const before = await process.ask('processorTime', null);
  await work();
  const after = await process.ask('processorTime', null);
  return (after.user + after.system - before.user - before.system) / deltasOf(load);
}

async function costOfGateway(api: Api, load: Load) {
  const opened = await openStreams(gateway.origin, { count: streams, apiOf: () => api });
  await daemon.double.ask('opened', streams);
  const spent = await cost(gateway.probe, load, async () => {
    await daemon.double.ask('run', load);
    await opened.received(deltasOf(load));
  });
  await daemon.double.ask('finish', null);
  await opened.ended();
  return { spent, frame: opened.lastDelta() };
}

async function costOfLink(load: Load) {
  await linkReader.ask('open', streams);
  await daemon.double.ask('opened', streams);
  let batches = 0;
  const spent = await cost(linkReader, load, async () => {
    await daemon.double.ask('run', load);
    ({ batches } = await linkReader.ask('received', deltasOf(load)));
  });
  await daemon.double.ask('finish', null);
  await linkReader.ask('ended', null);
  return { spent, deltasPerRead: deltasOf(load) / batches };
}

async function costOfAnchor(api: Api, frame: string, load: Load) {
  const opened = await openStreams(anchorOrigin, { count: streams, apiOf: () => api });
  const spent = await cost(anchor, load, async () => {
    await anchor.ask('run', { ...load, frame });
    await opened.received(deltasOf(load));
  });
  await anchor.ask('finish', null);
  await opened.ended();
  return spent;
}

async function costWithoutDaemon(api: Api, load: Load) {
  const opened = await openStreams(withoutDaemonOrigin, { count: streams, apiOf: () => api });
  const spent = await cost(withoutDaemon, load, async () => {
    await withoutDaemon.ask('run', load);
    await opened.received(deltasOf(load));
  });
  await withoutDaemon.ask('finish', null);
  await opened.ended();
  return spent;
}

async function measure(api: Api) {
  const single = await costOfGateway(api, paced.single);
  const pacedAnchor = await costOfAnchor(api, single.frame, paced.single);
  const singleLink = await costOfLink(paced.single);
  const bursts = await costOfGateway(api, paced.bursts);
  const burstsLink = await costOfLink(paced.bursts);
  const flatOutSingle = await costWithoutDaemon(api, flatOut.single);
  const flatOutAnchor = await costOfAnchor(api, single.frame, flatOut.single);
  const flatOutBursts = await costWithoutDaemon(api, flatOut.bursts);
  return { single, singleLink, bursts, burstsLink, pacedAnchor, flatOutSingle, flatOutBursts, flatOutAnchor };
}

type Round = Awaited<ReturnType<typeof measure>>;

for (const [api, deltas] of [
  ['chat', 'texts'],
  ['responses', 'texts'],
  ['responses', 'tokens'],
] as const) {
  await daemon.double.ask('plan', { sessions: 'wait', deltas });
  await withoutDaemon.ask('plan', { tokens: deltas === 'tokens' });
  for (let times = 0; times < 2; times += 1) {
    const { frame } = await costOfGateway(api, warmUp);
    await costOfLink(warmUp);
    await costOfAnchor(api, frame, warmUp);
    await costWithoutDaemon(api, warmUp);
  }
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round += 1) measured.push(await measure(api));
  const figure = (
    name: string,
    unit: ' µs' | '×' | '',
    value: (round: Round) => number,
    goal: number | null = null,
  ) => ({
    name,
    value: median(measured.map(value)),
    unit,
    goal,
  });
  printFigures(`Processor time per delta: ${api}, ${deltas}, ${streams} streams, median of ${rounds} rounds`, [
    figure('paced: anchor', ' µs', (round) => round.pacedAnchor),
    figure('paced, single: gateway', ' µs', ({ single }) => single.spent),
    figure("paced, single: the daemon's socket alone", ' µs', ({ singleLink }) => singleLink.spent),
    figure('paced, single: deltas per read of it', '', ({ singleLink }) => singleLink.deltasPerRead),
    figure('paced, single: gateway / anchor', '×', (r) => r.single.spent / r.pacedAnchor),
    figure(
      'paced, single: (gateway − socket) / anchor',
      '×',
      (r) => (r.single.spent - r.singleLink.spent) / r.pacedAnchor,
      1.5,
    ),
    figure('paced, bursts of 8: gateway', ' µs', ({ bursts }) => bursts.spent),
    figure("paced, bursts of 8: the daemon's socket alone", ' µs', ({ burstsLink }) => burstsLink.spent),
    figure('paced, bursts of 8: deltas per read of it', '', ({ burstsLink }) => burstsLink.deltasPerRead),
    figure('paced, bursts of 8: gateway / anchor', '×', (r) => r.bursts.spent / r.pacedAnchor),
    figure(
      'paced, bursts of 8: (gateway − socket) / anchor',
      '×',
      (r) => (r.bursts.spent - r.burstsLink.spent) / r.pacedAnchor,
      0.5,
    ),
    figure('flat out: anchor', ' µs', (round) => round.flatOutAnchor),
    figure('flat out, single: gateway without socket', ' µs', (round) => round.flatOutSingle),
    figure('flat out, single: gateway / anchor', '×', (r) => r.flatOutSingle / r.flatOutAnchor, 1.5),
    figure('flat out, bursts of 8: gateway without socket', ' µs', (round) => round.flatOutBursts),
    figure('flat out, bursts of 8: gateway / anchor', '×', (r) => r.flatOutBursts / r.flatOutAnchor, 0.5),
  ]);
}

await Promise.all([gateway.end(), anchor.end(), linkReader.end(), withoutDaemon.end()]);
await daemon.end();
