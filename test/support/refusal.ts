import { GatewayError } from '../../src/core/errors.ts';

/** What a client is told when `action` refuses: code, field and words. */
export function refusalOf(action: () => unknown): { code: string; param: string | null; message: string } {
  try {
    action();
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown;
    return { code: thrown.code, param: thrown.param, message: thrown.message };
  }
  throw new Error('nothing was refused');
}
