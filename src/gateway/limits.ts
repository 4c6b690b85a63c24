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
  const total = setTimeout(late, limits.total, 'total');
  let silence = setTimeout(late, limits.firstToken, 'firstToken');
  let heard = false;

  function late(limit: keyof TurnLimits): void {
    stop();
    onLate(new GatewayError('backend_timeout', `${whatIsLate(limit, limits[limit])}; the turn was given up.`));
  }

  function stop(): void {
    clearTimeout(total);
    clearTimeout(silence);
  }

  return {
    progress() {
      if (heard) {
        silence.refresh();
        return;
      }
      heard = true;
      clearTimeout(silence);
      silence = setTimeout(late, limits.idle, 'idle');
    },
    stop,
  };
}

function whatIsLate(limit: keyof TurnLimits, milliseconds: number): string {
  switch (limit) {
    case 'firstToken':
      return `The engine said nothing within ${milliseconds} ms (limits.firstToken)`;
    case 'idle':
      return `The engine fell silent for ${milliseconds} ms (limits.idle)`;
    case 'total':
      return `The answer took longer than ${milliseconds} ms (limits.total)`;
  }
}
