import { expect, test } from 'vitest';
import { configJson, configText } from '../src/cli/config-show.ts';
import { hashOfKey } from '../src/config-keys.ts';
import { loadConfig } from '../src/config.ts';

function load(file: string, environment: Record<string, string> = {}) {
  return loadConfig({ flags: [], configFile: 'gateway.yaml', environment, directory: '/', readFile: () => file });
}

function loaded(file: string, environment: Record<string, string> = {}) {
  const result = load(file, environment);
  if ('problems' in result) throw new Error(result.problems.join('\n'));
  return result;
}

const keysOf = (file: string, environment?: Record<string, string>) => loaded(file, environment).config.server.apiKeys;

/** The hash of some key. */
const walrus = 'd4f1ad69ff1e28a26ea3ab57bcce90f82bdf9f4b47b1d4ba4ac4ca61e4a7cfd5';

test('the hash of a key is that of everybody else', () => {
  // printf %s abc | sha256sum, as in FIPS 180-2.
  expect(hashOfKey('abc')).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('a key is a text, a hash or an entry with a name and limits of its own', () => {
  const file = `
server:
  apiKeys:
    - plain-text
    - sha256:${walrus.toUpperCase()}
    - { name: laptop, key: sha256:${'0'.repeat(64)}, turns: 1 }
    - { name: phone.2, key: other-text, requestsPerMinute: null }
limits: { turnsPerKey: 3, requestsPerMinutePerKey: 60 }
`;
  expect(keysOf(file)).toEqual([
    { name: 'key-1', hash: hashOfKey('plain-text').slice(7), plain: 'plain-text', turns: 3, requestsPerMinute: 60 },
    { name: 'key-2', hash: walrus, plain: null, turns: 3, requestsPerMinute: 60 },
    { name: 'laptop', hash: '0'.repeat(64), plain: null, turns: 1, requestsPerMinute: 60 },
    { name: 'phone.2', hash: hashOfKey('other-text').slice(7), plain: 'other-text', turns: 3, requestsPerMinute: null },
  ]);
});

test('a hash may be given in the environment too', () => {
  const keys = keysOf('', { CODEXPC_GATEWAY_API_KEYS: `one,sha256:${walrus}` });
  expect(keys.map(({ name, plain, hash }) => [name, plain ?? hash])).toEqual([
    ['key-1', 'one'],
    ['key-2', walrus],
  ]);
});

test('what is wrong with a key is told with its place, and never shows it', () => {
  const file = `
server:
  apiKeys:
    - 7
    - sha256:walrus
    - name: -walrus
      key: fine
    - name: laptop
    - name: phone
      key: [walrus]
      turn: 1
    - walrus: phone
      key: fine
      name: fine
    - name: zero
      key: fine
      turns: 0
`;
  const result = load(file);
  expect('problems' in result ? result.problems : []).toEqual([
    'gateway.yaml:4: server.apiKeys[0]: expected a key, or an entry with name and key.',
    'gateway.yaml:5: server.apiKeys[1]: a hash is sha256: and 64 hexadecimal digits.',
    'gateway.yaml:6: server.apiKeys[2].name: a name has at most 64 letters, digits, dots and dashes.',
    'gateway.yaml:8: server.apiKeys[3].key is missing.',
    'gateway.yaml:10: server.apiKeys[4].key: expected string.',
    "gateway.yaml:11: server.apiKeys[4].turn is not a setting (did you mean 'turns'?).",
    'gateway.yaml:12: server.apiKeys[5] has more than name, key, turns, requestsPerMinute.',
    'gateway.yaml:17: server.apiKeys[6].turns: expected number to be >=1.',
  ]);
  expect(JSON.stringify(result)).not.toContain('walrus');
});

test.each([
  ['two names', '[{ name: a, key: one }, { name: a, key: two }]', "Two API keys are called 'a'."],
  ['a name that is given anyway', '[one, { name: key-1, key: two }]', "Two API keys are called 'key-1'."],
  ['two secrets', `[one, { name: a, key: "${hashOfKey('one')}" }]`, "The API keys 'key-1' and 'a' are the same."],
  [
    'the name of no key',
    '[{ name: none, key: one }]',
    "An API key can't be called 'none': metrics call requests without a key so.",
  ],
])('%s that cannot be told apart are refused', (_, keys, sentence) => {
  expect(load(`server: { apiKeys: ${keys} }`)).toEqual({ problems: [sentence] });
});

test('keys are shown by their names and limits alone', () => {
  const file = `server: { apiKeys: [hunter2, { name: laptop, key: "sha256:${walrus}", turns: 2 }] }`;
  const { settings } = loaded(file);
  for (const text of [configText(settings), configJson(settings)]) {
    expect(text).not.toMatch(new RegExp(`hunter2|${walrus}`));
    expect(text).toContain('laptop');
  }
  const shown = JSON.parse(configJson(settings)) as { setting: string; value: unknown }[];
  expect(shown.find(({ setting }) => setting === 'server.apiKeys')!.value).toEqual([
    'not shown',
    { name: 'laptop', key: 'not shown', turns: 2 },
  ]);
  // Nobody serves with the output as it is.
  expect(load(configText(settings))).toHaveProperty('problems');
});

test('keys that do not count, limits of no key and keys that can be guessed are warned of', () => {
  const keys = 'server: { apiKeys: [in-the-file] }';
  expect(loaded(keys).warnings).toEqual([]);
  expect(loaded(keys, { CODEXPC_GATEWAY_API_KEYS: 'other' }).warnings).toEqual([
    'The API keys of gateway.yaml:1 are not used: CODEXPC_GATEWAY_API_KEYS gives others.',
  ]);
  expect(loaded('limits: { turnsPerKey: 1 }').warnings).toEqual([
    'limits.turnsPerKey and limits.requestsPerMinutePerKey have no effect: there are no API keys.',
  ]);
  const long = 'x'.repeat(16);
  const open = `server: { host: 0.0.0.0, apiKeys: [short, ${long}, "sha256:${walrus}"] }`;
  expect(loaded(open).warnings).toEqual([
    'Other machines can guess API keys of less than 16 characters (key-1); codexpc-gateway key makes better ones.',
  ]);
});
