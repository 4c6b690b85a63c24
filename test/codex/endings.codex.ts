import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startWatchedDaemon } from '../support/daemon.ts';
import { startDaemon, startGateway, temporaryDirectory } from '../support/process.ts';
import { answerOf, createCodex, describeCodex, execArgs } from './cli.ts';

const words = 'many words that go on';

describeCodex.each(['classic', 'tokens'] as const)('with a daemon of the kind %s', (output) => {
  test('Ctrl-C stops the engine', async () => {
    const { service, tap } = await startWatchedDaemon({ output });
    const gateway = await startGateway({ service });
    const prompt = `/sim pace 200\n/sim repeat 100000 ${words}`;
    const codex = createCodex(gateway.origin).start([...execArgs, prompt]);
    await tap.seen(output === 'classic' ? 'output_text.delta' : 'output_token_ids.delta');
    codex.interrupt();
    await codex.ended;
    await tap.seen('cancel');
    await tap.seen('completed');
    const line = await gateway.untilLogged(({ msg }) => msg.startsWith('turn'));
    expect(line).toMatchObject({ msg: 'turn cancelled', error: 'request_cancelled' });
  });

  test('a daemon that dies mid-stream is waited for, and the answer is whole', async () => {
    const directory = temporaryDirectory('test');
    const [socket, script] = [join(directory, 'daemon.sock'), join(directory, 'script.yaml')];
    // With the wait, some text leaves before the crash.
    const steps = [`repeat 300 ${words}`, 'wait 200', 'crash'];
    writeFileSync(script, JSON.stringify({ rules: [{ when: { contains: 'Tell me' }, do: steps }] }));
    const mortal = await startDaemon(socket, ['--output', output, '--script', script]);
    const gateway = await startGateway({ service: socket });

    const codex = createCodex(gateway.origin).start([...execArgs, '--json', 'Tell me more.']);
    expect(await mortal.exited).toMatchObject({ code: 70 });
    const lost = await gateway.untilLogged(({ msg }) => msg === 'turn failed');
    expect(lost).toMatchObject({ error: 'backend_lost', firstTokenMs: expect.any(Number) });
    await startDaemon(socket, ['--output', output]);

    const run = await codex.ended;
    expect(run.events.map(({ message }) => message)).toContainEqual(expect.stringMatching(/^Reconnecting\.\.\. 1\/5/));
    expect(answerOf(run)).toMatch(/^This is the codexpc simulator[^]+ says: Tell me more\./);
    expect(run.code).toBe(0);
  });
});
