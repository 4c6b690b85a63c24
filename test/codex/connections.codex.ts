import { expect, test } from 'vitest';
import { startWatchedDaemon } from '../support/daemon.ts';
import { startGateway } from '../support/process.ts';
import { answerOf, createCodex, describeCodex, execArgs, unconfined } from './cli.ts';

describeCodex('the ways in which Codex gets here', () => {
  const webSockets = ['-c', 'model_providers.codexpc.supports_websockets=true'];

  test.each(['classic', 'tokens'])(
    'WebSockets are spoken where they are promised: a turn with a tool call, and none over HTTP: %s',
    async (output) => {
      const gateway = await startGateway({ args: ['--simulator-output', output] });
      const codex = createCodex(gateway.origin);
      const prompt = '/sim call exec_command {"cmd": "echo marker-$((40+2))"}';
      const run = await codex.exec(prompt, [...webSockets, ...unconfined]);
      expect(answerOf(run)).toMatch(/^The tool functions\.exec_command answered: [^]*marker-42/);
      expect(run.events.filter(({ type }) => type === 'error')).toEqual([]);
      expect(run.code).toBe(0);
      const lines = gateway.log();
      expect(lines.filter(({ route, status }) => route === '/v1/responses' && status !== 101)).toEqual([]);
      expect(lines.filter(({ msg }) => msg === 'turn').length).toBeGreaterThanOrEqual(2);
      const thread = run.events.find(({ type }) => type === 'thread.started')!.thread_id!;
      const again = await codex.run([...execArgs, ...webSockets, 'resume', '--json', thread, 'And now?']);
      expect(answerOf(again)).toContain('says: And now?');
    },
  );

  test.each(['classic', 'tokens'] as const)('Ctrl-C over a WebSocket stops the engine: %s', async (output) => {
    const { service, tap } = await startWatchedDaemon({ output });
    const gateway = await startGateway({ service });
    const prompt = '/sim pace 200\n/sim repeat 100000 word ';
    const codex = createCodex(gateway.origin).start([...execArgs, ...webSockets, prompt]);
    await tap.seen(output === 'classic' ? 'output_text.delta' : 'output_token_ids.delta');
    codex.interrupt();
    await codex.ended;
    await tap.seen('cancel');
    const line = await gateway.untilLogged(({ error }) => error !== undefined);
    expect(line).toMatchObject({ msg: 'turn cancelled', error: 'request_cancelled' });
  });

  test.each(['classic', 'tokens'])(
    'WebSockets are tried once where they are promised and switched off, then forgotten: %s',
    async (output) => {
      const gateway = await startGateway({ config: { server: { webSockets: false }, simulator: { output } } });
      const codex = createCodex(gateway.origin);
      const run = await codex.exec('say hi', webSockets);
      expect(answerOf(run)).toContain('says: say hi');
      expect(run.events.filter(({ type }) => type === 'error')).toEqual([]);
      const refused = gateway.log().filter(({ status }) => status === 426);
      expect(refused).toMatchObject([{ method: 'GET' }]);
    },
  );

  test('codex doctor finds nothing wrong', async () => {
    const gateway = await startGateway();
    // The other checks are about the machine, and one asks the internet for updates.
    const run = await createCodex(gateway.origin).run(['doctor', '--network-only', '--json']);
    const { checks } = JSON.parse(run.output) as { checks: { [name: string]: { status: string; summary: string } } };
    expect(checks['network.provider_reachability']).toMatchObject({
      status: 'ok',
      summary: 'active provider endpoints are reachable over HTTP',
    });
    expect(Object.entries(checks).filter(([, { status }]) => status !== 'ok')).toEqual([]);
    expect(run.code).toBe(0);
  });

  test('codex --oss takes the gateway for LM Studio', async () => {
    const gateway = await startGateway();
    const args = [...execArgs, '--json', '--oss', '--local-provider', 'lmstudio', '--model', 'gpt-oss-20b', 'say hi'];
    const run = await createCodex(gateway.origin).run(args, { CODEX_OSS_BASE_URL: `${gateway.origin}/v1` });
    expect(answerOf(run)).toContain('says: say hi');
    expect(run.code).toBe(0);
  });

  test('a gateway with API keys takes the one that the configured command prints', async () => {
    const gateway = await startGateway({ config: { server: { apiKeys: ['key-of-codex'] } } });
    const codex = createCodex(gateway.origin);
    const key = ['-c', 'model_providers.codexpc.auth.args=["key-of-codex"]'];
    expect(answerOf(await codex.exec('say hi', key))).toContain('says: say hi');
    const refused = await codex.exec('say hi', ['-c', 'model_providers.codexpc.stream_max_retries=0']);
    expect(refused.code).toBe(1);
    expect(refused.events.at(-1)).toMatchObject({
      type: 'turn.failed',
      error: { message: expect.stringContaining('401 Unauthorized') },
    });
  });
});
