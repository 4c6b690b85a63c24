import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { codexSetup } from '../../src/cli/codex-settings.ts';
import { readToml } from '../../src/cli/toml-document.ts';
import { loadConfig } from '../../src/config.ts';
import { codexModels } from '../../src/http/codex-models.ts';
import { temporaryDirectory } from '../support/process.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Runs the command as a person does, in a home of its own. */
async function run(home: string, ...args: string[]) {
  const env = { PATH: process.env['PATH'], HOME: home };
  const done = promisify(execFile)(process.execPath, [main, 'codex', ...args], { cwd: home, env });
  return done.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

/** A home with such a config.toml of Codex. */
function homeWith(text: string | null) {
  const home = temporaryDirectory('test');
  const directory = join(home, '.codex');
  const file = join(directory, 'config.toml');
  if (text !== null) {
    mkdirSync(directory);
    writeFileSync(file, text, { mode: 0o640 });
  }
  return { home, directory, file, read: () => readFileSync(file, 'utf8') };
}

function configOf(settings: string) {
  const sources = { flags: [], configFile: '/gateway.yaml', environment: {}, directory: '/', readFile: () => settings };
  const loaded = loadConfig(sources);
  if ('problems' in loaded) throw new Error(loaded.problems.join('\n'));
  return loaded.config;
}

/** Settings by their whole names, as they are written in a file. */
const settingsIn = (text: string) =>
  Object.fromEntries(
    readToml(text)
      .filter(({ type }) => type === 'pair')
      .map(({ path, valueStart, valueEnd }) => [path.join('.'), text.slice(valueStart, valueEnd)]),
  );

test('what is printed is a config.toml with the provider, the model and its limits', async () => {
  const { home, directory } = homeWith(null);
  const { code, stdout } = await run(home, '--port', '9000');
  expect(code).toBe(0);
  expect(settingsIn(stdout)).toMatchObject({
    model: '"gpt-oss-20b"',
    model_provider: '"codexpc"',
    model_context_window: '131072',
    model_auto_compact_token_limit: '98304',
    'model_providers.codexpc.base_url': '"http://127.0.0.1:9000/v1"',
    'model_providers.codexpc.wire_api': '"responses"',
  });
  expect(() => readdirSync(directory)).toThrow('ENOENT');
});

test('the file for people to copy says the same, but for the limits of one gateway', async () => {
  const { stdout } = await run(homeWith(null).home);
  const { model_context_window: _1, model_auto_compact_token_limit: _2, ...printed } = settingsIn(stdout);
  const copied = settingsIn(readFileSync(new URL('../../config/codex.config.toml', import.meta.url), 'utf8'));
  expect(copied).toEqual(printed);
});

test('--json has the models as Codex gets them from the gateway', async () => {
  const { home, file } = homeWith(null);
  const { stdout } = await run(home, '--json', '--model', 'mine');
  const said = JSON.parse(stdout);
  expect(said).toMatchObject({ file, model: 'mine', contextWindow: 131_072, written: null });
  expect(said.models).toEqual(JSON.parse(JSON.stringify(codexModels(configOf('model: mine').models))));
  expect(settingsIn(said.toml)).toHaveProperty('model', '"mine"');
});

test('--write makes a file where there is none, for its owner alone', async () => {
  const { home, directory, file, read } = homeWith(null);
  const { code, stdout } = await run(home, '--write');
  expect(code).toBe(0);
  expect(stdout).toContain(`${file} is set up`);
  expect(settingsIn(read())).toHaveProperty('model_providers.codexpc.auth.command', '"echo"');
  expect(settingsIn(read())).not.toHaveProperty('analytics.enabled');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual(['config.toml']);
});

const mine = `# My Codex.
model = "gpt-5.5"   # usual
approval_policy = "never"

[mcp_servers.files]
command = "files" # mine
args = [
  "--all", # everything
]

[projects."/home/me/x"]
trust_level = "trusted"
`;

test('--write leaves everything else as it was, keeps a copy, and does nothing when it is asked again', async () => {
  const { home, directory, file, read } = homeWith(mine);
  const first = await run(home, '--write', '--json');
  const backup = `${file}.bak`;
  expect(JSON.parse(first.stdout).written).toEqual({ changed: true, backup });
  const after = read();
  for (const line of mine.split('\n').filter((each) => !each.startsWith('model ='))) expect(after).toContain(line);
  expect(after).toContain('model = "gpt-oss-20b"   # usual\n');
  expect(readFileSync(backup, 'utf8')).toBe(mine);
  expect(statSync(file).mode & 0o777).toBe(0o640);

  const second = await run(home, '--write');
  expect(second.stdout).toContain('was right already');
  expect(read()).toBe(after);
  expect(readdirSync(directory).toSorted()).toEqual(['config.toml', 'config.toml.bak']);

  await run(home, '--write', '--port', '9000');
  expect(read()).toBe(after.replace(':8642/', ':9000/'));
  expect(readFileSync(`${backup}1`, 'utf8')).toBe(after);
  expect(readFileSync(backup, 'utf8')).toBe(mine);
});

test('--write changes what a link points at, and leaves the link', async () => {
  const { home, directory, file } = homeWith(null);
  mkdirSync(directory);
  const elsewhere = join(home, 'dotfiles.toml');
  writeFileSync(elsewhere, mine);
  symlinkSync(elsewhere, file);
  await run(home, '--write');
  expect(readFileSync(elsewhere, 'utf8')).toContain('model_provider = "codexpc"');
  expect(readFileSync(file, 'utf8')).toBe(readFileSync(elsewhere, 'utf8'));
  expect(readFileSync(`${file}.bak`, 'utf8')).toBe(mine);
});

test.each([
  ['is not TOML', 'model = \n', /line 1/],
  ['has the provider in a form of its own', 'model_providers = { codexpc = {} }\n', /by hand/],
])('a file that %s is left as it is', async (_, text, says) => {
  const { home, directory, read } = homeWith(text);
  const { code, stderr } = await run(home, '--write');
  expect(code).toBe(1);
  expect(stderr).toMatch(says);
  expect(stderr).toContain('left as it is');
  expect(read()).toBe(text);
  expect(readdirSync(directory)).toEqual(['config.toml']);
});

test('--codex-home is where Codex is looked for', async () => {
  const { home } = homeWith(null);
  await run(home, '--write', '--codex-home', 'other');
  expect(readdirSync(join(home, 'other'))).toEqual(['config.toml']);
});

test('a port that nobody knows yet is asked for', async () => {
  const { code, stderr } = await run(homeWith(null).home, '--port', '0');
  expect(code).toBe(1);
  expect(stderr).toContain('--port 8642');
});

test('a key of the gateway is not written into any file', () => {
  const { settings } = codexSetup(configOf('server: { apiKeys: [sesame] }'));
  expect(JSON.stringify(settings)).not.toContain('sesame');
  expect(settings.find(({ key }) => key === 'args')?.value).toEqual(['CODEXPC_API_KEY']);
});

test.each([
  ['server: { host: 0.0.0.0, apiKeys: [k] }', 'http://127.0.0.1:8642/v1'],
  ["server: { host: '::', apiKeys: [k] }", 'http://[::1]:8642/v1'],
  ["server: { host: '::1' }", 'http://[::1]:8642/v1'],
  ['server: { host: 192.168.1.5, apiKeys: [k] }', 'http://192.168.1.5:8642/v1'],
])('the address is one that can be called: %s', (settings, url) => {
  expect(codexSetup(configOf(settings)).baseUrl).toBe(url);
});

test('the limits are those of the configured model', () => {
  const models = 'models: [{ id: small, checkpoint: /m, contextWindow: 32768 }]';
  expect(codexSetup(configOf(models))).toMatchObject({
    model: 'small',
    contextWindow: 32_768,
    autoCompactTokenLimit: 24_576,
  });
});
