import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { installPython, run } from '../support/python.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** By the requirements file: the interpreter that has its packages, or why there is none. */
    pythons: { readonly [requirements: string]: { readonly python: string } | { readonly missing: string } };
  }
}

const here = fileURLToPath(new URL('.', import.meta.url));

/** Installs the pinned clients where they are not there yet. Without Python or its registry, those tests are skipped. */
export default function setup(project: TestProject): void {
  installNpm();
  const requirements = ['requirements.txt', 'requirements-instructor.txt'];
  const pythons = requirements.map((name) => {
    const venv = `clients-${name.replace('.txt', '')}`;
    return [name, installPython(join(here, 'python', name), venv)] as const;
  });
  project.provide('pythons', Object.fromEntries(pythons));
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
