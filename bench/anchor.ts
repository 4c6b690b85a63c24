/**
 * What the gateway is compared with: bare `node:http` that writes `JSON.stringify` of an event for every delta, one an
 * event-loop turn. Runs as a process of its own.
 */
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerParent } from './child.ts';
import type { ProcessorTime } from './child.ts';
import { measureMemory } from './memory.ts';
import type { Memory } from './memory.ts';
import { dealOut } from './pacing.ts';
import type { Pace } from './pacing.ts';

export type AnchorCommands = {
  /** The port that it listens on. */
  listen: { readonly detail: null; readonly reply: number };
  /** Writes the event of a frame, again and again, to all open streams. */
  run: { readonly detail: Pace & { readonly frame: string }; readonly reply: null };
  finish: { readonly detail: null; readonly reply: null };
  processorTime: { readonly detail: null; readonly reply: ProcessorTime };
  memory: { readonly detail: null; readonly reply: Memory };
};

const streams = new Set<ServerResponse>();
const server = createServer((request, response) => {
  request.resume();
  request.once('end', () => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    streams.add(response);
  });
});

answerParent<AnchorCommands>({
  listen: () =>
    new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    }),
  async run({ frame, ...pace }) {
    const [, name, data] = /^(?:event: (.*)\n)?data: (.*)$/.exec(frame)!;
    const event: unknown = JSON.parse(data!);
    const before = name === undefined ? 'data: ' : `event: ${name}\ndata: `;
    const open = [...streams];
    await dealOut({ ...pace, streams: open.length }, (stream) => {
      open[stream]!.write(`${before}${JSON.stringify(event)}\n\n`);
    });
    return null;
  },
  finish() {
    for (const response of streams) response.end();
    streams.clear();
    return null;
  },
  processorTime: () => process.cpuUsage(),
  memory: measureMemory,
});
