/**
 * Makes a checkout ready to run: npm's packages, the native shim, and the gateway in dist/. Does what is missing or
 * stale and nothing else; says a line about each thing it does, and nothing when all is ready.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { takeLock } from './lock.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const inRoot = (...parts) => join(root, ...parts);
/** Holds the hash of what dist/ was compiled from; written last. */
const compiledFrom = inRoot('dist', '.compiled-from');
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** What went wrong and what to do about it, without a stack. */
class SetupFailure extends Error {}

const steps = [
  { doing: 'installing packages', isDone: packagesAreInstalled, run: installPackages },
  { doing: 'building the native shim', isDone: shimIsBuilt, run: buildShim },
  { doing: 'compiling the gateway', isDone: gatewayIsCompiled, run: compileGateway },
];

try {
  checkSystem();
  if (!steps.every((step) => step.isDone())) {
    const release = takeLock(inRoot('.codexpc', 'setup.lock'), say);
    try {
      for (const step of steps) if (!step.isDone()) perform(step);
    } finally {
      release();
    }
  }
} catch (error) {
  if (!(error instanceof SetupFailure)) throw error;
  say(error.message);
  process.exitCode = 1;
}

function perform({ doing, run }) {
  const begun = Date.now();
  process.stderr.write(`setup: ${doing} … `);
  try {
    run();
  } catch (error) {
    process.stderr.write('failed\n');
    throw error;
  }
  process.stderr.write(`${((Date.now() - begun) / 1000).toFixed(1)} s\n`);
}

function say(message) {
  process.stderr.write(`setup: ${message}\n`);
}

function checkSystem() {
  const wanted = readJson(inRoot('package.json')).engines.node.replace('>=', '');
  if (process.platform === 'win32') throw new SetupFailure('the gateway runs on macOS and Linux, not on Windows.');
  if (compareVersions(process.versions.node, wanted) >= 0) return;
  throw new SetupFailure(`Node ${wanted} or newer is needed; this is ${process.versions.node}. See nodejs.org.`);
}

function compareVersions(one, other) {
  const parts = other.split('.').map(Number);
  const difference = one.split('.').map((part, index) => Number(part) - parts[index]);
  return difference.find((each) => each !== 0) ?? 0;
}

/** Compares package-lock.json with npm's own note of what it put into node_modules, and on which system. */
function packagesAreInstalled() {
  const note = inRoot('node_modules', '.package-lock.json');
  if (!existsSync(note)) return false;
  const installed = readJson(note).packages;
  const wanted = Object.entries(readJson(inRoot('package-lock.json')).packages).filter(([path]) => path !== '');
  const fits = ({ os, cpu }) =>
    (os ?? [process.platform]).includes(process.platform) && (cpu ?? [process.arch]).includes(process.arch);
  return (
    Object.values(installed).every(fits) &&
    wanted.every(([path, { version, optional }]) =>
      installed[path] === undefined ? optional === true : installed[path].version === version,
    )
  );
}

function installPackages() {
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const { npm_execpath: npm } = process.env;
  // The npm that runs this script, if one does: another one may come first on the path.
  if (npm?.endsWith('npm-cli.js')) run(process.execPath, [npm, ...args]);
  else run('npm', args);
}

function shimIsBuilt() {
  const { error, status } = spawnSync('make', ['-q', '-C', inRoot('native-shim')], { stdio: 'ignore' });
  // Without make there is no telling whether it is stale, but it can be used.
  return error === undefined ? status === 0 : shimExists();
}

function shimExists() {
  return existsSync(
    inRoot('native-shim', 'build', `libcodexpc_shim_standin.${process.platform === 'darwin' ? 'dylib' : 'so'}`),
  );
}

function buildShim() {
  for (const tool of ['make', 'cc']) {
    if (spawnSync(tool, ['--version'], { stdio: 'ignore' }).status !== 0) {
      throw new SetupFailure(
        `the native shim needs a C compiler and make, and '${tool}' is missing: ${howToGetTools()}.`,
      );
    }
  }
  run('make', ['--no-print-directory', '-s', '-C', inRoot('native-shim')]);
}

function howToGetTools() {
  if (process.platform === 'darwin') return 'xcode-select --install';
  if (existsSync('/etc/alpine-release')) return 'apk add build-base';
  if (existsSync('/etc/debian_version')) return 'apt-get install build-essential';
  return "install your system's packages for gcc and make";
}

function gatewayIsCompiled() {
  return existsSync(compiledFrom) && readFileSync(compiledFrom, 'utf8') === sourcesHash();
}

function compileGateway() {
  const hash = sourcesHash();
  // What a deleted source had left behind must not stay.
  rmSync(inRoot('dist'), { recursive: true, force: true });
  compile(inRoot('tsconfig.build.json'));
  compile(inRoot('page', 'tsconfig.build.json'));
  for (const name of filesIn('page').filter((name) => /\.(?:html|css|svg)$/.test(name))) {
    cpSync(inRoot(name), inRoot('dist', name));
  }
  writeFileSync(compiledFrom, hash);
}

function compile(project) {
  run(process.execPath, [inRoot('node_modules', 'typescript', 'bin', 'tsc'), '-p', project]);
}

/** Everything that decides what the build makes: sources, settings, the compiler's version. */
function sourcesHash() {
  const hash = createHash('sha256');
  const files = [...filesIn('src').filter((name) => /\.[jt]s$/.test(name)), ...filesIn('page')];
  const others = ['tsconfig.json', 'tsconfig.build.json', join('node_modules', 'typescript', 'package.json')];
  for (const name of [...files, ...others]) {
    hash
      .update(`${name}\0`)
      .update(readFileSync(inRoot(name)))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesIn(folder) {
  return readdirSync(inRoot(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort((one, other) => (one < other ? -1 : 1));
}

/** Runs a command; what it printed is told only when it fails. */
function run(command, args) {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return;
  const ending = error?.message ?? (signal === null ? `it ended with status ${status}` : `it was ended by ${signal}`);
  throw new SetupFailure(`${[command, ...args].join(' ')}: ${ending}.\n${stdout ?? ''}${stderr ?? ''}`.trimEnd());
}
