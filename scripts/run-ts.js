/**
 * Runs a TypeScript file of this project that is no part of dist/:
 *
 *     node scripts/run-ts.js bench/tokeniser.ts --length 1000000
 *
 * Node 20 knows no TypeScript, so all of it is compiled into .codexpc/build first, tree and all.
 */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { takeLock } from './lock.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const build = join(root, '.codexpc', 'build');
const [file, ...args] = process.argv.slice(2);

const inProject = file === undefined ? null : relative(root, resolve(file));
if (inProject === null || !existsSync(file) || !inProject.endsWith('.ts') || inProject.startsWith(`..${sep}`)) {
  console.error('Usage: node scripts/run-ts.js FILE.ts [ARGUMENTS], with a file of this project.');
  process.exit(2);
}
const compiled = join(build, inProject.replace(/ts$/, 'js'));
compile();
if (!existsSync(compiled)) process.exit(1);
const child = spawn(process.execPath, [...process.execArgv, '--enable-source-maps', compiled, ...args], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('close', (status) => {
  process.exitCode = status ?? 1;
});

function compile() {
  mkdirSync(build, { recursive: true });
  const release = takeLock(join(root, '.codexpc', 'build.lock'), (message) => console.error(message));
  try {
    const settings = [
      '--noEmit',
      'false',
      '--allowJs',
      '--outDir',
      build,
      '--rootDir',
      root,
      '--sourceMap',
      '--incremental',
    ];
    const info = ['--tsBuildInfoFile', join(build, 'tsbuildinfo.json')];
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    // The errors that it prints are the gate's to refuse; what it makes can be run all the same.
    spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.json'), ...settings, ...info], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    // Read by its place in the tree, for the version.
    copyFileSync(join(root, 'package.json'), join(build, 'package.json'));
  } finally {
    release();
  }
}
