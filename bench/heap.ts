/**
 * Memory of an open stream, its connection included, against bare `node:http`. The streams have been open once before,
 * so that what is made once and kept (compiled code, connections to the daemon) doesn't count.
 */
import { agentRequest } from './agent-request.ts';
import type { AnchorCommands } from './anchor.ts';
import { sibling, startChild } from './child.ts';
import { word } from './delta.ts';
import { printFigures } from './figures.ts';
import { startDaemon, startGateway } from './gateway-process.ts';
import type { Memory } from './memory.ts';
import { median } from './statistics.ts';
import { openStreams, smallRequest } from './streams.ts';
import type { Api } from './streams.ts';

const streams = 100;
const rounds = 5;
/** Deltas that each stream gets in the second half of a round, in pieces of eight. */
const sends = 50;
const deltas = sends * 8;
const textBytes = deltas * word.text.length;

type BodyOf = (api: Api, model: string) => object;

const daemon = await startDaemon();
const gateway = await startGateway(daemon, { models: streams });
const anchor = startChild<AnchorCommands>(sibling('anchor'), [], { execArgv: ['--expose-gc'] });
const anchorOrigin = `http://127.0.0.1:${await anchor.ask('listen', null)}`;

const perStream = (one: Memory, other: Memory) => (other.heap - one.heap) / streams / 1024;

async function measureGateway(api: Api, bodyOf: BodyOf) {
  const before = await gateway.probe.ask('memory', null);
  const opened = await openStreams(gateway.origin, { count: streams, apiOf: () => api, bodyOf });
  await daemon.double.ask('opened', streams);
  // One delta on each, so that all parts of a stream are there.
  await daemon.double.ask('run', { streams, period: 1, sends: 1, deltasPerSend: 1 });
  await opened.received(streams);
  const open = await gateway.probe.ask('memory', null);
  await daemon.double.ask('run', { streams, period: 0, sends, deltasPerSend: 8 });
  await opened.received(streams * (1 + deltas));
  // A stream holds what came last until more comes: that should be one delta again.
  await daemon.double.ask('run', { streams, period: 20, sends: 1, deltasPerSend: 1 });
  await opened.received(streams * (2 + deltas));
  const full = await gateway.probe.ask('memory', null);
  await daemon.double.ask('finish', null);
  await opened.ended();
  return {
    heap: perStream(before, open),
    outside: (open.outside - before.outside) / streams / 1024,
    perTextByte: (full.heap - open.heap) / streams / textBytes,
  };
}

async function measureAnchor() {
  const before = await anchor.ask('memory', null);
  const opened = await openStreams(anchorOrigin, { count: streams, apiOf: () => 'chat' });
  await anchor.ask('run', { streams, period: 1, sends: 1, frame: 'data: {"delta":{"content":""}}' });
  await opened.received(streams);
  const open = await anchor.ask('memory', null);
  await anchor.ask('finish', null);
  await opened.ended();
  return perStream(before, open);
}

async function repeat<Result>(measure: () => Promise<Result>): Promise<Result[]> {
  await measure();
  const results: Result[] = [];
  for (let round = 0; round < rounds; round += 1) results.push(await measure());
  return results;
}

const bare = median(await repeat(measureAnchor));

for (const [name, api, kind, bodyOf] of [
  ['chat, texts', 'chat', 'texts', smallRequest],
  ['responses, texts', 'responses', 'texts', smallRequest],
  ['responses, tokens', 'responses', 'tokens', smallRequest],
  [
    'responses, texts, requests of 38 KB',
    'responses',
    'texts',
    (_api, model) => agentRequest({ model, salt: model, task: 'Fix it.' }),
  ],
] as const satisfies [string, Api, 'texts' | 'tokens', BodyOf][]) {
  await daemon.double.ask('plan', { sessions: 'wait', deltas: kind });
  const measured = await repeat(() => measureGateway(api, bodyOf));
  const heap = median(measured.map((round) => round.heap));
  printFigures(`Memory of an open stream: ${name}, ${streams} streams, median of ${rounds} rounds`, [
    { name: 'heap', value: heap, unit: ' KB', goal: bodyOf === smallRequest ? 16 : null },
    { name: 'heap of a stream of bare node:http', value: bare, unit: ' KB', goal: null },
    { name: 'gateway / bare', value: heap / bare, unit: '×', goal: null },
    { name: 'outside of the heap', value: median(measured.map(({ outside }) => outside)), unit: ' KB', goal: null },
    {
      name: `heap per byte of text, in deltas of ${word.text.length} bytes`,
      value: median(measured.map(({ perTextByte }) => perTextByte)),
      unit: ' B',
      goal: null,
    },
  ]);
}

await Promise.all([gateway.end(), anchor.end()]);
await daemon.end();
