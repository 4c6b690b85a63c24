import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, inject } from 'vitest';
import { endWith } from '../support/cleanup.ts';
import type { GatewayProcess } from '../support/process.ts';
import { installPython } from '../support/python.ts';
import { apis, browserTest, chooseApi, ended, openPage, startPageGateway, talk } from './browser.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
const python = inject('chromium') === null ? { missing: 'there is no Chromium' } : installPython(requirements, 'page');
/** Every character that some shell or language reads in its own way. */
const awkward = `It's "odd": $HOME \`date\` \\n \\u0041 {x} %s #1 ü 世界 👋 <|start|> </script>`;

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startPageGateway({ lifetime: 'file' });
});

async function textOf(page: Page, language: string): Promise<string> {
  await page.getByRole('radio', { name: language, exact: true }).check({ force: true });
  return (await page.locator('#request-text').textContent())!;
}

/** A page with a conversation that has a tool's result in it, and a message that is about to be sent. */
async function pageWithDraft(api: string): Promise<Page> {
  const page = await openPage(gateway.origin);
  await chooseApi(page, api);
  await page.getByLabel('Instructions').fill(awkward);
  await page
    .getByLabel('Tools, JSON')
    .fill(
      '[{"type": "function", "name": "f", "strict": false, "parameters": {"type": "object", "__proto__": {"a": null}}}]',
    );
  await talk(page, '/sim think Hm.\n/sim call f {}');
  await page.getByLabel('Result of f').fill(awkward);
  await page.getByRole('button', { name: 'Send the result' }).click();
  await ended(page, 2);
  await page.getByLabel('Message', { exact: true }).fill(`/sim say ${awkward}`);
  return page;
}

/** What the page itself would send for it. */
async function bodyOf(page: Page, path: string): Promise<unknown> {
  const sent = page.waitForRequest((request) => request.url().endsWith(path));
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  return (await sent).postDataJSON();
}

describe.each(apis)('%s', (api, path) => {
  browserTest('the curl command is answered as the page is', async () => {
    const page = await pageWithDraft(api);
    const { status, stdout } = spawnSync('sh', ['-c', await textOf(page, 'curl')], { encoding: 'utf8' });
    expect(status).toBe(0);
    const said = stdout
      .split('\n')
      .filter((line) => line.startsWith('data: {'))
      .map(
        (line) =>
          JSON.parse(line.slice(6)) as { type?: string; delta?: string; choices?: { delta: { content?: string } }[] },
      )
      .map(({ type, delta, choices }) =>
        api === 'Responses'
          ? type === 'response.output_text.delta'
            ? delta
            : ''
          : (choices?.[0]?.delta.content ?? ''),
      );
    expect(said.join('')).toBe(awkward);
  });

  browserTest('the TypeScript fits the types of the package that it names, and runs', async () => {
    const page = await pageWithDraft(api);
    const text = await textOf(page, 'TypeScript');
    // Inside the project, where the package is.
    const directory = mkdtempSync(join(root, '.codexpc', 'snippet-'));
    endWith('test', () => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, 'snippet.mts'), text);
    writeFileSync(join(directory, 'tsconfig.json'), '{"extends": "../../tsconfig.json", "include": ["."]}');
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    expect(spawnSync(process.execPath, [compiler, '-p', directory], { encoding: 'utf8' }).stdout).toBe('');
    // There is no type in it, so it is JavaScript as well.
    writeFileSync(join(directory, 'snippet.mjs'), text);
    const { stdout, stderr } = spawnSync(process.execPath, [join(directory, 'snippet.mjs')], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toBe(awkward);
  });

  browserTest('the Python runs with the package that it names', async ({ skip }) => {
    if ('missing' in python) return skip(python.missing);
    const page = await pageWithDraft(api);
    const { stdout, stderr } = spawnSync(python.python, ['-c', await textOf(page, 'Python')], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toBe(awkward);
  });

  browserTest('the Python holds the very request', async ({ skip }) => {
    if (spawnSync('python3', ['--version']).status !== 0) skip('there is no python3');
    const page = await pageWithDraft(api);
    const reader = `import ast, json, sys
tree = ast.parse(sys.stdin.read())
calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "create"]
print(json.dumps({keyword.arg: ast.literal_eval(keyword.value) for keyword in calls[0].keywords}))`;
    const input = await textOf(page, 'Python');
    const { stdout, stderr } = spawnSync('python3', ['-c', reader], { input, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(await bodyOf(page, path));
    expect(input).toContain(`base_url="${gateway.origin}/v1"`);
  });
});

browserTest('the Codex configuration leads to this gateway', async () => {
  const page = await openPage(gateway.origin);
  const text = await textOf(page, 'Codex');
  expect(text).toContain('model = "gpt-oss-20b"\nmodel_provider = "codexpc"\n');
  expect(text).toContain(`base_url = "${gateway.origin}/v1"\nwire_api = "responses"\n`);
});

browserTest('the copy button copies what is shown', async () => {
  const page = await openPage(gateway.origin, { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.getByLabel('Message', { exact: true }).fill(awkward);
  const shown = await textOf(page, 'Python');
  await page.locator('#copy-request').click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(shown);
});
