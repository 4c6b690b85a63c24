import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Socket } from 'node:net';
import { decodeValue } from '../../src/xpc/decode.ts';
import { encodeValue } from '../../src/xpc/encode.ts';
import { createFrameReader, encodeFrame } from '../../src/xpc/framing.ts';
import type { XpcValue } from '../../src/xpc/value.ts';

/** A service on the stand-in's socket that hands every message to `onMessage`. */
export type Peer = {
  readonly path: string;
  /** Connections that are open now. */
  readonly sockets: ReadonlySet<Socket>;
  /** Drops every connection and stops listening. */
  close(): Promise<void>;
};

export type PeerConnection = {
  readonly socket: Socket;
  send(message: XpcValue): void;
};

/** A path for a socket in a directory of its own. */
export function newSocketPath(): { readonly path: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'codexpc-'));
  return {
    path: join(directory, 's.sock'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export async function listen(
  path: string,
  onMessage: (message: XpcValue, connection: PeerConnection) => void,
): Promise<Peer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const connection: PeerConnection = {
      socket,
      send: (message) => void socket.write(encodeFrame(encodeValue(message))),
    };
    // Byte arrays of a decoded message are views, so the frame is copied.
    const reader = createFrameReader((frame) => onMessage(decodeValue(Buffer.from(frame)), connection));
    socket.on('data', (chunk: Buffer) => reader.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return {
    path,
    sockets,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Answers every message with itself. */
export const echo = (message: XpcValue, connection: PeerConnection): void => connection.send(message);
