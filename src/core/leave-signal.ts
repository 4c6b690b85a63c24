/**
 * Says that nobody waits for a turn any more: what a turn needs of an `AbortSignal`, which is one. Node's own takes ten
 * times the memory of what HTTP makes, and there is one for each open stream.
 */
export type LeaveSignal = {
  readonly aborted: boolean;
  /** Why, as an error; once it has aborted. */
  readonly reason: unknown;
  /** Throws the reason. */
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once: true }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
};
