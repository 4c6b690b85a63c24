import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const scratch = fileURLToPath(new URL('../../.codexpc/', import.meta.url));
/** Milliseconds that a registry may take. */
const installTimeout = 15 * 60_000;
const oldestPython = [3, 11] as const;

/**
 * An interpreter that has the packages of a requirements file, in a virtual environment of this name, which is made where
 * it isn't there yet; or why there is none.
 */
export function installPython(file: string, name: string): { python: string } | { missing: string } {
  const venv = join(scratch, name);
  const python = join(venv, 'bin', 'python');
  const note = join(venv, 'installed-from');
  const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (existsSync(note) && readFileSync(note, 'utf8') === hash && run(python, ['-c', '']) === null) return { python };
  const missing = oldPython() ?? makeVenv();
  if (missing === null) return { python };
  console.error(`The tests with ${name} are skipped: ${missing}`);
  return { missing };

  function makeVenv(): string | null {
    console.error(`Installing the Python packages of ${name} …`);
    mkdirSync(scratch, { recursive: true });
    rmSync(venv, { recursive: true, force: true });
    const problem =
      run('python3', ['-m', 'venv', venv]) ??
      run(python, ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '-r', file]);
    if (problem !== null) return `they could not be installed: ${lastError(problem)}`;
    writeFileSync(note, hash);
    return null;
  }
}

/** pip tells of every attempt before it gives up. */
function lastError(problem: string): string {
  return problem.split('\n').findLast((line) => line.startsWith('ERROR:')) ?? problem;
}

function oldPython(): string | null {
  const { stdout } = spawnSync('python3', ['-c', 'import sys; print(*sys.version_info[:2])'], { encoding: 'utf8' });
  const [major, minor] = (stdout ?? '').trim().split(' ').map(Number);
  if (major === undefined || minor === undefined) return 'there is no python3.';
  const isOld = major < oldestPython[0] || (major === oldestPython[0] && minor < oldestPython[1]);
  return isOld ? `python3 is ${major}.${minor}; ${oldestPython.join('.')} or newer is needed.` : null;
}

/** Runs an installer. What went wrong; null: nothing. */
export function run(command: string, args: readonly string[], cwd = scratch): string | null {
  const { status, error, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: installTimeout,
  });
  if (error !== undefined) return error.message;
  return status === 0 ? null : stderr.trim().slice(-2000);
}
