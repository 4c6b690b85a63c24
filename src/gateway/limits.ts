/** How long a turn may take, in milliseconds. */
export type TurnLimits = {
  /** From the engine's start to its first sign of life; prefill of a long prompt takes minutes on a small Mac. */
  readonly firstToken: number;
  /** Between two signs of life after the first. */
  readonly idle: number;
  /** From start to end. */
  readonly total: number;
};

/** What is told of a turn that a limit has ended. */
export function whatIsLate(limit: keyof TurnLimits, milliseconds: number): string {
  switch (limit) {
    case 'firstToken':
      return `The engine said nothing within ${milliseconds} ms (limits.firstToken)`;
    case 'idle':
      return `The engine fell silent for ${milliseconds} ms (limits.idle)`;
    case 'total':
      return `The answer took longer than ${milliseconds} ms (limits.total)`;
  }
}
