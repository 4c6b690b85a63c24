import { asGatewayError } from '../core/errors.ts';
import type { Clock } from '../core/ids.ts';
import type { BackendState } from './state.ts';

/** Knows how the backend is, and asks it only when somebody wants to know. */
export type HealthWatch = {
  /** What the last answer was; another object after each one. */
  current(): BackendState;
  /** Asks if the last answer is too old, and resolves when there is a new one. Never rejects. */
  refresh(): Promise<void>;
};

export type HealthWatchOptions = {
  readonly name: string;
  readonly check: (signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
};

/** Milliseconds for which an answer holds, and that the backend may take for it. */
const holds = 5000;
const patience = 2000;

export function createHealthWatch({ name, check, clock }: HealthWatchOptions): HealthWatch {
  let state: BackendState = { name, health: 'unknown', checkedAt: null, problem: null };
  let asked = -Infinity;
  let asking: Promise<void> | null = null;

  async function ask(): Promise<void> {
    asked = clock.elapsed();
    try {
      await check(AbortSignal.timeout(patience));
      state = { name, health: 'well', checkedAt: clock.now(), problem: null };
    } catch (thrown) {
      const { code, message } = asGatewayError(thrown);
      state = { name, health: 'failing', checkedAt: clock.now(), problem: { code, message } };
    } finally {
      asking = null;
    }
  }

  return {
    current: () => state,
    refresh() {
      if (asking === null && clock.elapsed() - asked >= holds) asking = ask();
      return asking ?? Promise.resolve();
    },
  };
}
