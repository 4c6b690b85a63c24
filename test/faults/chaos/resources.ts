import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { countDescriptors, countThreads } from '../../native/shim.ts';

/** What this process has in use. Heap and the memory outside of it that V8 knows of, in bytes, after a collection. */
export type Resources = {
  readonly descriptors: number;
  /** 0 where the system doesn't tell. */
  readonly threads: number;
  readonly memory: number;
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

export function resourcesInUse(): Resources {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return {
    descriptors: countDescriptors(),
    threads: countThreads(),
    memory: heapUsed + external,
  };
}

/**
 * Allows this process so few file descriptors that they can be used up; gives the limit back.
 *
 * @returns null where the system has no `prlimit`.
 */
export function limitDescriptors(count: number): (() => void) | null {
  const limit = (soft: string) =>
    execFileSync('prlimit', ['--pid', String(process.pid), `--nofile=${soft}:`], { stdio: 'ignore' });
  const soft = execFileSyncOrNull('prlimit', [
    '--pid',
    String(process.pid),
    '--nofile',
    '--output=SOFT',
    '--noheadings',
  ]);
  if (soft === null) return null;
  limit(String(count));
  return () => void limit(soft.trim());
}

function execFileSyncOrNull(program: string, args: readonly string[]): string | null {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return null;
  }
}

/** Takes every file descriptor but `left` of them; gives them back. */
export function exhaustDescriptors(left: number): () => void {
  const taken: number[] = [];
  for (;;) {
    try {
      taken.push(openSync('/dev/null', 'r'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EMFILE') throw error;
      break;
    }
  }
  for (const descriptor of taken.splice(0, left)) closeSync(descriptor);
  return () => taken.forEach((descriptor) => closeSync(descriptor));
}
