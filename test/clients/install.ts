import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** By the requirements file: the interpreter that has its packages, or why there is none. */
    pythons: { readonly [requirements: string]: { readonly python: string } | { readonly missing: string } };
  }
}

const here = fileURLToPath(new URL('.', import.meta.url));
const scratch = fileURLToPath(new URL('../../.codexpc/', import.meta.url));
/** Milliseconds that a registry may take. */
const installTimeout = 15 * 60_000;
const oldestPython = [3, 11] as const;

/** Installs the pinned clients where they are not there yet. Without Python or its registry, those tests are skipped. */
export default function setup(project: TestProject): void {
  installNpm();
  const requirements = ['requirements.txt', 'requirements-openai-2.txt'];
  project.provide('pythons', Object.fromEntries(requirements.map((name) => [name, installPython(name)])));
}

function installNpm(): void {
  const cwd = join(here, 'javascript');
  const note = join(cwd, 'node_modules', '.package-lock.json');
  const versions = (lock: string) => {
    const { packages } = JSON.parse(readFileSync(lock, 'utf8')) as {
      packages: { [path: string]: { version: string } };
    };
    return Object.entries(packages).flatMap(([path, { version }]) => (path === '' ? [] : [`${path} ${version}`]));
  };
  const wanted = versions(join(cwd, 'package-lock.json')).toSorted().join('\n');
  if (existsSync(note) && versions(note).toSorted().join('\n') === wanted) return;
  console.error('Installing the JavaScript clients, about 150 MB …');
  const { npm_execpath: npm } = process.env;
  const [command, ...first] = npm?.endsWith('npm-cli.js') === true ? [process.execPath, npm] : ['npm'];
  const problem = run(command!, [...first, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], cwd);
  if (problem !== null) throw new Error(`npm could not install the JavaScript clients: ${problem}`);
}

function installPython(requirements: string): { python: string } | { missing: string } {
  const file = join(here, 'python', requirements);
  const venv = join(scratch, `clients-${requirements.replace('.txt', '')}`);
  const python = join(venv, 'bin', 'python');
  const note = join(venv, 'installed-from');
  const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (existsSync(note) && readFileSync(note, 'utf8') === hash && run(python, ['-c', '']) === null) return { python };
  const missing = oldPython() ?? makeVenv();
  if (missing === null) return { python };
  console.error(`The tests with ${requirements} are skipped: ${missing}`);
  return { missing };

  function makeVenv(): string | null {
    console.error(`Installing the Python clients of ${requirements} …`);
    rmSync(venv, { recursive: true, force: true });
    const problem =
      run('python3', ['-m', 'venv', venv]) ??
      run(python, ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '-r', file]);
    if (problem !== null) return `they could not be installed: ${problem}`;
    writeFileSync(note, hash);
    return null;
  }
}

function oldPython(): string | null {
  const { stdout } = spawnSync('python3', ['-c', 'import sys; print(*sys.version_info[:2])'], { encoding: 'utf8' });
  const [major, minor] = (stdout ?? '').trim().split(' ').map(Number);
  if (major === undefined || minor === undefined) return 'there is no python3.';
  const isOld = major < oldestPython[0] || (major === oldestPython[0] && minor < oldestPython[1]);
  return isOld ? `python3 is ${major}.${minor}; ${oldestPython.join('.')} or newer is needed.` : null;
}

/** What went wrong; null: nothing. */
function run(command: string, args: readonly string[], cwd = here): string | null {
  const { status, error, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: installTimeout,
  });
  if (error !== undefined) return error.message;
  return status === 0 ? null : stderr.trim().slice(-2000);
}
