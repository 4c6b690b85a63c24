/**
 * The one gate: everything that must hold before a change is kept.
 *
 *     npm run check                      all of it
 *     npm run check -- lint types        some steps
 *     npm run check -- --stop            begins no more steps when one has failed
 *
 * The last line counts the tests, and with them every step that failed otherwise: `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = join(root, '.codexpc');
const testReport = join(scratch, 'test-report.json');
/** Milliseconds after which a step hangs for sure. */
const stepTimeout = 20 * 60_000;

const tool = (name, ...args) => [join(root, 'node_modules', '.bin', name), ...args];
const make = (target) => ['make', '--no-print-directory', '-s', '-C', 'native-shim', target];

/**
 * What runs after each other; in each, what runs beside each other; in that, what runs in this order. The tests have the
 * machine to themselves, since some of them measure. `count` gives the numbers of tests that a step passed, failed and
 * skipped, from what it printed.
 */
const stages = [
  [
    [
      { name: 'format', command: tool('oxfmt', '--check') },
      { name: 'lint', command: tool('oxlint', '--type-aware', '--deny-warnings') },
      { name: 'types', command: tool('tsc', '-p', 'tsconfig.json') },
      { name: 'types of the page', command: tool('tsc', '-p', 'page') },
      { name: 'types of its tests', command: tool('tsc', '-p', 'test/page') },
      { name: 'dead code', command: tool('knip', '--no-progress') },
    ],
    [
      // Before the tests, which look at what it made. In CI it may fetch its compiler.
      {
        name: 'macOS libraries',
        command: [process.execPath, 'native-shim/macos/build.js', ...(process.env.CI ? [] : ['--no-fetch'])],
      },
      { name: 'native tests', command: make('test'), count: countNative },
      { name: 'native exports', command: make('check-exports') },
      { name: 'address sanitizer', command: make('sanitize') },
      { name: 'thread sanitizer', command: make('sanitize-thread') },
    ],
  ],
  [
    [
      {
        name: 'tests',
        command: tool('vitest', 'run', '--reporter=dot', '--reporter=json', `--outputFile.json=${testReport}`),
        count: countVitest,
      },
    ],
  ],
  [
    [{ name: 'sanitizer in node', command: make('sanitize-node') }],
    [{ name: 'threads in node', command: make('sanitize-node-thread') }],
  ],
];

const { values: flags, positionals: chosen } = parseArgs({
  options: { stop: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const names = stages.flat(2).map(({ name }) => name);
const unknown = chosen.find((name) => !names.includes(name));
if (unknown !== undefined) {
  console.error(`'${unknown}' is not a step. Steps: ${names.map((name) => `'${name}'`).join(', ')}.`);
  process.exit(2);
}

mkdirSync(scratch, { recursive: true });
const total = { passed: 0, failed: 0 };
for (const stage of stages) await Promise.all(stage.map(inOrder));
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;

async function inOrder(steps) {
  for (const step of steps) {
    if (chosen.length > 0 && !chosen.includes(step.name)) continue;
    if (flags.stop && total.failed > 0) return;
    const { passed, failed } = await perform(step);
    total.passed += passed;
    total.failed += failed;
  }
}

/** Runs a step and says how it went; its output is shown when it fails. */
async function perform({ name, command, count }) {
  const begun = Date.now();
  const { succeeded, output } = await run(command);
  const tests = count?.(output) ?? { passed: 0, failed: 0, skipped: 0 };
  const failed = succeeded ? tests.failed : Math.max(1, tests.failed);
  // The Makefile leaves out, with this word, what the machine's compiler can't do.
  const reason = /^skipped: (.+)$/m.exec(output)?.[1];
  const outcome = failed > 0 ? 'failed' : reason !== undefined ? 'skipped' : 'ok';
  const details = [
    `${((Date.now() - begun) / 1000).toFixed(1)} s`.padStart(8),
    ...(count === undefined ? [] : [`${tests.passed} passed, ${tests.failed} failed, ${tests.skipped} skipped`]),
    ...(outcome === 'skipped' ? [reason] : []),
  ];
  console.log(`${name.padEnd(19)} ${outcome.padEnd(8)}${details.join('  ')}`);
  if (failed > 0) console.log(`${output.trimEnd()}\n`);
  return { passed: tests.passed, failed };
}

function run([program, ...args]) {
  return new Promise((resolve) => {
    let output = '';
    const take = (text) => {
      output += text;
    };
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], timeout: stepTimeout });
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', (error) => resolve({ succeeded: false, output: `${output}${error.message}` }));
    child.on('close', (status, signal) => {
      if (signal !== null) output += `\nended by ${signal}`;
      resolve({ succeeded: status === 0, output });
    });
  });
}

function countVitest() {
  try {
    const report = JSON.parse(readFileSync(testReport, 'utf8'));
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report;
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  } catch {
    // It ended before it could report, and has failed.
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(testReport, { force: true });
  }
}

/** Each C test program ends with a line of its counts. */
function countNative(output) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [, passed, failed] of output.matchAll(/^(\d+) passed, (\d+) failed$/gm)) {
    counts.passed += Number(passed);
    counts.failed += Number(failed);
  }
  return counts;
}
