import type { GatewayState } from '../../src/observe/state.ts';
import { ApiFailure } from '../access.ts';
import type { Access } from '../access.ts';
import { readFrames } from '../event-stream.ts';

export type Told = {
  /** `isWhole`: the first of a connection, with everything in it. */
  state(state: GatewayState, isWhole: boolean): void;
  lost(message: string): void;
};

/** Milliseconds before it is tried again; twice as long each time, up to a limit. */
const firstWait = 500;
const longestWait = 8000;

/** Listens to the gateway, and again when it was lost, until the signal aborts or a key is asked for. */
export async function follow(access: Access, told: Told, signal: AbortSignal): Promise<void> {
  let wait = firstWait;
  while (!signal.aborted) {
    try {
      const answer = await access.send('/gateway/events', { signal });
      let isWhole = true;
      for await (const { data } of readFrames(answer.body!)) {
        if (data === null) continue;
        told.state(JSON.parse(data) as GatewayState, isWhole);
        isWhole = false;
        wait = firstWait;
      }
      if (!signal.aborted) told.lost('The connection to the gateway has ended.');
    } catch (error) {
      if (!signal.aborted) told.lost((error as Error).message);
      if (error instanceof ApiFailure && error.status === 401) return;
    }
    await pause(wait, signal);
    wait = Math.min(wait * 2, longestWait);
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end);
  });
}
