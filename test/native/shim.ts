import { fstatSync, readdirSync } from 'node:fs';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { findLibrary, loadLibrary } from '../../src/backends/codexpc/library.ts';
import { createFrameReader } from '../../src/xpc/framing.ts';
import type { ShimLibrary } from '../../src/backends/codexpc/library.ts';

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** The built stand-in shim; `CODEXPC_TEST_SHIM` names an instrumented build instead. */
export const shimPath = process.env['CODEXPC_TEST_SHIM'] ?? findLibrary({ variant: 'standin', root: projectRoot });

export const loadShim = (): ShimLibrary => loadLibrary(shimPath);

/** The end of the event socket's file, as `next` reports it. */
export const endOfFile = Symbol('end of file');

export type EventReader = {
  readonly handle: number;
  readonly socket: Socket;
  /** The next event, parsed, or `endOfFile`. */
  next(): Promise<unknown>;
};

/** Opens a connection and reads its events as the gateway does. */
export function openConnection(library: ShimLibrary, service: string): EventReader {
  const { handle, fd } = library.open(service);
  const socket = new Socket({ fd, readable: true, writable: false });
  const events: unknown[] = [];
  const waiting: ((event: unknown) => void)[] = [];
  const give = (event: unknown) => {
    const resolve = waiting.shift();
    if (resolve === undefined) events.push(event);
    else resolve(event);
  };
  const reader = createFrameReader((frame) => give(JSON.parse(frame.toString('utf8'))));
  socket.on('data', (chunk: Buffer) => reader.push(chunk));
  socket.on('close', () => give(endOfFile));
  return {
    handle,
    socket,
    next: () => (events.length > 0 ? Promise.resolve(events.shift()) : new Promise((resolve) => waiting.push(resolve))),
  };
}

/** File descriptors of this process, but files: a sanitizer opens its report when it has the first thing to report. */
export const countDescriptors = (): number => readdirSync('/dev/fd').filter((name) => !isFile(Number(name))).length;

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    // It was that of the directory being read.
    return false;
  }
}

/** Threads of this process; 0 where the system doesn't tell. */
export function countThreads(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0;
}

/** Resolves when the condition holds; the test's own timeout ends a wait that is in vain. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  }
}
