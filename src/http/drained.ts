import type { Writable } from 'node:stream';

/** Settles when the client has read on or has left; a client that does neither in time is cut off. */
export function drained(raw: Writable, timeout: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => raw.destroy(), timeout);
    const done = () => {
      clearTimeout(timer);
      raw.off('drain', done);
      raw.off('close', done);
      resolve();
    };
    raw.once('drain', done);
    raw.once('close', done);
  });
}
