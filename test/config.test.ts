import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { configText } from '../src/cli/config-show.ts';
import { loadConfig } from '../src/config.ts';
import type { LoadedConfig } from '../src/config.ts';
import type { ConfigSources } from '../src/config-given.ts';
import { settingDefinitions } from '../src/config-schema.ts';
import { configExample } from './config-example.ts';

type Given = {
  readonly file?: string;
  readonly environment?: ConfigSources['environment'];
  readonly flags?: ConfigSources['flags'];
  readonly daemonOnly?: boolean;
};

/** Loads with a file called gateway.yaml in /etc/gateway, from the directory /srv/here. */
function load({ file, environment = {}, flags = [], daemonOnly = false }: Given): LoadedConfig {
  return loadConfig({
    flags,
    configFile: file === undefined ? null : '../../etc/gateway/gateway.yaml',
    environment,
    directory: '/srv/here',
    readFile: () => file!,
    daemonOnly,
  });
}

function loaded(given: Given) {
  const result = load(given);
  if ('problems' in result) throw new Error(result.problems.join('\n'));
  return result;
}

function problems(given: Given): readonly string[] {
  const result = load(given);
  return 'problems' in result ? result.problems.map((text) => text.replaceAll('../../etc/gateway/', '')) : [];
}

const sourceOf = (result: ReturnType<typeof loaded>, key: string) =>
  result.settings.find((setting) => setting.definition.key === key)?.source;

test('with nothing given, the simulator answers on a loopback address', () => {
  const { config, warnings } = loaded({});
  expect(config.server).toMatchObject({ host: '127.0.0.1', port: 8642, apiKeys: [] });
  expect(config.backend).toMatchObject({ type: 'simulator', reason: 'no checkpoint and no service is configured' });
  expect(config.models).toEqual([
    {
      id: 'gpt-oss-20b',
      aliases: ['gpt-oss:20b', 'openai/gpt-oss-20b'],
      checkpoint: 'simulated',
      contextWindow: 131_072,
      maxOutputTokens: null,
    },
  ]);
  expect(warnings).toEqual([]);
});

test('flags overrule the environment, which overrules the file, which overrules the defaults', () => {
  const file = 'server:\n  port: 1\n  bodyLimit: 1\n  stallTimeout: 1\n';
  const environment = { CODEXPC_GATEWAY_PORT: '2', CODEXPC_GATEWAY_BODY_LIMIT: '2' };
  const result = loaded({ file, environment, flags: [{ key: 'server.port', flag: '--port', value: '3' }] });
  expect(result.config.server).toMatchObject({ port: 3, bodyLimit: 2, stallTimeout: 1, keepAliveInterval: 15_000 });
  expect(sourceOf(result, 'server.port')).toBe('--port');
  expect(sourceOf(result, 'server.bodyLimit')).toBe('CODEXPC_GATEWAY_BODY_LIMIT');
  expect(sourceOf(result, 'server.stallTimeout')).toBe('../../etc/gateway/gateway.yaml:4');
  expect(sourceOf(result, 'server.keepAliveInterval')).toBe('default');
});

test('every setting but models can be given by an environment variable of its own', () => {
  const names = settingDefinitions.flatMap(({ environment }) => environment);
  expect(new Set(names).size).toBe(names.length);
  expect(settingDefinitions.filter(({ environment }) => environment.length === 0).map(({ key }) => key)).toEqual([
    'models',
  ]);
  const texts = { number: '4', boolean: 'true', text: '/text', list: 'one, two', entries: '' };
  const values = { number: 4, boolean: true, text: '/text', list: ['one', 'two'], entries: [] };
  const date = '2020-02-02';
  const environment = Object.fromEntries(
    settingDefinitions.flatMap(({ key, kind, choices, environment: [name] }) =>
      name === undefined ? [] : [[name, choices?.at(-1) ?? (key === 'harmony.date' ? date : texts[kind])]],
    ),
  );
  for (const { definition, value, source } of loaded({ environment }).settings) {
    const { key, kind, choices, environment: variables } = definition;
    const expected = choices?.at(-1) ?? (key === 'harmony.date' ? date : values[kind]);
    expect({ key, value, source }).toEqual({ key, value: expected, source: variables[0] ?? 'default' });
  }
});

test('the documented names of variables hold', () => {
  const names = Object.fromEntries(settingDefinitions.map(({ key, environment }) => [key, environment]));
  expect(names).toMatchObject({
    'server.port': ['CODEXPC_GATEWAY_PORT'],
    'server.apiKeys': ['CODEXPC_GATEWAY_API_KEYS'],
    'backend.type': ['CODEXPC_GATEWAY_BACKEND_TYPE'],
    'backend.service': ['CODEXPC_SERVICE'],
    checkpoint: ['CODEXPC_CHECKPOINT', 'CODEXPC_CHECKPOINT_PATH'],
    strictModels: ['CODEXPC_GATEWAY_STRICT_MODELS'],
    'limits.queueTimeout': ['CODEXPC_GATEWAY_LIMITS_QUEUE_TIMEOUT'],
    'log.level': ['CODEXPC_GATEWAY_LOG_LEVEL'],
  });
});

test('an empty variable counts as unset, an unknown one is warned of', () => {
  const environment = { CODEXPC_GATEWAY_PORT: '', CODEXPC_CHECKPOINT: '', CODEXPC_GATEWAY_PROT: '1', OTHER: 'x' };
  const { config, warnings } = loaded({ environment });
  expect(config.server.port).toBe(8642);
  expect(config.backend.type).toBe('simulator');
  expect(warnings).toEqual([
    "The environment variable CODEXPC_GATEWAY_PROT is not a setting (did you mean 'CODEXPC_GATEWAY_PORT'?).",
  ]);
});

test('the first of two checkpoint variables counts', () => {
  const environment = {
    CODEXPC_CHECKPOINT_PATH: '/b/model.bin',
    CODEXPC_CHECKPOINT: '/a/gpt-oss-120b/metal/model.bin',
  };
  expect(loaded({ environment }).config.models).toMatchObject([
    {
      id: 'gpt-oss-120b',
      aliases: ['gpt-oss:120b', 'openai/gpt-oss-120b'],
      checkpoint: '/a/gpt-oss-120b/metal/model.bin',
    },
  ]);
});

test('a model is called as asked, else as its path says, else as its file', () => {
  const idOf = (checkpoint: string, model?: string) => {
    const environment = {
      CODEXPC_CHECKPOINT: checkpoint,
      ...(model !== undefined && { CODEXPC_GATEWAY_MODEL: model }),
    };
    return loaded({ environment }).config.models[0]!.id;
  };
  expect(idOf('/models/GPT-OSS-20B-metal/model.bin')).toBe('gpt-oss-20b');
  expect(idOf('/models/mine.v2.bin')).toBe('mine.v2');
  expect(idOf('/models/.hidden')).toBe('.hidden');
  expect(idOf('/models/gpt-oss-20b/model.bin', 'house-model')).toBe('house-model');
});

test.each([
  ['a checkpoint', { environment: { CODEXPC_CHECKPOINT: '/model' } }, 'codexpc', 'CODEXPC_CHECKPOINT'],
  ['listed models', { file: 'models:\n  - { id: a, checkpoint: /a }' }, 'codexpc', '../../etc/gateway/gateway.yaml:1'],
  [
    'an empty list',
    { file: 'models: []\ncheckpoint: null' },
    'simulator',
    'no checkpoint and no service is configured',
  ],
  [
    'a checkpoint, but the simulator is asked for',
    { environment: { CODEXPC_CHECKPOINT: '/model', CODEXPC_GATEWAY_BACKEND_TYPE: 'simulator' } },
    'simulator',
    'CODEXPC_GATEWAY_BACKEND_TYPE',
  ],
])('with %s configured, the backend follows', (_, given, type, reason) => {
  expect(loaded(given).config.backend).toMatchObject({ type, reason });
});

test('a service or the codexpc backend without a checkpoint is refused, by the names of the variables', () => {
  const [sentence] = problems({ environment: { CODEXPC_SERVICE: 'com.example' } });
  expect(sentence).toMatch(/^The codexpc backend is configured \(CODEXPC_SERVICE\), but no checkpoint: /);
  expect(sentence).toMatch(/set CODEXPC_CHECKPOINT \(or CODEXPC_CHECKPOINT_PATH\).*--checkpoint/);
  expect(problems({ file: 'backend: { type: codexpc }' })).toHaveLength(1);
});

test('a command that only asks the daemon needs no checkpoint', () => {
  expect(loaded({ daemonOnly: true }).config.backend).toMatchObject({ type: 'codexpc' });
  const environment = { CODEXPC_SERVICE: 'com.example' };
  expect(loaded({ daemonOnly: true, environment }).config.backend.service).toBe('com.example');
});

test('paths are absolute: in the file against its directory, elsewhere against the current one, ~ against HOME', () => {
  const file =
    'models:\n  - { id: a, checkpoint: a.bin }\n  - { id: b, checkpoint: ~/b.bin }\nsimulator:\n  script: ./s.yaml';
  const environment = { CODEXPC_GATEWAY_BACKEND_LIBRARY: 'lib/shim.so', HOME: '/srv/me' };
  const { config } = loaded({ file, environment });
  expect(config.models.map(({ checkpoint }) => checkpoint)).toEqual(['/etc/gateway/a.bin', '/srv/me/b.bin']);
  expect(config.simulator.script).toBe('/etc/gateway/s.yaml');
  expect(config.backend.library).toBe('/srv/here/lib/shim.so');
});

test('a checkpoint from outside replaces the models of the file, and says so', () => {
  const file = 'models:\n  - { id: a, checkpoint: /a }\n';
  const { config, warnings } = loaded({ file, environment: { CODEXPC_CHECKPOINT: '/b/gpt-oss-20b' } });
  expect(config.models.map(({ id }) => id)).toEqual(['gpt-oss-20b']);
  expect(warnings).toEqual([
    'The models of ../../etc/gateway/gateway.yaml:1 are not served: CODEXPC_CHECKPOINT names the one that is.',
  ]);
});

test('sessions that share an engine are a choice, with a warning of what it costs today', () => {
  const { config, warnings } = loaded({ file: 'limits:\n  sessionsPerEngine: 2\n' });
  expect(config.limits.sessionsPerEngine).toBe(2);
  expect(warnings).toEqual([expect.stringMatching(/^limits\.sessionsPerEngine is 2: .* corrupt each other/)]);
});

test.each([
  [
    'a checkpoint and models in one file',
    'checkpoint: /a\nmodels:\n  - { id: b, checkpoint: /b }',
    /^Both checkpoint and models/,
  ],
  [
    'a name of two models',
    'models:\n  - { id: a, checkpoint: /a }\n  - { id: b, checkpoint: /b, aliases: [a] }',
    /called 'a'/,
  ],
  [
    'headers with more time than the request',
    'server: { headersTimeout: 9, requestTimeout: 8 }',
    /headersTimeout is longer/,
  ],
  ['an open server on the network', 'server: { host: 0.0.0.0 }', /0\.0\.0\.0.*CODEXPC_GATEWAY_API_KEYS/],
  ['a name of the network', 'server: { host: mac.local }', /mac\.local/],
])('%s is refused', (_, file, sentence) => {
  expect(problems({ file })).toEqual([expect.stringMatching(sentence)]);
});

test.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('%s needs no API key', (host) => {
  expect(loaded({ environment: { CODEXPC_GATEWAY_HOST: host } }).config.server.host).toBe(host);
});

test('with an API key, any address will do', () => {
  const environment = { CODEXPC_GATEWAY_HOST: '0.0.0.0', CODEXPC_GATEWAY_API_KEYS: 'one, two,' };
  expect(loaded({ environment }).config.server.apiKeys).toMatchObject([
    { name: 'key-1', plain: 'one' },
    { name: 'key-2', plain: 'two' },
  ]);
});

test('every fault is told with the setting and its place', () => {
  const file = `# A comment
server:
  prot: 3
  host: [1]
  apiKeys:
    - fine
    - "not fine"
limits: 4
models:
  - id: a
    chekpoint: b
log:
  level: loud
portal: 1
harmony:
`;
  const environment = { CODEXPC_GATEWAY_LIMITS_IDLE: '1e3', CODEXPC_GATEWAY_STRICT_MODELS: 'maybe' };
  const flags = [{ key: 'server.port', flag: '--port', value: '70000' } as const];
  expect(problems({ file, environment, flags })).toEqual([
    "gateway.yaml:3: 'server.prot' is not a setting (did you mean 'port'?).",
    "gateway.yaml:8: 'limits' holds settings, not a value.",
    "gateway.yaml:14: 'portal' is not a setting.",
    'gateway.yaml:4: server.host: expected string.',
    '--port: server.port: expected number to be <=65535, received 70000.',
    'gateway.yaml:7: server.apiKeys[1]: a key has at least one character and no spaces.',
    'gateway.yaml:10: models[0].checkpoint is missing.',
    "gateway.yaml:11: models[0].chekpoint is not a setting (did you mean 'checkpoint'?).",
    'CODEXPC_GATEWAY_STRICT_MODELS: strictModels: expected boolean, received "maybe".',
    'CODEXPC_GATEWAY_LIMITS_IDLE: limits.idle: expected number, received "1e3".',
    'gateway.yaml:13: log.level: expected one of "trace"|"debug"|"info"|"warn"|"error"|"fatal"|"silent", received "loud".',
  ]);
});

test.each([
  ['broken YAML', 'server:\n  port: [1\nlog: {}\n', /^gateway\.yaml:\d: /],
  ['a key given twice', 'server:\n  port: 1\n  port: 2\n', /^gateway\.yaml:3: .*unique/],
  ['a text instead of settings', '\nhello\n', /^gateway\.yaml:2: Expected settings/],
  [
    'a wait longer than a timer can be',
    'limits:\n  total: 99999999999',
    /^gateway\.yaml:2: limits\.total: expected number to be <=2147483647/,
  ],
])('%s is refused with its line', (_, file, sentence) => {
  expect(problems({ file })).toEqual([expect.stringMatching(sentence)]);
});

test.each(['', '# nothing\n', 'server:\n', '{}'])('a file without settings changes nothing: %j', (file) => {
  expect(loaded({ file }).config).toEqual(loaded({}).config);
});

test('a file that cannot be read is told with who named it', () => {
  const sources = {
    flags: [],
    configFile: null,
    environment: { CODEXPC_GATEWAY_CONFIG: 'gone.yaml' },
    directory: '/srv',
    readFile: () => {
      throw new Error('ENOENT: no such file');
    },
  };
  const sentence = (origin: string) =>
    `The configuration file 'gone.yaml' (${origin}) can't be read: ENOENT: no such file.`;
  expect(loadConfig(sources)).toEqual({ problems: [sentence('CODEXPC_GATEWAY_CONFIG')] });
  expect(loadConfig({ ...sources, configFile: 'gone.yaml' })).toEqual({ problems: [sentence('--config')] });
});

test('the settings in force are shown with their sources and without secrets', () => {
  const environment = { CODEXPC_GATEWAY_API_KEYS: 'hunter2', CODEXPC_CHECKPOINT: '/m/gpt-oss-20b/model.bin' };
  const text = configText(loaded({ environment }).settings);
  expect(text).not.toContain('hunter2');
  expect(text).toMatch(/^ {2}apiKeys: \["not shown"\] +# CODEXPC_GATEWAY_API_KEYS$/m);
  expect(text).toMatch(/^ {2}type: codexpc +# default \(auto: CODEXPC_CHECKPOINT\)$/m);
  expect(text).toMatch(/^ {2}port: 8642 +# default$/m);
  expect(text).toMatch(/^checkpoint: \/m\/gpt-oss-20b\/model.bin +# CODEXPC_CHECKPOINT$/m);
});

test('the settings shown are a configuration file that comes to the same', () => {
  const file =
    'models:\n  - { id: "a: b", checkpoint: /a, aliases: [x, "y # z"] }\nharmony:\n  knowledgeCutoff: null\n';
  const first = loaded({ file });
  const again = loaded({ file: configText(first.settings) });
  expect(again.config).toEqual({
    ...first.config,
    backend: { ...first.config.backend, reason: again.config.backend.reason },
  });
});

const examplePath = fileURLToPath(new URL('../config/gateway.example.yaml', import.meta.url));

test('the example file is made of the schema', async () => {
  await expect(configExample()).toMatchFileSnapshot(examplePath);
});

test('the example file gives every setting its default', () => {
  const file = readFileSync(examplePath, 'utf8');
  expect(loaded({ file }).config).toEqual(loaded({}).config);
  const content = parse(file) as Record<string, Record<string, unknown>>;
  for (const { key } of settingDefinitions) {
    const [name, leaf] = key.split('.') as [string, string | undefined];
    expect(leaf === undefined ? name in content : leaf in content[name]!, key).toBe(true);
  }
});
