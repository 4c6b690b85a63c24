import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';
import { endWith } from './cleanup.ts';
import { createCondition } from './condition.ts';

export type SocketEvent = { readonly type: string; readonly [field: string]: unknown };

/** A WebSocket to a gateway's responses, open. */
export type SocketConnection = {
  readonly socket: WebSocket;
  readonly events: readonly SocketEvent[];
  /** A text is sent as it is, anything else as JSON. */
  send(message: unknown): void;
  until<Found>(find: () => Found | undefined | null | false): Promise<Found>;
  /** The `count`th event of this type. */
  event(type: string, count?: number): Promise<SocketEvent>;
  readonly closed: Promise<number>;
};

/** @param url the gateway's, as in `http://127.0.0.1:40123`. */
export async function connectSocket(url: string, options: ClientOptions = {}): Promise<SocketConnection> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/responses`, options);
  endWith('test', () => socket.terminate());
  const events: SocketEvent[] = [];
  const record = createCondition();
  socket.on('message', (data: Buffer) => {
    events.push(JSON.parse(data.toString()) as SocketEvent);
    record.changed();
  });
  const closed = new Promise<number>((resolve) => {
    socket.on('close', (code) => {
      record.closed(() => `the connection was closed with ${code}\n${JSON.stringify(events)}`);
      resolve(code);
    });
  });
  await once(socket, 'open');
  return {
    socket,
    events,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    until: record.until,
    event: (type, count = 1) => record.until(() => events.filter((event) => event.type === type)[count - 1]),
    closed,
  };
}
