/**
 * What builds the macOS libraries on another system: Zig compiles, since its package has Apple's headers and stubs; LLD
 * links, since Zig's own linker exports more than it is told to.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const requirements = fileURLToPath(new URL('zig-requirements.txt', import.meta.url));
const cache = fileURLToPath(new URL('../../.codexpc/toolchain', import.meta.url));
const zigVersion = /^ziglang==(\S+)/m.exec(readFileSync(requirements, 'utf8'))[1];
/** The major version that the recipe was tried with. */
const lldVersion = 19;

/** The tools can't be had here; the message says why, and what to do where something can be done. */
export class ToolchainMissing extends Error {}

/**
 * The compiler.
 *
 * @param {{ mayFetch: boolean }} options whether it may be fetched (100 MB) when it isn't in the cache.
 * @returns {{ zig: string, version: string, stubs: string }} its path, and that of the stubs of Apple's libSystem.
 * @throws {ToolchainMissing}
 */
export function findZig({ mayFetch }) {
  const directory = join(cache, `ziglang-${zigVersion}`, 'ziglang');
  const zig = join(directory, 'zig');
  if (!existsSync(zig)) {
    if (!mayFetch) throw new ToolchainMissing(`Zig is not there yet; "make -C native-shim macos" fetches it`);
    fetchZig();
  }
  const { stdout } = spawnSync(zig, ['version'], { encoding: 'utf8' });
  if (stdout?.trim() !== zigVersion) throw new ToolchainMissing(`${zig} does not run here`);
  return { zig, version: zigVersion, stubs: join(directory, 'lib', 'libc', 'darwin', 'libSystem.tbd') };
}

/** @throws {ToolchainMissing} */
export function findLinker() {
  for (const name of [`ld64.lld-${lldVersion}`, 'ld64.lld']) {
    const { status, stdout } = spawnSync(name, ['--version'], { encoding: 'utf8' });
    if (status === 0 && stdout.includes(`LLD ${lldVersion}.`)) return name;
  }
  throw new ToolchainMissing(
    `the linker ld64.lld ${lldVersion} is missing; Debian and Ubuntu: apt-get install lld-${lldVersion}`,
  );
}

/** By pip, which refuses a file whose hash is not that of zig-requirements.txt. */
function fetchZig() {
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(cache, 'fetching-'));
  try {
    const flags = ['--no-deps', '--only-binary=:all:', '--require-hashes', '--timeout=20', '--retries=2', '--quiet'];
    python(['-m', 'pip', '--disable-pip-version-check', 'download', ...flags, '-d', scratch, '-r', requirements]);
    const wheel = readdirSync(scratch).find((name) => name.endsWith('.whl'));
    python(['-m', 'zipfile', '-e', join(scratch, wheel), join(scratch, 'unpacked')]);
    spawnSync('chmod', ['+x', join(scratch, 'unpacked', 'ziglang', 'zig')]);
    const place = join(cache, `ziglang-${zigVersion}`);
    rmSync(place, { recursive: true, force: true });
    renameSync(join(scratch, 'unpacked'), place);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function python(args) {
  const { error, status, stderr } = spawnSync('python3', args, { encoding: 'utf8' });
  if (error !== undefined) throw new ToolchainMissing('Zig is fetched by pip, and there is no python3');
  if (status === 0) return;
  const why =
    stderr
      .trim()
      .split('\n')
      .findLast((line) => line.startsWith('ERROR:')) ?? stderr.trim().split('\n').at(-1);
  throw new ToolchainMissing(`Zig ${zigVersion} could not be fetched by pip: ${why}`);
}
