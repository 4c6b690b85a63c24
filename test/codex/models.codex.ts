import { expect, test } from 'vitest';
import { startGateway } from '../support/process.ts';
import type { GatewayProcess } from '../support/process.ts';
import { answerOf, createCodex, describeCodex, execArgs, unconfined } from './cli.ts';
import type { Codex } from './cli.ts';

type Entry = { readonly slug: string; readonly [field: string]: unknown };

function startWithWindow(contextWindow: number): Promise<GatewayProcess> {
  const model = { id: 'gpt-oss-20b', checkpoint: 'simulated', contextWindow, aliases: ['gpt-oss:20b'] };
  return startGateway({ config: { backend: { type: 'simulator' }, models: [model] } });
}

const unknownModel = /Model metadata for `[^`]+` not found/;

describeCodex('what Codex learns of the models', () => {
  test('the entry of a model is understood, field by field', async () => {
    const gateway = await startWithWindow(50_000);
    const served = (await (await fetch(`${gateway.origin}/v1/models`)).json()) as { models: Entry[] };
    const run = await createCodex(gateway.origin).run(['debug', 'models']);
    const understood = (JSON.parse(run.output) as { models: Entry[] }).models;
    for (const entry of served.models) {
      // For older CLIs; this one knows them no more.
      const { supports_reasoning_summaries: _, supports_parallel_tool_calls: __, ...current } = entry;
      expect(understood.find(({ slug }) => slug === entry.slug)).toMatchObject(withoutNulls(current));
    }
    expect(served.models.map(({ slug, visibility }) => [slug, visibility])).toEqual([
      ['gpt-oss-20b', 'list'],
      ['gpt-oss:20b', 'hide'],
    ]);
  });

  test.each(['gpt-oss-20b', 'gpt-oss:20b'])('the context window is taken over for %s', async (name) => {
    const gateway = await startWithWindow(50_000);
    const codex = createCodex(gateway.origin);
    const run = await codex.run([...execArgs, '--model', name, 'say hi']);
    expect(run.errors).not.toMatch(unknownModel);
    // Codex keeps 5 percent back.
    expect(windowsOf(codex)).toEqual(new Set([47_500]));
  });

  test('a model that the gateway does not list is answered for, with a warning and a wrong window', async () => {
    const gateway = await startWithWindow(50_000);
    const codex = createCodex(gateway.origin);
    const run = await codex.run([...execArgs, '--model', 'another', 'say hi']);
    expect(run.errors).toMatch(unknownModel);
    expect(run.output).toContain('says: say hi');
    expect(windowsOf(codex)).toEqual(new Set([258_400]));
  });

  // Eight outputs, each cut by Codex to what it takes for 1000 tokens and what are 2300.
  const longWork = Array.from({ length: 8 }, () => '/sim call exec_command {"cmd": "seq 1 5000 | head -c 20000"}').join(
    '\n',
  );

  test('long work is summed up before the window is full', async () => {
    const gateway = await startWithWindow(16_000);
    const codex = createCodex(gateway.origin);
    const run = await codex.exec(longWork, unconfined);
    expect(run.events.at(-1)).toMatchObject({ type: 'turn.completed' });
    expect(answerOf(run)).toContain('Another language model started to solve this problem');
    expect(codex.sessions().filter(({ type }) => type === 'compacted')).toHaveLength(1);
    const turns = gateway.log().filter(({ msg }) => msg.startsWith('turn'));
    expect(turns.map(({ msg }) => msg)).toEqual(turns.map(() => 'turn'));
  });

  test('the same work under a name that is not listed overflows the window, and Codex says so', async () => {
    const gateway = await startWithWindow(16_000);
    const run = await createCodex(gateway.origin).exec(longWork, [...unconfined, '--model', 'another']);
    expect(run.events.at(-1)).toMatchObject({
      type: 'turn.failed',
      error: { message: expect.stringContaining("Codex ran out of room in the model's context window") },
    });
    expect(gateway.log().at(-1)).toMatchObject({ msg: 'turn refused', error: 'context_length_exceeded' });
  });
});

/** The context windows that Codex has reckoned with. */
function windowsOf(codex: Codex): Set<unknown> {
  const windows = new Set<unknown>();
  for (const { payload } of codex.sessions()) {
    const info = payload['info'] as { model_context_window?: number } | null | undefined;
    const window = payload['model_context_window'] ?? info?.model_context_window;
    if (window !== undefined) windows.add(window);
  }
  return windows;
}

/** Codex leaves out what is null, or writes it as null. */
function withoutNulls(entry: Entry): object {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null));
}
