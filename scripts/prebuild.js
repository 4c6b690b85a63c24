/**
 * Fills native-shim/prebuilt, which the package carries so that its users need no compiler: the shim for macOS and for
 * Linux, each of both architectures. `npm pack` runs it. What can't be built here is left out and said, and whoever
 * installs the package on such a system builds it there.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findZig, ToolchainMissing } from '../native-shim/macos/toolchain.js';

const shim = fileURLToPath(new URL('../native-shim', import.meta.url));
const prebuilt = join(shim, 'prebuilt');
const macosLibraries = ['libcodexpc_shim.dylib', 'libcodexpc_shim_standin.dylib'];
const linuxLibrary = 'libcodexpc_shim_standin.so';
/** As Node and as Zig call them, with the oldest C library that they run with, that of 2018. */
const linuxes = [
  { system: 'linux-x64', target: 'x86_64-linux-gnu.2.28' },
  { system: 'linux-arm64', target: 'aarch64-linux-gnu.2.28' },
];

rmSync(prebuilt, { recursive: true, force: true });
try {
  const { zig } = findZig({ mayFetch: true });
  for (const { system, target } of linuxes) {
    const directory = join('build', 'prebuilt', system);
    const compiler = `CC=${zig} cc -target ${target} -fno-sanitize=undefined`;
    make(['OS=Linux', `B=${directory}`, compiler, 'CFLAGS=-O2', 'LDFLAGS=-s']);
    put(join(directory, linuxLibrary), system);
  }
} catch (error) {
  if (!(error instanceof ToolchainMissing)) throw error;
  say(`no libraries for Linux: ${error.message}`);
}
const skipped = /^skipped: (.+)$/m.exec(make(['macos']))?.[1];
if (skipped === undefined) for (const name of macosLibraries) put(join('build', 'macos', name), 'darwin');
else say(`no libraries for macOS: ${skipped}`);

function put(library, system) {
  const directory = join(prebuilt, system);
  mkdirSync(directory, { recursive: true });
  copyFileSync(join(shim, library), join(directory, library.split('/').at(-1)));
}

function make(args) {
  const cache = join(shim, 'build', 'zig-cache');
  const { status, error, stdout, stderr } = spawnSync('make', ['--no-print-directory', '-s', '-C', shim, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: cache },
  });
  if (status === 0) return stdout;
  say(`make ${args.join(' ')} failed.\n${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`.trimEnd());
  process.exit(1);
}

/** Not on the standard output, which is npm's. */
function say(message) {
  process.stderr.write(`prebuild: ${message}\n`);
}
