import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Config } from '../config-decide.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { systemClock } from './runtime.ts';

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

/** Where programs of this user keep what should outlive them: Apple's place for it, else that of the XDG specification. */
function stateDirectory(): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'codexpc-gateway');
  const configured = process.env['XDG_STATE_HOME'] ?? '';
  // By the specification, a relative path counts as none.
  const state = isAbsolute(configured) ? configured : join(homedir(), '.local', 'state');
  return join(state, 'codexpc-gateway');
}
