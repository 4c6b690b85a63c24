import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findLibrary, loadLibrary } from '../../src/backends/codexpc/library.ts';
import { loadShim } from './shim.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'codexpc-'));
  mkdirSync(join(directory, 'native-shim', 'build'), { recursive: true });
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

const unavailable = (message: RegExp) =>
  expect.objectContaining({ code: 'backend_unavailable', message: expect.stringMatching(message) as string });

/** A shared library from C source. */
function compile(name: string, source: string): string {
  const path = join(directory, name);
  writeFileSync(`${path}.c`, source);
  execFileSync('cc', ['-shared', '-fPIC', `${path}.c`, '-o', path]);
  return path;
}

describe('finding the library', () => {
  const build = () => join(directory, 'native-shim', 'build');

  test.each([
    ['xpc', 'darwin', 'arm64', 'libcodexpc_shim.dylib', 'darwin'],
    ['standin', 'darwin', 'x64', 'libcodexpc_shim_standin.dylib', 'darwin'],
    ['standin', 'linux', 'x64', 'libcodexpc_shim_standin.so', 'linux-x64'],
    ['standin', 'linux', 'arm64', 'libcodexpc_shim_standin.so', 'linux-arm64'],
  ] as const)('%s on %s, %s, is %s', (variant, platform, architecture, name, system) => {
    const find = () => findLibrary({ variant, root: directory, platform, architecture });
    expect(find).toThrow(
      unavailable(new RegExp(`not built.* for ${system}: "make -C ${directory}/native-shim" builds it`, 'u')),
    );
    // What was brought along serves where nothing was built, and what was built here comes first.
    const prebuilt = join(directory, 'native-shim', 'prebuilt', system, name);
    mkdirSync(dirname(prebuilt), { recursive: true });
    writeFileSync(prebuilt, '');
    expect(find()).toBe(prebuilt);
    writeFileSync(join(build(), name), '');
    expect(find()).toBe(join(build(), name));
    rmSync(join(build(), name));
    rmSync(prebuilt);
  });

  test('the real XPC exists on macOS alone', () => {
    expect(() => findLibrary({ variant: 'xpc', root: directory, platform: 'linux' })).toThrow(
      unavailable(/XPC is a part of macOS, and this system is linux/u),
    );
  });
});

describe('loading the library', () => {
  test('it tells its ABI version, also when it is loaded again', () => {
    expect(loadShim().abiVersion).toBe(1);
    expect(loadShim().abiVersion).toBe(1);
  });

  test('a missing file is reported', () => {
    expect(() => loadLibrary(join(directory, 'missing.so'))).toThrow(unavailable(/can't be loaded/u));
  });

  test('a file that is no library is reported', () => {
    const path = join(directory, 'text.so');
    writeFileSync(path, 'not a library');
    expect(() => loadLibrary(path)).toThrow(unavailable(/can't be loaded/u));
  });

  test('another library is reported', () => {
    const path = compile('other.so', 'int other(void) { return 1; }\n');
    expect(() => loadLibrary(path)).toThrow(unavailable(/is not the native shim/u));
  });

  test('another ABI version is reported before anything is called', () => {
    const path = compile('newer.so', 'unsigned codexpc_abi_version(void) { return 2; }\n');
    expect(() => loadLibrary(path)).toThrow(unavailable(/has ABI version 2, this gateway needs 1/u));
  });
});
