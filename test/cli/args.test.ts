import { expect, test } from 'vitest';
import { parseCommandLine } from '../../src/cli/args.ts';
import { commands } from '../../src/cli/flags.ts';
import { helpText } from '../../src/cli/help.ts';
import { settingDefinitions } from '../../src/config-schema.ts';

const noSettings = { configFile: null, flags: [] };

/** Reads a command line without quotes. */
const read = (line: string) => parseCommandLine(line.split(' ').filter((word) => word !== ''));

const complaint = (line: string) => {
  const result = read(line);
  return result.command === 'mistake' ? result.message : `no mistake: ${JSON.stringify(result)}`;
};

test('without a command the gateway serves', () => {
  expect(read('')).toEqual({ command: 'serve', settings: noSettings });
  expect(read('--port 0')).toEqual(read('serve --port 0'));
  expect(read('--port 0')).toEqual({
    command: 'serve',
    settings: { configFile: null, flags: [{ key: 'server.port', flag: '--port', value: '0' }] },
  });
});

test('a value may stand behind the flag or behind an equals sign', () => {
  const flags = [{ key: 'server.host', flag: '--host', value: '::1' }];
  expect(read('--host ::1')).toMatchObject({ settings: { flags } });
  expect(read('--host=::1')).toMatchObject({ settings: { flags } });
  expect(read('--model=-odd')).toMatchObject({ settings: { flags: [{ value: '-odd' }] } });
});

test('any setting can be given by --set, in the order of the command line', () => {
  expect(read('serve --set limits.idle=5 --port 1 --set server.port=2 --set model=a=b --config g.yaml')).toEqual({
    command: 'serve',
    settings: {
      configFile: 'g.yaml',
      flags: [
        { key: 'limits.idle', flag: '--set limits.idle', value: '5' },
        { key: 'server.port', flag: '--port', value: '1' },
        { key: 'server.port', flag: '--set server.port', value: '2' },
        { key: 'model', flag: '--set model', value: 'a=b' },
      ],
    },
  });
});

test('a flag without a value turns its setting on', () => {
  expect(read('--strict-models')).toMatchObject({ settings: { flags: [{ key: 'strictModels', value: 'true' }] } });
  expect(read('--strict-models=false')).toMatchObject({ settings: { flags: [{ value: 'false' }] } });
});

test('the simulator has flags of its own for its settings', () => {
  expect(read('simulate --service /tmp/s.sock --output tokens --pace 40')).toEqual({
    command: 'simulate',
    settings: {
      configFile: null,
      flags: [
        { key: 'backend.service', flag: '--service', value: '/tmp/s.sock' },
        { key: 'simulator.output', flag: '--output', value: 'tokens' },
        { key: 'simulator.pace', flag: '--pace', value: '40' },
      ],
    },
  });
});

test('health and handshake wait five seconds unless told otherwise', () => {
  expect(read('health --json')).toEqual({ command: 'health', settings: noSettings, timeout: 5000, json: true });
  expect(read('handshake --timeout 100')).toMatchObject({ command: 'handshake', settings: noSettings, timeout: 100 });
  expect(read('doctor')).toMatchObject({ command: 'doctor', timeout: 60_000, json: false });
});

test('chat takes its question as words, or none', () => {
  expect(read('chat Why is the sky blue?')).toEqual({
    command: 'chat',
    settings: noSettings,
    question: 'Why is the sky blue?',
    interactive: null,
    json: false,
    tools: null,
    instructions: null,
    effort: 'medium',
    temperature: 1,
    maxOutputTokens: null,
  });
  const chosen = parseCommandLine(['chat', '--effort', 'none', '--temperature=0', '--max-tokens', '9', '--', '-1?']);
  expect(chosen).toMatchObject({ question: '-1?', effort: 'none', temperature: 0, maxOutputTokens: 9 });
  expect(parseCommandLine(['chat', '--prompt', 'Why?'])).toMatchObject({ command: 'chat', question: 'Why?' });
  expect(parseCommandLine(['chat', '--instructions', 'Be brief.'])).toMatchObject({
    question: null,
    instructions: 'Be brief.',
  });
});

test('tokens reads a file or standard input, and prints one thing', () => {
  expect(read('tokens')).toEqual({ command: 'tokens', settings: noSettings, file: null, output: 'text' });
  expect(read('tokens - --ids')).toMatchObject({ file: null, output: 'ids' });
  expect(read('tokens a.json --count')).toMatchObject({ file: 'a.json', output: 'count' });
});

test('config show takes the flags of serve', () => {
  expect(read('config show --port 1')).toEqual({ ...read('serve --port 1'), command: 'config show', json: false });
});

test.each([
  ['--help', null],
  ['-h', null],
  ['help', null],
  ['--port 1 --help', null],
  ['serve --help', 'serve'],
  ['help chat', 'chat'],
  ['chat -h', 'chat'],
  ['help config', 'config show'],
  ['help config show', 'config show'],
  ['config --help', 'config show'],
  ['config show --help', 'config show'],
])('%s asks for help', (line, topic) => {
  expect(read(line)).toEqual({ command: 'help', topic });
});

test.each(['--version', '-v', 'version', 'serve --version'])('%s asks for the version', (line) => {
  expect(read(line)).toEqual({ command: 'version' });
});

test.each([
  ['srve', "'srve' is not a command (did you mean 'serve'?). See --help."],
  ['toaster', "'toaster' is not a command. See --help."],
  ['help toaster', "'toaster' is not a command. See --help."],
  ['config', "'config' needs to be told what to do: config show."],
  ['serve simulate', "'serve' takes no argument 'simulate' (did you mean 'simulate'?)."],
  ['--prot 1', "--prot is not a flag of 'serve' (did you mean '--port'?). See serve --help."],
  ['health --port 1', "--port is not a flag of 'health'. See health --help."],
  ['-x', "-x is not a flag of 'serve'. See serve --help."],
  ['--port', '--port needs a value: --port PORT.'],
  ['--port=', '--port needs a value: --port PORT.'],
  ['--port --host', '--port needs a value: --port PORT (--port=PORT for one that begins with a dash).'],
  ['--set', '--set needs a value: --set KEY=VALUE.'],
  ['--set port', "--set needs KEY=VALUE, not 'port'."],
  ['--set server.prot=1', "--set: 'server.prot' is not a setting (did you mean 'server.port'?)."],
  ['--set models=a', '--set: models can only be given in a configuration file.'],
  ['chat --effort huge', "--effort is one of none, low, medium, high, not 'huge'."],
  ['chat --interactive one', '--interactive takes its questions from standard input.'],
  ['chat --interactive --json', '--json is for one question, not for --interactive.'],
  ['tokens one two', 'tokens takes one file, not 2.'],
  ['tokens --ids --count', "--ids and --count can't be printed both; see --json."],
  ['completions', 'completions needs a shell: bash, zsh, fish.'],
  ['completions tcsh', 'completions needs a shell: bash, zsh, fish.'],
  ['chat --prompt one two', 'The question is given twice: as an argument and by --prompt.'],
  ['chat --temperature 3', "--temperature is a number from 0 to 2, not '3'."],
  ['chat --max-tokens 1.5', "--max-tokens is a whole number from 1 to 2147483647, not '1.5'."],
  ['health --timeout soon', "--timeout is a whole number from 1 to 2147483647, not 'soon'."],
])('%s is a mistake that is explained', (line, message) => {
  expect(complaint(line)).toBe(message);
});

test('every flag of every command is read, and stands in its help', () => {
  for (const { name, flags } of commands) {
    const help = helpText(name);
    for (const { name: flag, value, setting } of flags) {
      expect(help).toContain(value === null ? `--${flag}` : `--${flag} ${value}`);
      if (setting === null) continue;
      const line = [...name.split(' '), value === null ? `--${flag}` : `--${flag}=1`];
      expect(parseCommandLine(line)).toMatchObject({ command: name, settings: { flags: [{ key: setting }] } });
      expect(settingDefinitions.map(({ key }) => key)).toContain(setting);
    }
  }
});

test('the examples of the help are command lines that are understood', () => {
  for (const { name, examples } of commands) {
    for (const [line] of examples) {
      const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
      const redirected = words.findIndex((word) => /^[<>]+$/.test(word));
      const typed = redirected === -1 ? words : words.slice(0, redirected);
      expect(parseCommandLine(typed).command, line).toBe(name);
    }
  }
});

test('no line of the help is wider than a hundred columns', () => {
  for (const topic of [null, ...commands.map(({ name }) => name)]) {
    for (const line of helpText(topic).split('\n')) expect(line.length, line).toBeLessThanOrEqual(100);
  }
});
