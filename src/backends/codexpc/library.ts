import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch as hostArchitecture, endianness, platform as hostPlatform } from 'node:os';
import { join } from 'node:path';
import { GatewayError } from '../../core/errors.ts';
import { maxMessageBytes } from '../../xpc/value.ts';
import type { FailureCode } from '../../core/errors.ts';

/**
 * The native shim, native-shim/include/codexpc_shim.h, whose words on ownership hold here too. No call waits for the
 * daemon or calls back; events come on the socket that `open` gives.
 */
export type ShimLibrary = {
  readonly abiVersion: number;
  /**
   * Opens a connection to a service, whether or not there is one: its absence is told by `"$closed"`.
   *
   * `handle` has to be closed once, also after `"$closed"`. `fd` is the reading end of the event socket: frames of JSON,
   * then the end of file. It is the caller's: `new Socket({ fd, readable: true, writable: false })`.
   *
   * @throws GatewayError `backend_unavailable` without descriptors or threads, or with a name that can't be one.
   */
  open(service: string): { readonly handle: number; readonly fd: number };
  /**
   * Queues one message; nothing is kept of the arguments afterwards.
   *
   * @param message a dictionary's bytes by `encodeValue`.
   * @param tokens what the message's tokens marker stands for; null is the same as none.
   * @throws GatewayError when nothing was sent: `backend_lost` on a connection that has ended, `backend_unavailable`
   *   without memory, `payload_too_large` over 64 MiB, `internal_error` for bytes that are no message.
   */
  send(handle: number, message: Uint8Array, tokens: Uint32Array | null): void;
  /** Ends a connection; `"$closed"` and the end of file follow on its socket. A stale handle is ignored. */
  close(handle: number): void;
};

/** `xpc`: over Apple's libxpc, to the real daemon. `standin`: over Unix-domain sockets, to a simulated one. */
export type ShimVariant = 'xpc' | 'standin';

const supportedAbiVersion = 1;
const longestServiceName = 1023;

/** `enum codexpc_status` of the header, but CODEXPC_OK. */
const statuses = new Map<number, { readonly code: FailureCode; readonly message: string }>([
  [-1, { code: 'internal_error', message: 'The native shim was called with a missing argument.' }],
  [-2, { code: 'backend_unavailable', message: 'The service name is empty or too long.' }],
  [-3, { code: 'backend_lost', message: 'The connection to the daemon has been closed already.' }],
  [-4, { code: 'internal_error', message: 'The message to the daemon is malformed.' }],
  [-5, { code: 'internal_error', message: 'A text for the daemon holds a NUL or is not UTF-8.' }],
  [-6, { code: 'internal_error', message: 'The message to the daemon is nested too deeply.' }],
  [-7, { code: 'payload_too_large', message: 'The request is larger than the 64 MiB that a message may have.' }],
  [-8, { code: 'backend_lost', message: 'The connection to the daemon has ended.' }],
  [-9, { code: 'backend_unavailable', message: 'Too many connections to the daemon are open.' }],
  [-10, { code: 'backend_unavailable', message: 'The system has no file descriptor, thread or memory left.' }],
]);

function statusError(status: number): GatewayError {
  const known = statuses.get(status);
  return known === undefined
    ? new GatewayError('internal_error', `The native shim answered with the unknown status ${status}.`)
    : new GatewayError(known.code, known.message);
}

const unavailable = (message: string, cause?: unknown) =>
  new GatewayError('backend_unavailable', message, cause === undefined ? {} : { cause });

/**
 * Where the library is: the one that was built here, else the one for this system that the package brought along.
 *
 * @param root the project's directory.
 * @throws GatewayError `backend_unavailable` when there is none, or when the system has no such variant.
 */
export function findLibrary({
  variant,
  root,
  platform = hostPlatform(),
  architecture = hostArchitecture(),
}: {
  readonly variant: ShimVariant;
  readonly root: string;
  readonly platform?: NodeJS.Platform;
  readonly architecture?: string;
}): string {
  if (variant === 'xpc' && platform !== 'darwin') {
    throw unavailable(`XPC is a part of macOS, and this system is ${platform}: only the simulator can be used here.`);
  }
  const name = variant === 'xpc' ? 'libcodexpc_shim' : 'libcodexpc_shim_standin';
  const file = `${name}.${platform === 'darwin' ? 'dylib' : 'so'}`;
  const shim = join(root, 'native-shim');
  // The libraries for macOS hold both architectures.
  const system = platform === 'darwin' ? platform : `${platform}-${architecture}`;
  const found = [join(shim, 'build', file), join(shim, 'prebuilt', system, file)].find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw unavailable(
    `The native shim is not built, and there is none ready-made for ${system}: "make -C ${shim}" builds it, with a C compiler.`,
  );
}

/**
 * Loads a built shim. It stays loaded. To be called on the main thread first: ffi-rs that was loaded by a worker alone
 * crashes when that worker ends.
 *
 * @throws GatewayError `backend_unavailable` when it can't be loaded or is of another ABI version.
 */
export function loadLibrary(path: string): ShimLibrary {
  if (endianness() !== 'LE')
    throw unavailable('Big-endian systems are not supported: tokens travel as they are in memory.');
  const { define, open, DataType } = loadForeignFunctions();
  const { I32, U32, U8Array, String: CString } = DataType;
  try {
    open({ library: path, path });
  } catch (cause) {
    throw unavailable(
      `The native shim at ${path} can't be loaded (${(cause as Error).message}); "make -C native-shim" builds it for this system.`,
      cause,
    );
  }
  const calls = define({
    codexpc_abi_version: { library: path, retType: U32, paramsType: [] },
    codexpc_open: { library: path, retType: I32, paramsType: [CString, U8Array] },
    codexpc_send: { library: path, retType: I32, paramsType: [I32, U8Array, U32, U8Array, U32] },
    codexpc_close: { library: path, retType: I32, paramsType: [I32] },
  });

  const abiVersion = readAbiVersion(path, calls.codexpc_abi_version);
  if (abiVersion !== supportedAbiVersion) {
    throw unavailable(
      `The native shim at ${path} has ABI version ${abiVersion}, this gateway needs ${supportedAbiVersion}; "make -C native-shim" builds it.`,
    );
  }

  return {
    abiVersion,
    open(service) {
      // ffi-rs would cut the name at a NUL.
      if (service.includes('\0')) throw unavailable('A service name cannot hold a NUL.');
      if (Buffer.byteLength(service) > longestServiceName) throw statusError(-2);
      const out = Buffer.alloc(4);
      const handle = calls.codexpc_open([service, out]) as number;
      if (handle <= 0) throw statusError(handle);
      return { handle, fd: out.readInt32LE(0) };
    },
    send(handle, message, tokens) {
      const tokenBytes = tokens === null ? noBytes : asBuffer(tokens);
      // Lengths past 32 bits would be cut on their way.
      if (Math.max(message.byteLength, tokenBytes.length) > maxMessageBytes) throw statusError(-7);
      const status = calls.codexpc_send([
        handle,
        asBuffer(message),
        message.byteLength,
        tokenBytes,
        tokens === null ? 0 : tokens.length,
      ]) as number;
      if (status !== 0) throw statusError(status);
    },
    close(handle) {
      calls.codexpc_close([handle]);
    },
  };
}

const noBytes = Buffer.alloc(0);

/** The same memory as the Buffer that ffi-rs wants. */
function asBuffer(view: Uint8Array | Uint32Array): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

/** ffi-rs is a native package: it throws on import where it has no build, and that must not end the gateway untold. */
function loadForeignFunctions(): typeof import('ffi-rs') {
  try {
    return createRequire(import.meta.url)('ffi-rs') as typeof import('ffi-rs');
  } catch (cause) {
    throw unavailable('The package ffi-rs has no build for this system, so the native shim cannot be loaded.', cause);
  }
}

function readAbiVersion(path: string, call: (values: unknown[]) => unknown): number {
  try {
    return call([]) as number;
  } catch (cause) {
    throw unavailable(`${path} is not the native shim: it has no codexpc_abi_version.`, cause);
  }
}
