import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { completionScript, shells } from '../../src/cli/completions.ts';
import { commands } from '../../src/cli/flags.ts';
import { temporaryDirectory } from '../support/process.ts';
import { runProgram } from '../support/run-program.ts';

describe('health', () => {
  test('prints JSON for programs, whether the daemon is well or not', async () => {
    const well = await runProgram(['health', '--json', '--set', 'backend.type=simulator']);
    expect([well.code, JSON.parse(well.output)]).toMatchObject([0, { status: 'ok', backend: 'simulator' }]);
    const service = join(temporaryDirectory('test'), 'absent.sock');
    const absent = await runProgram(['health', '--json', '--service', service]);
    const error = { code: 'backend_unavailable', message: expect.stringContaining(service) as string };
    expect(absent.code).toBe(1);
    expect(JSON.parse(absent.output)).toEqual({ status: 'fail', backend: 'codexpc', service, error });
    // For people it says so on standard error alone.
    const said = await runProgram(['health', '--service', service]);
    expect(said).toMatchObject({ code: 1, output: '', errors: expect.stringContaining(service) as string });
  });
});

describe('tokens', () => {
  const tool = { type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } };
  const bodies = {
    responses: { input: 'Hello', instructions: 'Be brief.', tools: [{ ...tool.function, type: 'function' }] },
    chat: {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ],
      tools: [tool],
    },
  };
  const end = '<|start|>user<|message|>Hello<|end|><|start|>assistant\n';

  test('the two APIs’ forms of one request have the same prompt, whose number of tokens is that of its ids', async () => {
    const flags = ['--set', 'harmony.date=2026-01-31'];
    const run = (body: object, ...args: string[]) =>
      runProgram(['tokens', ...flags, ...args], { input: JSON.stringify(body) });
    const [one, other] = [await run(bodies.responses), await run(bodies.chat)];
    expect([one.code, one.output]).toEqual([0, other.output]);
    expect(one.output).toContain('Current date: 2026-01-31');
    expect(one.output.endsWith(end)).toBe(true);
    const ids = (await run(bodies.chat, '--ids')).output.trim().split(' ').map(Number);
    expect((await run(bodies.chat, '--count')).output).toBe(`${ids.length}\n`);
    const json = JSON.parse((await run(bodies.responses, '--json')).output) as object;
    expect(json).toMatchObject({ api: 'responses', count: ids.length, ids, prime_final: false, warnings: [] });
  });

  test('a file is read as standard input is, also that of the old Completions', async () => {
    const file = join(temporaryDirectory('test'), 'request.json');
    writeFileSync(file, JSON.stringify({ prompt: 'Hello', seed: 1 }));
    const { code, output, errors } = await runProgram(['tokens', file]);
    // Its prompt is given to the engine as it is.
    expect([code, output]).toEqual([0, 'Hello\n']);
    expect(errors).toContain('seed');
  });

  test.each([
    ['no JSON', '{', 'is not JSON'],
    ['no object', '[]', 'is not a JSON object'],
    ['a body that the server would refuse', '{"messages": 3}', "'messages'"],
  ])('%s fails with the reason', async (_, input, reason) => {
    expect(await runProgram(['tokens'], { input })).toMatchObject({
      code: 1,
      output: '',
      errors: expect.stringContaining(reason) as string,
    });
  });

  test('a file that is not there is named', async () => {
    const { code, errors } = await runProgram(['tokens', 'none.json']);
    expect([code, errors]).toEqual([1, "There is no file 'none.json'.\n"]);
  });
});

describe('chat', () => {
  const talk = (lines: readonly string[], ...args: string[]) =>
    runProgram(['chat', '--interactive', ...args], { input: lines.map((line) => `${line}\n`).join('') });

  test('a conversation keeps what was said, until it is told to forget it', async () => {
    const counts = async (lines: readonly string[]) =>
      [...(await talk(lines)).errors.matchAll(/\((\d+) tokens in/g)].map(([, count]) => Number(count));
    const [first, second] = await counts(['/sim say one', '/sim say two']);
    expect(second).toBeGreaterThan(first!);
    const [before, after] = await counts(['/sim say one', '/new', '/sim say two']);
    expect(after).toBe(before);
  });

  test('answers are printed, and nothing else is', async () => {
    const { code, output } = await talk(['/sim say one', '', '/help', '/sim say two', '/quit', '/sim say three']);
    expect([code, output]).toEqual([0, 'one\ntwo\n']);
  });

  test('lines that end in a backslash are one question; thinking shows aside, by the effort that is set', async () => {
    const lines = [
      '/sim think hmm\\',
      '/sim say yes',
      '/effort none',
      '/sim think hmm\\',
      '/sim say no',
      '/effort huge',
    ];
    const { output, errors } = await talk(lines, '--set', 'simulator.output=tokens');
    expect(output).toBe('yes\nno\n');
    expect(errors.match(/hmm/g)).toHaveLength(1);
    expect(errors).toContain('/effort is one of none, low, medium, high.');
  });

  test('a tool that is called is shown, and answered by the next line', async () => {
    const file = join(temporaryDirectory('test'), 'tools.json');
    writeFileSync(file, JSON.stringify([{ type: 'function', name: 'look', parameters: { type: 'object' } }]));
    const { code, output, errors } = await talk(['/sim call look {"at": "x"}', 'it is red'], '--tools', file);
    expect([code, output]).toEqual([0, 'The tool functions.look answered: it is red\n']);
    expect(errors).toContain('→ look {"at": "x"}\n');
  });

  test('a question that fails is told, and the next one is asked as if it had not been', async () => {
    const { code, output, errors } = await talk(['/sim fail engine_error out of luck', '/sim say as before']);
    expect([code, output]).toEqual([0, 'as before\n']);
    expect(errors).toContain('out of luck');
  });

  test('one question is answered from words or standard input, as text or as a response in JSON', async () => {
    expect(await runProgram(['chat', '/sim', 'say', 'hello'])).toMatchObject({ code: 0, output: 'hello\n' });
    expect(await runProgram(['chat'], { input: '/sim say hello' })).toMatchObject({ code: 0, output: 'hello\n' });
    const { output } = await runProgram(['chat', '--json', '/sim say hello']);
    expect(JSON.parse(output)).toMatchObject({ object: 'response', status: 'completed' });
    const failed = await runProgram(['chat', '/sim fail engine_error']);
    expect([failed.code, failed.output]).toEqual([1, '']);
  });
});

describe('completions', () => {
  test.each(shells)('%s: every command and every flag is in the script', (shell) => {
    const script = completionScript(shell);
    for (const { name, flags } of commands) {
      expect(script).toContain(name.split(' ')[0]!);
      for (const flag of flags) expect(script).toContain(shell === 'fish' ? `-l ${flag.name}` : `--${flag.name}`);
    }
  });

  const complete = (...words: readonly string[]) => {
    const script = `${completionScript('bash')}
COMP_WORDS=(codexpc-gateway ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}
_codexpc_gateway; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    return stdout.split('\n').filter((line) => line !== '');
  };

  test.each([
    [['do'], ['doctor']],
    [['chat', '--eff'], ['--effort']],
    [['chat', '--effort', 'm'], ['medium']],
    [
      ['serve', '--backend', ''],
      ['auto', 'codexpc', 'simulator'],
    ],
    [['--stri'], ['--strict-models']],
    [['config', 's'], ['show']],
    [
      ['completions', ''],
      ['--help', ...shells],
    ],
    [['help', 'tok'], ['tokens']],
    [['serve', '--port', ''], []],
  ])('bash completes %j', (words, expected) => {
    expect(complete(...words)).toEqual(expected);
  });

  for (const shell of ['zsh', 'fish']) {
    const absent = spawnSync(shell, ['-c', 'true']).error !== undefined;
    test.skipIf(absent)(`${shell} reads its script (skipped where there is no ${shell})`, () => {
      const file = join(temporaryDirectory('test'), 'script');
      writeFileSync(file, completionScript(shell as 'zsh' | 'fish'));
      expect(spawnSync(shell, ['-n', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    });
  }

  test('a shell that is not known is a mistake', async () => {
    expect(await runProgram(['completions', 'tcsh'])).toMatchObject({ code: 2, output: '' });
  });
});

test('what is printed as JSON is JSON', async () => {
  const shown = await runProgram(['config', 'show', '--json'], {
    environment: { CODEXPC_GATEWAY_API_KEYS: 'secret-key' },
  });
  const settings = JSON.parse(shown.output) as { setting: string; value: unknown; source: string }[];
  expect(settings.find(({ setting }) => setting === 'server.port')).toEqual({
    setting: 'server.port',
    value: 8642,
    source: 'default',
  });
  expect(shown.output).not.toContain('secret-key');
});
