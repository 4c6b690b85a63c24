import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../config-decide.ts';
import { createSeals } from '../dialects/responses/seals.ts';
import type { Seals } from '../dialects/responses/seals.ts';
import { stateDirectory } from './state-directory.ts';

const keyLength = 32;

/** Seals that are good for as long as this process lives. */
export function temporarySeals(): Seals {
  const key = randomBytes(keyLength);
  return createSeals({ key: () => key, random: randomBytes });
}

/**
 * The seals that the configuration asks for. What a simulator has thought is sealed with a key that is in memory only,
 * unless a path is configured, as its answers are kept.
 *
 * A key that can be neither read nor written is made up for for the life of this process: a turn is worth more than what
 * is remembered of it later. `onTrouble` is told then.
 */
export function configuredSeals({ store, backend }: Config, onTrouble: (error: unknown) => void): Seals {
  const path = store.sealKey ?? (backend.type === 'simulator' ? null : join(stateDirectory(), 'seal.key'));
  if (path === null) return temporarySeals();
  return createSeals({
    random: randomBytes,
    key() {
      try {
        return readOrMakeKey(path);
      } catch (error) {
        onTrouble(error);
        return randomBytes(keyLength);
      }
    },
  });
}

/**
 * The key in the file at `path`; one is made where there is none, for its owner's eyes only. Of several gateways that
 * make one at once, all get the same.
 *
 * @throws Error when that isn't possible, or the file holds something else.
 */
export function readOrMakeKey(path: string): Uint8Array {
  const found = readKey(path);
  if (found !== null) return found;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Linked into its place when it is whole: another process may read it at any time.
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(draft, `${randomBytes(keyLength).toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true });
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readKey(path)!;
}

function readKey(path: string): Uint8Array | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== keyLength) throw new Error(`${path} holds no key: ${keyLength} bytes in base64 are expected.`);
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  return key;
}
