import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { startGateway, temporaryDirectory } from '../support/process.ts';
import type { GatewayProcess } from '../support/process.ts';
import { answerOf, createCodex, describeCodex, execArgs, items, unconfined } from './cli.ts';

type Turn = {
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly warnings?: readonly string[];
};

describeCodex.each(['classic', 'tokens'])('with a daemon of the kind %s', (output) => {
  let gateway: GatewayProcess;
  beforeAll(async () => {
    gateway = await startGateway({ args: ['--simulator-output', output], lifetime: 'file' });
  });

  /** The last turns that the gateway has logged. */
  function lastTurns(count: number): readonly Turn[] {
    const lines = gateway.log().filter(({ msg }) => msg.startsWith('turn'));
    return lines.slice(-count) as unknown as Turn[];
  }

  test('a question is answered, and nothing is complained about', async () => {
    const run = await createCodex(gateway.origin).run([...execArgs, 'say hi']);
    expect(run.output).toContain('Your message is 2 words, 6 characters and says: say hi');
    expect(run.output).toContain('The instructions begin: You are a coding agent in the Codex CLI');
    expect(run.errors).toContain('model: gpt-oss-20b');
    expect(run.errors).not.toContain('metadata');
    expect(run.code).toBe(0);
    const [turn] = lastTurns(1);
    expect(turn!.warnings).toEqual([expect.stringMatching(/^client_metadata has no effect/)]);
    // The first prompt of an agent is what its user waits for: Codex's own, with all its tools, has 7283 tokens.
    expect(turn!.inputTokens).toBeLessThan(2000);
  });

  test('a command is run, and its output is what the answer is made of', async () => {
    const codex = createCodex(gateway.origin);
    const run = await codex.exec('/sim call exec_command {"cmd": "echo marker-$((40+2))"}', unconfined);
    expect(items(run, 'command_execution')).toMatchObject([
      { exit_code: 0, aggregated_output: expect.stringContaining('marker-42') },
    ]);
    expect(answerOf(run)).toMatch(/^The tool functions\.exec_command answered: [^]*marker-42/);
    expect(run.code).toBe(0);
    const [call, answer] = lastTurns(2);
    // The engine has read the first prompt and doesn't again; where its tokens are known, nor what it sampled.
    const sampled = output === 'tokens' ? 1 : 0;
    expect(answer!.cachedTokens).toBeGreaterThanOrEqual(call!.inputTokens + sampled);
  });

  test('a patch, the input of a custom tool, changes files', async () => {
    const codex = createCodex(gateway.origin);
    writeFileSync(join(codex.directory, 'greet.py'), 'def greet():\n    print("Hi")\n');
    const patch = [
      '*** Begin Patch',
      '*** Update File: greet.py',
      '@@ def greet():',
      '-    print("Hi")',
      '+    print("Hello \\ \\"you\\"")',
      '*** Add File: notes.txt',
      '+Grüße 👋',
      '*** End Patch',
      '',
    ].join('\n');
    const run = await codex.exec(`/sim call apply_patch ${JSON.stringify({ input: patch })}`, unconfined);
    expect(items(run, 'file_change')).toMatchObject([{ status: 'completed' }]);
    expect(answerOf(run)).toContain('Success. Updated the following files:\nA notes.txt\nM greet.py');
    expect(readFileSync(join(codex.directory, 'greet.py'), 'utf8')).toContain('    print("Hello \\ \\"you\\"")\n');
    expect(readFileSync(join(codex.directory, 'notes.txt'), 'utf8')).toBe('Grüße 👋\n');
  });

  test('a tool inside a namespace is called, and its output comes back', async () => {
    const run = await createCodex(gateway.origin).exec('/sim call multi_agent_v1__spawn_agent {"message": "say hi"}', [
      '-c',
      'agents.enabled=true',
    ]);
    const [call] = items(run, 'collab_tool_call');
    expect(call).toMatchObject({ tool: 'spawn_agent', prompt: 'say hi', status: 'completed' });
    const [agent] = call!['receiver_thread_ids'] as string[];
    expect(answerOf(run)).toContain(`The tool functions.multi_agent_v1__spawn_agent answered: {"agent_id":"${agent}"`);
  });

  test('a conversation is taken up again, and only what is new is read', async () => {
    const codex = createCodex(gateway.origin);
    const first = await codex.exec('/sim say The word is fern.');
    expect(answerOf(first)).toBe('The word is fern.');
    const thread = first.events.find(({ type }) => type === 'thread.started')!.thread_id!;
    const second = await codex.run([...execArgs, 'resume', '--json', thread, 'And now?']);
    expect(second.events[0]).toEqual({ type: 'thread.started', thread_id: thread });
    expect(answerOf(second)).toContain('says: And now?');
    const [before, after] = lastTurns(2);
    expect(after!.inputTokens).toBeGreaterThan(before!.inputTokens);
    expect(after!.cachedTokens).toBeGreaterThanOrEqual(before!.inputTokens);
  });

  test('--output-schema has an answer that fits the schema', async () => {
    const codex = createCodex(gateway.origin);
    const schema = {
      type: 'object',
      properties: {
        verdict: { type: 'string', enum: ['good', 'bad'] },
        score: { type: 'integer', minimum: 3, maximum: 5 },
        reasons: { type: 'array', items: { type: 'string' } },
      },
      required: ['verdict', 'score', 'reasons'],
      additionalProperties: false,
    };
    writeFileSync(join(codex.directory, 'schema.json'), JSON.stringify(schema));
    const run = await codex.exec('Judge this.', ['--output-schema', 'schema.json']);
    const answer = JSON.parse(answerOf(run)) as { score: number };
    expect(answer).toEqual({
      verdict: expect.stringMatching(/^(good|bad)$/),
      score: expect.any(Number),
      reasons: expect.any(Array),
    });
    expect([3, 4, 5]).toContain(answer.score);
  });

  test('what `codex --write` has written into a file that was there is enough, and its owner has it back', async () => {
    const home = temporaryDirectory('test');
    const file = join(home, 'config.toml');
    const mine = [
      '# My own settings.',
      'model = "gpt-5" # at work',
      'approval_policy = "never"',
      '',
      '[model_providers.other] # not this one',
      'name = "other"',
      'base_url = "http://127.0.0.1:9/v1"',
      '',
    ].join('\n');
    writeFileSync(file, mine);
    const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
    const flags = ['--write', '--codex-home', home, '--port', String(gateway.port)];
    expect(spawnSync(process.execPath, [main, 'codex', ...flags]).status).toBe(0);
    const run = await createCodex(gateway.origin).run([...execArgs, '/sim say Written.'], { CODEX_HOME: home });
    expect(run.output).toContain('Written.');
    expect(run.errors).not.toContain('Model metadata');
    expect(run.errors).toContain('model: gpt-oss-20b');
    expect(readFileSync(`${file}.bak`, 'utf8')).toBe(mine);
    const merged = readFileSync(file, 'utf8');
    for (const kept of [
      '# My own settings.',
      '# at work',
      'approval_policy = "never"',
      '[model_providers.other] # not',
    ])
      expect(merged).toContain(kept);
  });

  // The other kind sends the text of answers alone.
  if (output === 'tokens') {
    test('what the model thinks is shown', async () => {
      const prompt = '/sim think Ferns are green.\n/sim say So I was told.';
      const run = await createCodex(gateway.origin).run([...execArgs, prompt]);
      expect(run.errors).toMatch(/\nFerns are green\.\ncodex\nSo I was told\.\n/);
    });

    test('what the model thinks is shown once, and kept by Codex sealed', async () => {
      const codex = createCodex(gateway.origin);
      const prompt = '/sim think Ferns are green.\n/sim call exec_command {"cmd": "echo ok"}\n/sim say Done.';
      const flags = [...unconfined, '-c', 'show_raw_agent_reasoning=true'];
      const run = await codex.run([...execArgs, ...flags, prompt]);
      expect(run.code).toBe(0);
      expect(run.errors.split('\nFerns are green.\n')).toHaveLength(2);
      expect(JSON.stringify(codex.sessions())).toContain('"encrypted_content":"cg1.');
    });
  }
});
