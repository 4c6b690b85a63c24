import type { FastifyReply } from 'fastify';
import type { Frame } from '../core/dialect.ts';
import type { Outlet } from './stream-answer.ts';

/** A frame as it goes over the wire. Data is one line by contract, so nothing in it can begin a field of its own. */
export function formatFrame({ event, data }: Frame): string {
  if (data === null) return ': keep-alive\n\n';
  return event === null ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`;
}

function formatFrames(frames: readonly Frame[]): string {
  let text = '';
  for (const frame of frames) text += formatFrame(frame);
  return text;
}

/** Makes the answer to a request a stream of events, and sends its headers. @fastify/sse ends it with the route's handler. */
export function beginEventStream(reply: FastifyReply): void {
  // @fastify/sse says keep-alive to everybody.
  if (!reply.raw.shouldKeepAlive) reply.header('connection', 'close');
  reply.sse.sendHeaders();
}

/** A client that reads events over HTTP, from now on until `end`: also when the route's handler is done. */
export function createEventOutlet(reply: FastifyReply): Outlet {
  const { raw, sse } = reply;
  beginEventStream(reply);
  sse.keepAlive();
  // In one packet with what is written at once, but not in one text: Node would keep the headers in the many pieces that it
  // put them together of.
  raw.cork();
  raw.flushHeaders();
  queueMicrotask(() => raw.uncork());
  return {
    raw,
    write(frames) {
      if (raw.destroyed) return 'gone';
      const isTaken = frames.length === 0 ? !raw.writableNeedDrain : raw.write(formatFrames(frames));
      return isTaken ? 'open' : 'full';
    },
    end: () => sse.close(),
  };
}
