import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';

/** A store that is gone when it is closed, at noon of 31 January 2026, UTC. */
export function memoryStore(): Promise<Store> {
  return openStore({
    path: null,
    now: () => Date.UTC(2026, 0, 31, 12),
    lifetime: 30 * 86_400_000,
    maxBytes: 1 << 30,
    onTrouble: (error) => {
      throw error;
    },
  });
}
