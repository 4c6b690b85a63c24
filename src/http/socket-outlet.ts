import type { Writable } from 'node:stream';
import type { WebSocket } from '@fastify/websocket';
import type { Frame } from '../core/dialect.ts';
import { drained } from './drained.ts';
import type { Outlet } from './stream-answer.ts';

/**
 * A client that reads events over a WebSocket, a message each, those of one batch in one write.
 *
 * @param raw what the socket writes to.
 * @param streamId is put into every event; null: there is none.
 */
export function createSocketOutlet(
  socket: WebSocket,
  raw: Writable,
  { streamId, stallTimeout }: { readonly streamId: string | null; readonly stallTimeout: number },
): Outlet {
  const end = streamId === null ? '}' : `,"stream_id":${JSON.stringify(streamId)}}`;
  const isGone = () => socket.readyState !== socket.OPEN;
  const messageOf = (data: string) => (streamId === null ? data : data.slice(0, -1) + end);

  function send(frames: readonly Frame[]): void {
    raw.cork();
    for (const { data } of frames) if (data !== null) socket.send(messageOf(data));
    raw.uncork();
  }

  return {
    write(frames) {
      if (isGone()) return true;
      send(frames);
      return !raw.writableNeedDrain;
    },
    drained: () => drained(raw, stallTimeout),
    isGone,
    keepAlive(frame) {
      if (!raw.writableNeedDrain && !isGone()) send([frame()]);
    },
  };
}
