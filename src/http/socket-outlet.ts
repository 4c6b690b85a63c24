import type { Writable } from 'node:stream';
import type { WebSocket } from '@fastify/websocket';
import type { Frame } from '../core/dialect.ts';
import type { Outlet } from './stream-answer.ts';

/**
 * A client that reads events over a WebSocket, a message each, those of one batch in one write.
 *
 * @param raw what the socket writes to.
 * @param streamId is put into every event; null: there is none.
 */
export function createSocketOutlet(socket: WebSocket, raw: Writable, streamId: string | null): Outlet {
  const end = streamId === null ? '}' : `,"stream_id":${JSON.stringify(streamId)}}`;
  const messageOf = (data: string) => (streamId === null ? data : data.slice(0, -1) + end);

  function send(frames: readonly Frame[]): void {
    raw.cork();
    for (const { data } of frames) if (data !== null) socket.send(messageOf(data));
    raw.uncork();
  }

  return {
    raw,
    write(frames) {
      if (socket.readyState !== socket.OPEN) return 'gone';
      if (frames.length > 0) send(frames);
      return raw.writableNeedDrain ? 'full' : 'open';
    },
    end() {},
  };
}
