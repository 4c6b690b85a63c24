import { GatewayError } from '../core/errors.ts';

/** How long a turn may take, in milliseconds. */
export type TurnLimits = {
  /** From the engine's start to its first sign of life; prefill of a long prompt takes minutes on a small Mac. */
  readonly firstToken: number;
  /** Between two signs of life after the first. */
  readonly idle: number;
  /** From start to end. */
  readonly total: number;
};

/** Watches a running turn; `onLate` is called once, when a limit has passed. */
export type Deadline = {
  /** The engine gave a sign of life. */
  progress(): void;
  stop(): void;
};

export function startDeadline(limits: TurnLimits, onLate: (error: GatewayError) => void): Deadline {
  const late = (what: string) => () => {
    stop();
    onLate(new GatewayError('backend_timeout', `${what}; the turn was given up.`));
  };
  const total = setTimeout(late(`The answer took longer than ${limits.total} ms (limits.total)`), limits.total);
  const first = setTimeout(
    late(`The engine said nothing within ${limits.firstToken} ms (limits.firstToken)`),
    limits.firstToken,
  );
  let idle: NodeJS.Timeout | null = null;

  function stop(): void {
    clearTimeout(total);
    clearTimeout(first);
    if (idle !== null) clearTimeout(idle);
  }

  return {
    progress() {
      if (idle !== null) {
        idle.refresh();
        return;
      }
      clearTimeout(first);
      idle = setTimeout(late(`The engine fell silent for ${limits.idle} ms (limits.idle)`), limits.idle);
    },
    stop,
  };
}
