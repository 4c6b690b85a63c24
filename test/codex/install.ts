import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why there is no Codex CLI here; null: there is. */
    codexMissing: string | null;
  }
}

const here = fileURLToPath(new URL('.', import.meta.url));
const cli = fileURLToPath(new URL('node_modules/@openai/codex/bin/codex.js', import.meta.url));
/** Milliseconds that the registry may take to hand out 400 MB. */
const installTimeout = 15 * 60_000;

/** Installs the CLI that package-lock.json pins, where it is not there yet. Without it the tests are skipped. */
export default function setup(project: TestProject): void {
  const missing = isInstalled() ? null : install();
  if (missing !== null) console.error(`The tests with Codex are skipped: ${missing}`);
  project.provide('codexMissing', missing);
}

/** The version that is pinned, with the binary for this system, and able to run. */
function isInstalled(): boolean {
  if (!existsSync(cli)) return false;
  const { dependencies } = JSON.parse(readFileSync(`${here}package.json`, 'utf8')) as {
    dependencies: { '@openai/codex': string };
  };
  const { stdout } = spawnSync(process.execPath, [cli, '--version'], { encoding: 'utf8', timeout: 60_000 });
  return stdout.trim() === `codex-cli ${dependencies['@openai/codex']}`;
}

function install(): string | null {
  console.error('Installing the Codex CLI, about 400 MB …');
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1'];
  const { npm_execpath: npm } = process.env;
  const [command, ...first] = npm?.endsWith('npm-cli.js') === true ? [process.execPath, npm] : ['npm'];
  const { status, error, stderr } = spawnSync(command!, [...first, ...args], {
    cwd: here,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: installTimeout,
  });
  if (status !== 0) return `npm could not install it (${error?.message ?? stderr.trim().split('\n', 4).join('; ')}).`;
  return isInstalled() ? null : 'it does not run on this system.';
}
