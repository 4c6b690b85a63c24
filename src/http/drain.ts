import type { IncomingMessage } from 'node:http';

/** Most bytes of a refused upload that are read and thrown away. */
const mostBytes = 64 * 1024 * 1024;

/**
 * Reads what is left of a request's body and throws it away: a connection that is closed while the client still sends
 * reaches it as a broken pipe, and the answer with it gets lost.
 *
 * Resolves when the body has ended, its sender is gone, or more has come than anybody should have to read. The
 * server's `requestTimeout` ends the wait for a sender that stops sending.
 */
export function drain(request: IncomingMessage): Promise<void> {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
  const hasBody = coding !== undefined || Number(length ?? 0) > 0;
  if (!hasBody || request.complete || request.destroyed || Number(length) > mostBytes) return Promise.resolve();
  return new Promise((resolve) => {
    let bytes = 0;
    const count = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostBytes) done();
    };
    const done = () => {
      request.off('data', count).off('end', done).off('close', done);
      resolve();
    };
    request.on('data', count).on('end', done).on('close', done).resume();
  });
}
