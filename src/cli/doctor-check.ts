/** What was looked at, how it is, and what to do about it. */
export type Check = {
  readonly name: CheckName;
  /** `warn`: it works, but maybe not as it is meant. */
  readonly status: 'ok' | 'warn' | 'fail';
  readonly what: string;
  /** null: nothing is to be done. */
  readonly advice: string | null;
};

/** In the order in which they are looked at. */
export type CheckName = 'node' | 'config' | 'port' | 'store' | 'checkpoint' | 'shim' | 'daemon' | 'harmony' | 'answer';

export const ok = (name: CheckName, what: string): Check => ({ name, status: 'ok', what, advice: null });
export const warn = (name: CheckName, what: string, advice: string): Check => ({ name, status: 'warn', what, advice });
export const fail = (name: CheckName, what: string, advice: string): Check => ({ name, status: 'fail', what, advice });
