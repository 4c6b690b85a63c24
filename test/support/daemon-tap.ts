import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { decodeValue } from '../../src/xpc/decode.ts';
import { createFrameReader } from '../../src/xpc/framing.ts';
import type { XpcDictionary } from '../../src/xpc/value.ts';

/** Stands between a gateway and its daemon on sockets of the stand-in libxpc, and changes nothing. */
export type DaemonTap = {
  /** Everything that clients sent, in order, as it went over the socket, but the greetings of new connections. */
  readonly received: readonly XpcDictionary[];
  listen(): Promise<void>;
  close(): Promise<void>;
};

/**
 * @param socketPath where clients look for the daemon.
 * @param daemonPath where the daemon is.
 * @param onMessage sees each message before the daemon does.
 */
export function createDaemonTap(
  socketPath: string,
  daemonPath: string,
  onMessage: (message: XpcDictionary) => void,
): DaemonTap {
  const received: XpcDictionary[] = [];
  const sockets = new Set<Socket>();

  const server = createServer((client) => {
    const daemon = connect(daemonPath);
    const reader = createFrameReader((frame) => {
      const message = decodeValue(Buffer.from(frame)) as XpcDictionary;
      const type = message.get('type');
      if (type === 'handshake' || type === 'health') return;
      received.push(message);
      onMessage(message);
    });
    client.on('data', (chunk: Buffer) => {
      reader.push(chunk);
      daemon.write(chunk);
    });
    daemon.on('data', (chunk: Buffer) => client.write(chunk));
    for (const [socket, other] of [
      [client, daemon],
      [daemon, client],
    ] as const) {
      sockets.add(socket);
      // What follows an error is a close; what has been written still arrives.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroySoon();
      });
    }
  });

  return {
    received,
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(socketPath, resolve);
      }),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
