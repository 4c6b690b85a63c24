/** Values that are made once for all who use them at the same time. */
export type Shared<Value> = {
  /** `release` must be called when the value is not used any more. */
  take(key: string): { readonly value: Promise<Value>; release(): void };
};

export function createShared<Value>(make: (key: string) => Promise<Value>): Shared<Value> {
  const entries = new Map<string, { readonly value: Promise<Value>; users: number }>();
  return {
    take(key) {
      const entry = entries.get(key) ?? { value: make(key), users: 0 };
      entries.set(key, entry);
      entry.users++;
      return {
        value: entry.value,
        release() {
          if (--entry.users === 0) entries.delete(key);
        },
      };
    },
  };
}
