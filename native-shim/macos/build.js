/**
 * Builds the macOS libraries on any system that has the tools (toolchain.js), for both architectures, and checks them:
 * `make -C native-shim macos`. With --no-fetch nothing is fetched. What can't be done is said by a line `skipped: …`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { joinSlices } from './mach-o.js';
import { findLinker, findZig, ToolchainMissing } from './toolchain.js';

const shim = fileURLToPath(new URL('..', import.meta.url));
const output = join('build', 'macos');
/** By their names for Zig and for the linker. */
const architectures = [
  { zig: 'aarch64', name: 'arm64' },
  { zig: 'x86_64', name: 'x86_64' },
];
const libraries = [
  { name: 'libcodexpc_shim.dylib', variant: 'xpc', sources: ['src'] },
  { name: 'libcodexpc_shim_standin.dylib', variant: 'standin', sources: ['src', 'standin'] },
];

try {
  const linker = findLinker();
  build(findZig({ mayFetch: !process.argv.includes('--no-fetch') }), linker);
} catch (error) {
  if (!(error instanceof ToolchainMissing)) throw error;
  console.log(`skipped: ${error.message}`);
}

function build({ zig, version, stubs }, linker) {
  mkdirSync(join(shim, output), { recursive: true });
  // The stubs of newer systems name an architecture that the linker doesn't know, and not plain arm64.
  const system = join(output, 'libSystem.tbd');
  writeFileSync(join(shim, system), readFileSync(stubs, 'utf8').replaceAll('arm64e.x1-', 'arm64-'));
  const slices = new Map(libraries.map(({ name }) => [name, []]));
  for (const { zig: target, name: architecture } of architectures) {
    const directory = join(output, `zig-${version}`, architecture);
    const compiler = `${zig} cc -target ${target}-macos.13.0 -fno-sanitize=undefined`;
    // Not -g: the linker would note where on this machine the objects are.
    run(
      'make',
      ['--no-print-directory', '-s', 'objects', 'OS=Darwin', `B=${directory}`, `CC=${compiler}`, 'CFLAGS=-O2'],
      {
        ZIG_GLOBAL_CACHE_DIR: join(shim, output, 'cache'),
        ZIG_LOCAL_CACHE_DIR: join(shim, output, 'cache'),
      },
    );
    for (const { name, variant, sources } of libraries) {
      const path = join(directory, name);
      const inputs = sources.flatMap(sourcesIn).map((source) => join(directory, variant, source.replace(/c$/, 'o')));
      const flags = [
        '-dylib',
        '-platform_version',
        'macos',
        '13.0',
        '13.3',
        '-adhoc_codesign',
        '-S',
        '-fatal_warnings',
      ];
      run(linker, ['-arch', architecture, ...flags, '-install_name', `@rpath/${name}`, '-o', path, ...inputs, system]);
      slices.get(name).push(readFileSync(join(shim, path)));
    }
  }
  for (const [name, parts] of slices) writeFileSync(join(shim, output, name), joinSlices(parts));
  console.log(`# built by Zig ${version} and ${linker}`);
  run(process.execPath, ['macos/check.js', ...libraries.map(({ name }) => join(output, name))]);
}

function sourcesIn(folder) {
  return readdirSync(join(shim, folder))
    .filter((name) => name.endsWith('.c'))
    .sort()
    .map((name) => join(folder, name));
}

function run(command, args, environment = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: shim,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  if (status === 0) return;
  console.error(`${command} failed${error === undefined ? '' : `: ${error.message}`}`);
  process.exit(1);
}
