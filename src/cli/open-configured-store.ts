import { join } from 'node:path';
import type { Config } from '../config-decide.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { systemClock } from './runtime.ts';
import { stateDirectory } from './state-directory.ts';

const day = 86_400_000;

/**
 * Where the store is; null: in memory, which is where what a simulator has made up is kept, unless a path is configured:
 * it must not get among real answers.
 */
export function storePath({ store, backend }: Config): string | null {
  return store.path ?? (backend.type === 'simulator' ? null : join(stateDirectory(), 'store.db'));
}

/** The store that the configuration asks for; null: none. */
export async function openConfiguredStore(config: Config, onTrouble: (error: unknown) => void): Promise<Store | null> {
  const { store } = config;
  if (!store.enabled) return null;
  return openStore({
    path: storePath(config),
    now: systemClock.now,
    lifetime: store.expiryDays * day,
    maxBytes: store.maxBytes,
    onTrouble,
  });
}
