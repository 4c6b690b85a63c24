import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';

/** The workflows can't be run here, so that what they name exists is all that can be known of them. */
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, '.github', 'workflows');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const makefile = readFileSync(join(root, 'native-shim', 'Makefile'), 'utf8');

type Step = { name?: string; uses?: string; run?: string; with?: Record<string, string> };
type Job = {
  'runs-on': string;
  'timeout-minutes': number;
  needs?: string | string[];
  strategy?: { matrix: Record<string, unknown> };
  steps: Step[];
};
type Workflow = { on: unknown; permissions: unknown; jobs: Record<string, Job> };

/** Every use of a command in a script, with the words behind it up to the end of the command. */
const uses = (script: string, command: string): string[] =>
  [...script.matchAll(new RegExp(`(?:^|[\\s;&|])${command} ([^\\n;&|<>]*)`, 'g'))].map((match) => match[1]!.trim());

describe.each(readdirSync(folder))('%s', (name) => {
  const document = parseDocument(readFileSync(join(folder, name), 'utf8'), { strict: true, uniqueKeys: true });
  const workflow = document.toJS() as Workflow;
  const jobs = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps);
  const runs = steps.flatMap(({ run }) => (run === undefined ? [] : [run]));

  test('is sound YAML with what a workflow needs', () => {
    expect([document.errors, document.warnings]).toEqual([[], []]);
    expect(Object.keys(workflow)).toEqual(expect.arrayContaining(['name', 'on', 'permissions', 'jobs']));
    for (const [id, job] of jobs) {
      expect(job['timeout-minutes'], id).toBeGreaterThan(0);
      expect(job['runs-on'], id).toMatch(/^(ubuntu|macos)-|^\$\{\{ matrix\.os \}\}$/);
      for (const needed of [job.needs ?? []].flat()) expect(workflow.jobs).toHaveProperty(needed);
    }
  });

  test('each step either uses an action of a fixed version or runs something that is a script', () => {
    expect(steps.length).toBeGreaterThan(0);
    for (const { uses: action, run, name: title } of steps) {
      expect(action === undefined).toBe(run !== undefined);
      if (action !== undefined) expect(action).toMatch(/^actions\/[\w-]+@v\d+$/);
      if (run === undefined) continue;
      expect(title, run).toMatch(/^[A-Z]/);
      const { status, stderr } = spawnSync('bash', ['-n'], { input: run, encoding: 'utf8' });
      expect([status, stderr], run).toEqual([0, '']);
    }
  });

  test('every matrix value that is used is defined', () => {
    for (const [, job] of jobs) {
      const used = [...JSON.stringify(job).matchAll(/\$\{\{ matrix\.(\w+) \}\}/g)].map((match) => match[1]!);
      for (const key of used) expect(Object.keys(job.strategy!.matrix)).toContain(key);
    }
  });

  test('the npm scripts, make targets, files and folders that it names exist', () => {
    const all = runs.join('\n');
    const named = {
      scripts: uses(all, 'npm run').map((words) => words.split(' ')[0]!),
      targets: uses(all, 'make -C native-shim').flatMap((words) => words.split(' ')),
      tests: uses(all, 'npx vitest run').flatMap((words) => words.split(' ')),
      files: [...uses(all, 'bash'), ...uses(all, 'node')].map((words) => words.split(' ')[0]!),
    };
    for (const script of named.scripts) expect(scripts).toHaveProperty([script]);
    if (/npm (start|test)\b/.test(all))
      expect(scripts).toMatchObject({ start: expect.any(String), test: expect.any(String) });
    for (const target of named.targets) expect(makefile).toMatch(new RegExp(`^${target}:`, 'm'));
    for (const path of [...named.tests, ...named.files]) expect(existsSync(join(root, path)), path).toBe(true);
    // Else the patterns above have gone blind.
    expect(named.targets).toContain('testdaemon');
    expect(named.tests).toContain('test/integration');
    expect(named.files).toContain('.ci/run');
  });

  test('what it expects the gateway to say is what it says', () => {
    const main = join(root, 'dist', 'main.js');
    const { stderr } = spawnSync(process.execPath, [main, 'health', '--service', '/absent.sock'], { encoding: 'utf8' });
    expect(stderr).toContain("no service answers as '/absent.sock'");
    expect(runs.join('\n')).toContain("no service answers as 'com.yourorg.codexpc-absent'");
  });
});
