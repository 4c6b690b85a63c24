import { symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createFrameReader, encodeFrame } from '../../../src/xpc/framing.ts';

/** Where a tampering sends what it makes of a frame: to the gateway, on the connection that the frame came for. */
export type Line = {
  frame(payload: Uint8Array): void;
  bytes(bytes: Uint8Array): void;
  /** Ends the connection behind what was sent. */
  cut(): void;
  /** Nothing more comes on this connection, and it stays open. */
  fallSilent(): void;
};

/** Gets each frame that the daemon says, without its length; what it doesn't send on is lost. */
export type Tamper = (frame: Buffer, line: Line) => void;

/** Stands before a daemon and does to its words, its connections and its place what a test tells it to. */
export type Proxy = {
  listen(): Promise<void>;
  /** Leaves its place; the connections that there are stay. */
  vanish(): void;
  /** Puts something else in its place, until `restore`: a file, or a way around the proxy to the daemon itself. */
  replaceBy(what: 'file' | 'daemon'): void;
  restore(): Promise<void>;
  /** null: every frame is passed on as it is. */
  setTamper(tamper: Tamper | null): void;
  dropAll(): void;
  /** Frames that the daemon has said so far. */
  frames(): number;
  /** Called at every frame of the daemon, until it is replaced. */
  onFrame(listener: () => void): void;
  close(): void;
};

export function createProxy(path: string, daemonPath: string): Proxy {
  let server: Server | null = null;
  let replaced = false;
  let tamper: Tamper | null = null;
  let frames = 0;
  let listener = (): void => undefined;
  const sockets = new Set<Socket>();

  function join(gateway: Socket): void {
    const daemon = connect(daemonPath);
    let silent = false;
    const write = (bytes: Uint8Array): void => {
      if (silent || gateway.destroyed || gateway.write(bytes) || daemon.isPaused()) return;
      daemon.pause();
      gateway.once('drain', () => daemon.resume());
    };
    const line: Line = {
      frame: (payload) => write(encodeFrame(payload)),
      bytes: write,
      cut() {
        silent = true;
        gateway.destroySoon();
      },
      fallSilent() {
        silent = true;
      },
    };
    const reader = createFrameReader((frame) => {
      frames += 1;
      if (tamper === null) line.frame(frame);
      else tamper(Buffer.from(frame), line);
      listener();
    });
    daemon.on('data', (chunk: Buffer) => reader.push(chunk));
    gateway.on('data', (chunk: Buffer) => {
      if (daemon.write(chunk)) return;
      gateway.pause();
      daemon.once('drain', () => gateway.resume());
    });
    for (const [socket, other] of [
      [gateway, daemon],
      [daemon, gateway],
    ] as const) {
      sockets.add(socket);
      // What follows an error is a close.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroySoon();
      });
    }
  }

  const proxy: Proxy = {
    listen: () =>
      new Promise((resolve, reject) => {
        server = createServer(join);
        server.once('error', reject);
        server.listen(path, resolve);
      }),
    vanish() {
      // This removes its socket file, too.
      server?.close();
      server = null;
    },
    replaceBy(what) {
      proxy.vanish();
      if (what === 'file') writeFileSync(path, '');
      else symlinkSync(daemonPath, path);
      replaced = true;
    },
    async restore() {
      if (replaced) unlinkSync(path);
      replaced = false;
      if (server === null) await proxy.listen();
    },
    setTamper(chosen) {
      tamper = chosen;
    },
    dropAll() {
      for (const socket of sockets) socket.destroy();
    },
    frames: () => frames,
    onFrame(chosen) {
      listener = chosen;
    },
    close() {
      proxy.vanish();
      proxy.dropAll();
    },
  };
  return proxy;
}
