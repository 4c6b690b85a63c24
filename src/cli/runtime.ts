import { randomFillSync, randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Clock, Ids } from '../core/ids.ts';

export const systemClock: Clock = { now: () => Date.now(), elapsed: () => performance.now() };

/** Ids as OpenAI's look: a prefix and 48 hexadecimal digits. */
export const randomIds: Ids = createRandomIds();

/** Asks for the random bytes of many ids at once: what asking costs is not the bytes, and some requests need thousands. */
function createRandomIds(): Ids {
  const bytesPerId = 24;
  const pool = Buffer.allocUnsafeSlow(bytesPerId * 100);
  let used = pool.length;
  return {
    next(prefix) {
      if (used === pool.length) {
        randomFillSync(pool);
        used = 0;
      }
      used += bytesPerId;
      return `${prefix}_${pool.toString('hex', used - bytesPerId, used)}`;
    },
  };
}

/** An id for the daemon, which wants a UUID. */
export const randomRequestId = (): string => randomUUID();

/** Resolves after so many milliseconds, or when the signal aborts. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined);
}

/** The date where this machine is, as YYYY-MM-DD. */
export function localDate(clock: Clock): string {
  const date = new Date(clock.now());
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
