/**
 * Processor time of the gateway for a delta, against bare `node:http`.
 *
 * Three processes take the same deltas: the gateway, the anchor, and one that only reads the daemon's socket. What the
 * gateway adds is the first less the last. Each round measures all, one right after the other.
 */
import { startChild, sibling } from './child.ts';
import type { ProcessorTime } from './child.ts';
import type { AnchorCommands } from './anchor.ts';
import type { LinkReaderCommands } from './link-reader.ts';
import type { Figure } from './figures.ts';
import { printFigures } from './figures.ts';
import { shimLibrary, startDaemon, startGateway } from './gateway-process.ts';
import { median } from './statistics.ts';
import { openStreams } from './streams.ts';
import type { Api } from './streams.ts';

const streams = 8;
const rounds = 7;
const text = ' token';

type Load = { readonly name: string; readonly period: number; readonly sends: number; readonly deltasPerSend: number };

/** Every stream gets one delta at a time, 2 000 a second on all together. */
const paced: Load = { name: 'one delta per turn', period: 4, sends: 250, deltasPerSend: 1 };
const bursts: Load = { name: 'bursts of 8', period: 8, sends: 125, deltasPerSend: 8 };
/** Nothing to wait for between two deltas, which is the least that they can cost. */
const flatOut = { streams, period: 0, sends: 1000 };

const daemon = await startDaemon();
const gateway = await startGateway(daemon, { models: streams });
const anchor = startChild<AnchorCommands>(sibling('anchor'), []);
const linkReader = startChild<LinkReaderCommands>(sibling('link-reader'), [daemon.socketPath, shimLibrary]);
const anchorOrigin = `http://127.0.0.1:${await anchor.ask('listen', null)}`;

/** Microseconds of processor time per delta. */
async function perDelta(
  process: { ask(type: 'processorTime', detail: null): Promise<ProcessorTime> },
  deltas: number,
  work: () => Promise<unknown>,
): Promise<number> {
  const before = await process.ask('processorTime', null);
  await work();
  const after = await process.ask('processorTime', null);
  return (after.user + after.system - before.user - before.system) / deltas;
}

async function measureGateway(api: Api, { period, sends, deltasPerSend }: Load) {
  const opened = await openStreams(gateway.origin, { count: streams, apiOf: () => api });
  await daemon.double.ask('opened', streams);
  const deltas = streams * sends * deltasPerSend;
  const cost = await perDelta(gateway.probe, deltas, async () => {
    await daemon.double.ask('run', { streams, period, sends, deltasPerSend });
    await opened.received(deltas);
  });
  await daemon.double.ask('finish', null);
  await opened.ended();
  return { cost, frame: opened.lastDelta() };
}

async function measureLink({ period, sends, deltasPerSend }: Load) {
  await linkReader.ask('open', streams);
  await daemon.double.ask('opened', streams);
  const deltas = streams * sends * deltasPerSend;
  let batches = 0;
  const cost = await perDelta(linkReader, deltas, async () => {
    await daemon.double.ask('run', { streams, period, sends, deltasPerSend });
    ({ batches } = await linkReader.ask('received', deltas));
  });
  await daemon.double.ask('finish', null);
  await linkReader.ask('ended', null);
  return { cost, deltasPerRead: deltas / batches };
}

async function measureAnchor(frame: string, pace: { readonly period: number; readonly sends: number }) {
  const opened = await openStreams(anchorOrigin, { count: streams, apiOf: () => api });
  const deltas = streams * pace.sends;
  const cost = await perDelta(anchor, deltas, async () => {
    await anchor.ask('run', { streams, period: pace.period, sends: pace.sends, frame });
    await opened.received(deltas);
  });
  await anchor.ask('finish', null);
  await opened.ended();
  return cost;
}

async function measureRound(load: Load) {
  const whole = await measureGateway(api, load);
  const anchorPaced = await measureAnchor(whole.frame, paced);
  const anchorFlatOut = await measureAnchor(whole.frame, flatOut);
  const link = await measureLink(load);
  return { whole: whole.cost, anchorPaced, anchorFlatOut, link: link.cost, deltasPerRead: link.deltasPerRead };
}

let api: Api = 'chat';
for (api of ['chat', 'responses'] as const) {
  for (const output of ['text', 'tokens'] as const) {
    await daemon.double.ask('plan', { sessions: 'wait', text, tokens: output === 'tokens' });
    for (const load of [paced, bursts]) {
      await measureRound(load);
      const measured: Awaited<ReturnType<typeof measureRound>>[] = [];
      for (let round = 0; round < rounds; round += 1) measured.push(await measureRound(load));
      const middle = (value: (round: (typeof measured)[number]) => number) => median(measured.map(value));
      const goal = load === paced ? 1.5 : 0.5;
      const figures: Figure[] = [
        { name: 'gateway', value: middle(({ whole }) => whole), unit: ' µs', goal: null },
        { name: "the daemon's socket alone", value: middle(({ link }) => link), unit: ' µs', goal: null },
        { name: 'deltas per read of it', value: middle((round) => round.deltasPerRead), unit: '', goal: null },
        { name: 'anchor, paced', value: middle(({ anchorPaced }) => anchorPaced), unit: ' µs', goal: null },
        { name: 'anchor, flat out', value: middle(({ anchorFlatOut }) => anchorFlatOut), unit: ' µs', goal: null },
        {
          name: '(gateway − socket) / anchor, paced',
          value: middle((round) => (round.whole - round.link) / round.anchorPaced),
          unit: '×',
          goal,
        },
        { name: 'gateway / anchor, paced', value: middle((r) => r.whole / r.anchorPaced), unit: '×', goal: null },
        {
          name: '(gateway − socket) / anchor, flat out',
          value: middle((round) => (round.whole - round.link) / round.anchorFlatOut),
          unit: '×',
          goal,
        },
        { name: 'gateway / anchor, flat out', value: middle((r) => r.whole / r.anchorFlatOut), unit: '×', goal: null },
      ];
      printFigures(`Processor time per delta: ${api}, ${output}, ${load.name}, ${streams} streams`, figures);
    }
  }
}

await Promise.all([gateway.end(), anchor.end(), linkReader.end()]);
await daemon.end();
process.disconnect?.();
