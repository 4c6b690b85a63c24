import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from './support/process.ts';
import { projectRoot } from './native/shim.ts';

const run = (...args: string[]) => spawnSync(process.execPath, args, { cwd: projectRoot, encoding: 'utf8' });

const build = run('native-shim/macos/build.js', '--no-fetch');
const skipped = /^skipped: (.+)$/m.exec(build.stdout)?.[1];

describe.skipIf(skipped !== undefined)(`the macOS libraries, built elsewhere${skipped ? ` (${skipped})` : ''}`, () => {
  const library = (name: string) => readFileSync(join(projectRoot, 'native-shim/build/macos', name));
  const shim = skipped === undefined ? library('libcodexpc_shim.dylib') : Buffer.alloc(0);

  /** What the check says of a file with these bytes. */
  function check(bytes: Buffer, name = 'libcodexpc_shim.dylib') {
    const path = join(temporaryDirectory('test'), name);
    writeFileSync(path, bytes);
    const { status, stdout } = run('native-shim/macos/check.js', path);
    return { status, complaints: [...stdout.matchAll(/^not ok - .*?: (.+)$/gm)].map((match) => match[1]) };
  }

  /** A copy of the shim in which the first `from` is `to`. */
  function withBytes(from: string | Buffer, to: string | Buffer, after = 0): Buffer {
    const copy = Buffer.from(shim);
    const at = copy.indexOf(from, after);
    expect(at).toBeGreaterThan(0);
    Buffer.from(to as string).copy(copy, at);
    return copy;
  }

  test('both are built, and pass their check', () => {
    expect([build.status, build.stderr]).toEqual([0, '']);
    expect(build.stdout.match(/^ok - /gm)).toHaveLength(2);
    expect(check(shim)).toEqual({ status: 0, complaints: [] });
  });

  test('a byte that was changed after signing is noticed, in the slice that has it', () => {
    const copy = Buffer.from(shim);
    const secondSlice = copy.readUInt32BE(8 + 20 + 8);
    const at = secondSlice + 0x2600;
    copy[at] = copy[at]! ^ 1;
    expect(check(copy)).toEqual({ status: 1, complaints: ['x86_64: its signature does not fit its bytes'] });
  });

  test('a signature that is cut off its slice is noticed', () => {
    const LC_CODE_SIGNATURE = Buffer.from([0x1d, 0, 0, 0, 0x10, 0, 0, 0]);
    const copy = withBytes(LC_CODE_SIGNATURE, Buffer.from([0x26, 0, 0, 0]));
    expect(check(copy).complaints).toContain('arm64: it is not signed');
  });

  test('another least system is noticed', () => {
    const LC_BUILD_VERSION = Buffer.from([0x32, 0, 0, 0, 0x20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 13, 0]);
    const copy = withBytes(LC_BUILD_VERSION, Buffer.from([0x32, 0, 0, 0, 0x20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 14, 0]));
    expect(check(copy).complaints).toContain('arm64: it is for macos 14.0');
  });

  test('another library to load is noticed, with what would be taken from it', () => {
    const { complaints } = check(withBytes('/usr/lib/libSystem.B.dylib', '/usr/lib/libSystem.C.dylib'));
    expect(complaints).toContain('arm64: it loads /usr/lib/libSystem.C.dylib');
    expect(complaints).toContain('arm64: xpc_release is taken from /usr/lib/libSystem.C.dylib');
  });

  test('exports that differ from the list, and between the slices, are noticed', () => {
    // In the trie the names share their beginning.
    const { complaints } = check(withBytes('abi_version\0', 'abi_vorsion\0'));
    expect(complaints).toContain('arm64: it exports codexpc_abi_vorsion, codexpc_close, codexpc_open, codexpc_send');
    expect(complaints).toContain('the slices do not agree in their exports');
  });

  test('another install name, a missing slice and what is no library are noticed', () => {
    expect(check(shim, 'other.dylib').complaints).toHaveLength(2);
    expect(check(shim, 'other.dylib').complaints[0]).toBe('arm64: its install name is @rpath/libcodexpc_shim.dylib');
    const single = Buffer.from(shim);
    single.writeUInt32BE(1, 4);
    expect(check(single).complaints).toEqual(['it has slices for arm64']);
    expect(check(shim.subarray(0, 20_000)).status).toBe(1);
    expect(check(Buffer.from('no library')).complaints).toEqual(['it is no universal file']);
    expect(check(Buffer.alloc(0)).status).toBe(1);
  });
});
