import { chmod, lstat, mkdir, unlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { dirname } from 'node:path';

/** A Unix-domain socket that is listened on, and the connections that came in by it. */
export type Listener = {
  /**
   * Begins to listen. The folder is made, for this user alone, when it isn't there; a socket on which nobody answers
   * any more is replaced.
   *
   * @throws Error when somebody else answers there, or something that is no socket stands there.
   */
  open(): Promise<void>;
  /** Stops listening, cuts every connection off, removes the socket. */
  close(): Promise<void>;
  /** From now on neither the socket nor its connections keep the process alive. */
  unref(): void;
};

/** Longest path that every system takes; macOS has room for 103 bytes and a NUL. */
const longestPath = 103;

export function createListener(socketPath: string, onConnection: (socket: Socket) => void): Listener {
  let server: Server | null = null;
  let referenced = true;
  const sockets = new Set<Socket>();

  function accept(socket: Socket): void {
    sockets.add(socket);
    if (!referenced) socket.unref();
    socket.once('close', () => sockets.delete(socket));
    onConnection(socket);
  }

  return {
    async open() {
      if (Buffer.byteLength(socketPath) > longestPath) {
        throw new Error(`The socket path ${socketPath} is longer than ${longestPath} bytes.`);
      }
      await mkdir(dirname(socketPath), { recursive: true, mode: 0o700 });
      await removeStale(socketPath);
      const opened = createServer(accept);
      await new Promise<void>((resolve, reject) => {
        opened.once('error', reject);
        opened.listen(socketPath, () => {
          opened.off('error', reject);
          resolve();
        });
      });
      server = opened;
      if (!referenced) opened.unref();
      await chmod(socketPath, 0o600);
    },
    async close() {
      const closing = server;
      server = null;
      for (const socket of sockets) socket.destroy();
      // Closing the server removes its socket file.
      if (closing !== null) await new Promise((resolve) => closing.close(resolve));
    },
    unref() {
      referenced = false;
      server?.unref();
      for (const socket of sockets) socket.unref();
    },
  };
}

async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (found === null) return;
  if (!found.isSocket()) throw new Error(`${path} is there already and is no socket.`);
  if (await isAnswered(path)) throw new Error(`Another daemon is listening on ${path}.`);
  await unlink(path);
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
      else reject(error);
    });
  });
}
