import type { FastifyReply } from 'fastify';
import type { Frame } from '../core/dialect.ts';
import { drained } from './drained.ts';
import type { Outlet } from './stream-answer.ts';

export type StreamOptions = {
  /** Milliseconds without a write after which a keep-alive frame is sent. */
  readonly keepAliveInterval: number;
  /** Milliseconds a client may leave its receive buffer full before its connection is given up. */
  readonly stallTimeout: number;
};

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

/** Makes the answer to a request a stream of events, and sends its headers. */
export function beginEventStream(reply: FastifyReply): void {
  // @fastify/sse says keep-alive to everybody.
  if (!reply.raw.shouldKeepAlive) reply.header('connection', 'close');
  reply.sse.sendHeaders();
}

/** A client that reads events over HTTP. Ending the response is left to @fastify/sse. */
export function createEventOutlet(reply: FastifyReply, { stallTimeout }: StreamOptions): Outlet {
  const { raw } = reply;
  beginEventStream(reply);
  let begun = false;
  return {
    write(frames) {
      if (raw.destroyed) return true;
      if (begun) return frames.length === 0 || raw.write(formatFrames(frames));
      begun = true;
      // In one packet with what there is by now, but not in one text: Node would keep the headers in the many pieces that
      // it put them together of.
      raw.cork();
      raw.flushHeaders();
      const isRead = frames.length === 0 || raw.write(formatFrames(frames));
      raw.uncork();
      return isRead;
    },
    drained: () => drained(raw, stallTimeout),
    isGone: () => raw.destroyed,
    keepAlive(frame) {
      if (!raw.writableNeedDrain && !raw.destroyed) raw.write(formatFrame(frame()));
    },
  };
}
