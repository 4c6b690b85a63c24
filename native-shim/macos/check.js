/**
 * Checks the macOS libraries without a Mac:
 *
 *     node native-shim/macos/check.js build/macos/libcodexpc_shim.dylib …
 *
 * They export what exports.txt says, take nothing from anywhere but libSystem, run on macOS 13, bear an ad-hoc
 * signature that fits their bytes (without one arm64 refuses to load them), and their slices agree.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readUniversal } from './mach-o.js';

const system = '/usr/lib/libSystem.B.dylib';
const leastSystem = '13.0';
const wantedExports = readFileSync(new URL('../exports.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter(Boolean)
  .sort();

let failed = false;
for (const path of process.argv.slice(2)) {
  const problems = problemsOf(path);
  for (const problem of problems) console.log(`not ok - ${path}: ${problem}`);
  if (problems.length > 0) failed = true;
  else
    console.log(
      `ok - ${path}: arm64 and x86_64, macOS ${leastSystem}, ${wantedExports.length} exports, libSystem alone, signed`,
    );
}
if (failed) process.exitCode = 1;

function problemsOf(path) {
  let slices;
  try {
    slices = readUniversal(readFileSync(path));
  } catch (error) {
    return [error.message];
  }
  const problems = slices.flatMap((slice) =>
    sliceProblems(slice, path).map((problem) => `${slice.architecture}: ${problem}`),
  );
  const names = slices.map(({ architecture }) => architecture);
  if (!isDeepStrictEqual(names, ['arm64', 'x86_64']))
    problems.push(`it has slices for ${names.join(', ') || 'nothing'}`);
  const [one, ...others] = slices.map(({ exports }) => exports);
  if (others.some((other) => !isDeepStrictEqual(one, other))) problems.push('the slices do not agree in their exports');
  return problems;
}

function* checks(slice, path) {
  const { isLibrary, installName, libraries, platform, exports, undefinedSymbols, signature } = slice;
  yield [isLibrary, 'it is no dynamic library'];
  yield [installName === `@rpath/${basename(path)}`, `its install name is ${installName}`];
  yield [isDeepStrictEqual(libraries, [system]), `it loads ${libraries.join(', ') || 'nothing'}`];
  yield [platform === 'macos' && slice.leastSystem === leastSystem, `it is for ${platform} ${slice.leastSystem}`];
  yield [isDeepStrictEqual(exports, wantedExports), `it exports ${exports.join(', ') || 'nothing'}`];
  for (const { name, library } of undefinedSymbols) yield [library === system, `${name} is taken from ${library}`];
  yield [undefinedSymbols.length > 0, 'it takes nothing from the system, so its symbols were not read'];
  yield [signature.present, 'it is not signed'];
  yield [!signature.present || signature.adHoc, 'its signature is not ad hoc'];
  yield [!signature.present || signature.valid, 'its signature does not fit its bytes'];
}

function sliceProblems(slice, path) {
  return [...checks(slice, path)].filter(([holds]) => !holds).map(([, problem]) => problem);
}
