import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { takeLock } from './database.ts';

/**
 * Which of the processes that use a store are alive. Each that makes responses in the background holds a lock, which
 * the system takes away from it when it dies, at once and however it dies; a process id may be somebody else's by then.
 */
export type Runners = {
  /** This process's name among them; from now on it counts as alive. */
  enter(): Promise<string>;
  isMine(runner: string): boolean;
  isAlive(runner: string): Promise<boolean>;
  release(): void;
};

/** @param path the store's; null: nobody else uses it. */
export function createRunners(path: string | null): Runners {
  const name = randomBytes(12).toString('hex');
  const fileOf = (runner: string) => `${path}-runner-${runner}`;
  let held: Promise<{ release(): void } | null> | null = null;
  let lock: { release(): void } | null = null;

  return {
    isMine: (runner) => runner === name,
    async enter() {
      if (path === null) return name;
      held ??= hold(fileOf(name));
      lock = await held;
      return name;
    },
    async isAlive(runner) {
      if (runner === name) return true;
      if (path === null || !existsSync(fileOf(runner))) return false;
      const taken = await takeLock(fileOf(runner));
      if (taken === null) return true;
      rmSync(fileOf(runner), { force: true });
      taken.release();
      return false;
    },
    release() {
      if (lock === null) return;
      rmSync(fileOf(name), { force: true });
      lock.release();
      lock = null;
    },
  };
}

function hold(file: string): Promise<{ release(): void } | null> {
  closeSync(openSync(file, 'a', 0o600));
  return takeLock(file);
}
