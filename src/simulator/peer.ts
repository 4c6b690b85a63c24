import type { Socket } from 'node:net';
import { decodeValue } from '../xpc/decode.ts';
import { encodeValue } from '../xpc/encode.ts';
import { createFrameReader, encodeFrame } from '../xpc/framing.ts';
import type { XpcDictionary } from '../xpc/value.ts';
import { asDictionary } from './fields.ts';
import { withCStrings } from './outgoing.ts';

/** One client's connection, in messages. */
export type Peer = {
  /** Sends a message, its texts up to their first NUL; to a client that is gone it is dropped in silence, as XPC does. */
  send(message: XpcDictionary): void;
  /** Resolves when the client has taken what was sent, or is gone: a slow reader slows the engine, not the heap. */
  drained(): Promise<void>;
  /** Aborts when the connection is gone. */
  readonly gone: AbortSignal;
  /** Cuts the connection off; what has not left yet is lost. */
  drop(): void;
};

export type PeerOptions = {
  readonly onMessage: (message: XpcDictionary, peer: Peer) => void;
  readonly log: (what: string) => void;
};

export function createPeer(socket: Socket, { onMessage, log }: PeerOptions): Peer {
  const gone = new AbortController();

  const peer: Peer = {
    gone: gone.signal,
    send(message) {
      if (!gone.signal.aborted && socket.writable) socket.write(encodeFrame(encodeValue(withCStrings(message))));
    },
    drained() {
      if (gone.signal.aborted || !socket.writableNeedDrain) return Promise.resolve();
      return new Promise((resolve) => {
        const done = () => {
          socket.off('drain', done);
          gone.signal.removeEventListener('abort', done);
          resolve();
        };
        socket.once('drain', done);
        gone.signal.addEventListener('abort', done);
      });
    },
    drop: () => void socket.destroy(),
  };

  const reader = createFrameReader((frame) => {
    if (gone.signal.aborted) return;
    // The frame's bytes are reused; a message and the data in it live on.
    const message = asDictionary(decodeValue(Buffer.from(frame)));
    if (message === null) log('a message that is no dictionary was dropped');
    else onMessage(message, peer);
  });
  socket.on('data', (chunk: Buffer) => {
    try {
      reader.push(chunk);
    } catch (error) {
      log(`a client's bytes are no frames, its connection is dropped: ${(error as Error).message}`);
      socket.destroy();
    }
  });
  // What follows an error is a close.
  socket.on('error', (error) => log(`a connection failed: ${error.message}`));
  socket.on('close', () => gone.abort());
  return peer;
}
