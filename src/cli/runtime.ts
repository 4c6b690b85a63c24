import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock, Ids } from '../core/ids.ts';

export const systemClock: Clock = { now: () => Date.now(), elapsed: () => performance.now() };

/** Ids as OpenAI's look: a prefix and 48 hexadecimal digits. */
export const randomIds: Ids = { next: (prefix) => `${prefix}_${randomBytes(24).toString('hex')}` };

/** An id for the daemon, which wants a UUID. */
export const randomRequestId = (): string => randomUUID();

/** The date where this machine is, as YYYY-MM-DD. */
export function localDate(clock: Clock): string {
  const date = new Date(clock.now());
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
