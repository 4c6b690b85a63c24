import { GatewayError } from '../../src/core/errors.ts';

/** The error with which `action` refuses. */
export function refusalOf(action: () => unknown): GatewayError {
  try {
    action();
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown;
    return thrown;
  }
  throw new Error('nothing was refused');
}
