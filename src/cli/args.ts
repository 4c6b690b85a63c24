import { parseArgs } from 'node:util';
import type { FlagSetting } from '../config-given.ts';
import { keyName } from '../config-keys.ts';
import { suggestion } from '../config-nearest.ts';
import { settingDefinitions } from '../config-schema.ts';
import type { Effort } from '../core/turn.ts';
import { shells } from './completions.ts';
import type { Shell } from './completions.ts';
import { commands, efforts } from './flags.ts';
import type { CommandDefinition, CommandName, Flag } from './flags.ts';

/** The settings that a command line gives, for `loadConfig`. */
export type SettingFlags = { readonly configFile: string | null; readonly flags: readonly FlagSetting[] };

export type ChatCommand = {
  readonly command: 'chat';
  readonly settings: SettingFlags;
  /** null: to be read from standard input. */
  readonly question: string | null;
  /** Whether it is a conversation; null: if standard input is a terminal and there is no question. */
  readonly interactive: true | null;
  readonly json: boolean;
  /** Path of a file of tools. */
  readonly tools: string | null;
  readonly instructions: string | null;
  readonly effort: Effort;
  readonly temperature: number;
  readonly maxOutputTokens: number | null;
};

export type ReplayCommand = {
  readonly command: 'replay';
  readonly settings: SettingFlags;
  readonly file: string;
  /** null: a gateway in this process. */
  readonly url: URL | null;
  readonly apiKey: string | null;
  readonly pauses: boolean;
  readonly json: boolean;
};

export type InstallCommand = {
  readonly command: 'install';
  readonly settings: SettingFlags;
  readonly dryRun: boolean;
  readonly systemd: boolean;
};

export type CommandLine =
  | { readonly command: 'serve' | 'simulate'; readonly settings: SettingFlags }
  | { readonly command: 'config show'; readonly settings: SettingFlags; readonly json: boolean }
  | {
      readonly command: 'doctor' | 'health' | 'handshake';
      readonly settings: SettingFlags;
      readonly timeout: number;
      readonly json: boolean;
    }
  | TokensCommand
  | { readonly command: 'completions'; readonly shell: Shell }
  | { readonly command: 'key'; readonly name: string | null; readonly json: boolean }
  | ChatCommand
  | {
      readonly command: 'codex';
      readonly settings: SettingFlags;
      readonly write: boolean;
      readonly json: boolean;
      /** null: where Codex looks itself. */
      readonly home: string | null;
    }
  | ReplayCommand
  | InstallCommand
  | { readonly command: 'uninstall'; readonly dryRun: boolean; readonly systemd: boolean }
  | { readonly command: 'status'; readonly settings: SettingFlags; readonly json: boolean }
  | { readonly command: 'help'; readonly topic: CommandName | null }
  | { readonly command: 'version' }
  | Mistake;

export type TokensCommand = {
  readonly command: 'tokens';
  readonly settings: SettingFlags;
  /** Path of the request's body; null: it is read from standard input. */
  readonly file: string | null;
  readonly output: 'text' | 'ids' | 'count' | 'json';
};

/** The command line makes no sense; the message says what to do about it. The exit code is 2. */
export type Mistake = { readonly command: 'mistake'; readonly message: string };

const mistake = (message: string): Mistake => ({ command: 'mistake', message });

/** Reads the arguments behind the program's name. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const chosen = chooseCommand(argv);
  if ('command' in chosen) return chosen;
  const { definition, rest } = chosen;
  const given = readFlags(definition, rest);
  if ('command' in given) return given;
  if (given.values.has('help')) return { command: 'help', topic: argv[0]?.startsWith('-') ? null : definition.name };
  if (given.values.has('version')) return { command: 'version' };
  if (definition.words === null && given.words.length > 0) {
    const known = suggestion(
      given.words[0]!,
      commands.map(({ name }) => name),
    );
    return mistake(`'${definition.name}' takes no argument '${given.words[0]!}'${known}.`);
  }
  return commandOf(definition.name, given);
}

function chooseCommand(
  argv: readonly string[],
): { readonly definition: CommandDefinition; readonly rest: readonly string[] } | CommandLine {
  const [first, second] = argv;
  const find = (name: string) => commands.find((definition) => definition.name === name);
  if (first === undefined || first.startsWith('-')) return { definition: find('serve')!, rest: argv };
  if (first === 'help') {
    if (second === undefined) return { command: 'help', topic: null };
    const topic = find(argv.slice(1).join(' ')) ?? find(second) ?? find(`${second} show`);
    return topic === undefined ? unknownCommand(second) : { command: 'help', topic: topic.name };
  }
  if (first === 'version') return { command: 'version' };
  if (first === 'config') {
    if (second === 'show') return { definition: find('config show')!, rest: argv.slice(2) };
    if (second === '--help' || second === '-h') return { command: 'help', topic: 'config show' };
    return mistake("'config' needs to be told what to do: config show.");
  }
  const definition = find(first);
  return definition === undefined ? unknownCommand(first) : { definition, rest: argv.slice(1) };
}

function unknownCommand(name: string): Mistake {
  const names = [...commands.map((command) => command.name), 'help'];
  return mistake(`'${name}' is not a command${suggestion(name, names)}. See --help.`);
}

/** `values`: the command's own flags; a repeated one counts as last given. */
type GivenFlags = {
  readonly settings: SettingFlags;
  readonly values: ReadonlyMap<string, string>;
  readonly words: readonly string[];
};

const everywhere: readonly Flag[] = [
  { name: 'help', value: null, help: '', setting: null },
  { name: 'version', value: null, help: '', setting: null },
];

function readFlags({ name: command, flags }: CommandDefinition, rest: readonly string[]): GivenFlags | Mistake {
  const known = new Map([...flags, ...everywhere].map((flag) => [flag.name, flag]));
  const options = Object.fromEntries(
    [...known.values()].map(({ name, value }) => {
      const short = name === 'help' ? { short: 'h' } : name === 'version' ? { short: 'v' } : {};
      return [name, { type: value === null ? ('boolean' as const) : ('string' as const), ...short }];
    }),
  );
  // Not strict: the messages here say more than those of node:util.
  const { tokens } = parseArgs({ args: [...rest], options, strict: false, allowPositionals: true, tokens: true });
  const settings: FlagSetting[] = [];
  const values = new Map<string, string>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const flag = known.get(token.name);
    if (flag === undefined) {
      const meant = suggestion(
        `--${token.name}`,
        [...known.keys()].map((name) => `--${name}`),
      );
      return mistake(`${token.rawName} is not a flag of '${command}'${meant}. See ${command} --help.`);
    }
    const value = token.value ?? (flag.value === null ? 'true' : '');
    const isNextFlag = token.inlineValue === false && value.startsWith('-');
    if (flag.value !== null && (value === '' || isNextFlag)) {
      const dashed = isNextFlag ? ` (${token.rawName}=${flag.value} for one that begins with a dash)` : '';
      return mistake(`${token.rawName} needs a value: ${token.rawName} ${flag.value}${dashed}.`);
    }
    if (flag.name === 'set') {
      const setting = readSetting(value);
      if ('command' in setting) return setting;
      settings.push(setting);
    } else if (flag.setting !== null) {
      settings.push({ key: flag.setting, flag: token.rawName, value });
    } else {
      values.set(flag.name, value);
    }
  }
  return { settings: { configFile: values.get('config') ?? null, flags: settings }, values, words };
}

/** `--set limits.idle=60000` */
function readSetting(text: string): FlagSetting | Mistake {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) return mistake(`--set needs KEY=VALUE, not '${text}'.`);
  const definition = settingDefinitions.find(({ key }) => key === name);
  const keys = settingDefinitions.map(({ key }) => key);
  if (definition === undefined) return mistake(`--set: '${name}' is not a setting${suggestion(name, keys)}.`);
  if (definition.kind === 'entries') return mistake(`--set: ${name} can only be given in a configuration file.`);
  return { key: definition.key, flag: `--set ${name}`, value };
}

function commandOf(command: CommandName, { settings, values, words }: GivenFlags): CommandLine {
  switch (command) {
    case 'serve':
    case 'simulate':
      return { command, settings };
    case 'config show':
      return { command, settings, json: values.has('json') };
    case 'doctor':
    case 'health':
    case 'handshake': {
      const usual = command === 'doctor' ? 60_000 : 5000;
      const timeout = numberOf(values, 'timeout', { least: 1, most: 2 ** 31 - 1, whole: true }) ?? usual;
      return typeof timeout === 'number' ? { command, settings, timeout, json: values.has('json') } : timeout;
    }
    case 'codex': {
      const [write, json] = [values.has('write'), values.has('json')];
      return { command, settings, write, json, home: values.get('codex-home') ?? null };
    }
    case 'chat':
      return chatCommand(settings, values, words);
    case 'replay':
      return replayCommand(settings, values, words);
    case 'tokens':
      return tokensCommand(settings, values, words);
    case 'completions': {
      const shell = shells.find((known) => known === words[0]);
      if (shell === undefined || words.length > 1) return mistake(`completions needs a shell: ${shells.join(', ')}.`);
      return { command, shell };
    }
    case 'key': {
      const name = values.get('name') ?? null;
      const problem = name === null ? undefined : keyName.safeParse(name).error?.issues[0]?.message;
      return problem === undefined ? { command, name, json: values.has('json') } : mistake(`--name: ${problem}.`);
    }
    case 'install':
      return { command, settings, ...manage(values) };
    case 'uninstall':
      return { command, ...manage(values) };
    case 'status':
      return { command, settings, json: values.has('json') };
  }
}

const manage = (values: ReadonlyMap<string, string>) => ({
  dryRun: values.has('dry-run'),
  systemd: values.has('systemd'),
});

function chatCommand(
  settings: SettingFlags,
  values: ReadonlyMap<string, string>,
  words: readonly string[],
): ChatCommand | Mistake {
  const temperature = numberOf(values, 'temperature', { least: 0, most: 2, whole: false }) ?? 1;
  if (typeof temperature !== 'number') return temperature;
  const maxOutputTokens = numberOf(values, 'max-tokens', { least: 1, most: 2 ** 31 - 1, whole: true });
  if (maxOutputTokens !== null && typeof maxOutputTokens !== 'number') return maxOutputTokens;
  const asked = values.get('effort') ?? 'medium';
  const effort = efforts.find((known) => known === asked);
  if (effort === undefined) return mistake(`--effort is one of ${efforts.join(', ')}, not '${asked}'.`);
  const prompt = values.get('prompt') ?? null;
  if (prompt !== null && words.length > 0)
    return mistake('The question is given twice: as an argument and by --prompt.');
  const question = words.length > 0 ? words.join(' ') : prompt;
  const interactive = values.has('interactive') ? true : null;
  const json = values.has('json');
  if (interactive && question !== null) return mistake('--interactive takes its questions from standard input.');
  if (interactive && json) return mistake('--json is for one question, not for --interactive.');
  const instructions = values.get('instructions') ?? null;
  const tools = values.get('tools') ?? null;
  const wanted = { effort, temperature, maxOutputTokens };
  return { command: 'chat', settings, question, interactive, json, instructions, tools, ...wanted };
}

function tokensCommand(
  settings: SettingFlags,
  values: ReadonlyMap<string, string>,
  words: readonly string[],
): TokensCommand | Mistake {
  if (words.length > 1) return mistake(`tokens takes one file, not ${words.length}.`);
  const outputs = (['ids', 'count', 'json'] as const).filter((name) => values.has(name));
  if (outputs.length > 1) return mistake(`--${outputs[0]!} and --${outputs[1]!} can't be printed both; see --json.`);
  const file = words[0] === '-' ? null : (words[0] ?? null);
  return { command: 'tokens', settings, file, output: outputs[0] ?? 'text' };
}

function replayCommand(
  settings: SettingFlags,
  values: ReadonlyMap<string, string>,
  words: readonly string[],
): ReplayCommand | Mistake {
  const [file, ...more] = words;
  if (file === undefined || more.length > 0) return mistake('replay needs the one file that it is to replay.');
  const address = values.get('url');
  const url = address === undefined ? null : URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined) return mistake(`--url is an address such as http://127.0.0.1:8642, not '${address}'.`);
  const apiKey = values.get('api-key') ?? null;
  return { command: 'replay', settings, file, url, apiKey, pauses: values.has('pauses'), json: values.has('json') };
}

/** The number that a flag gives; null when it isn't there. */
function numberOf(
  values: ReadonlyMap<string, string>,
  name: string,
  { least, most, whole }: { readonly least: number; readonly most: number; readonly whole: boolean },
): number | null | Mistake {
  const text = values.get(name);
  if (text === undefined) return null;
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  return mistake(`--${name} is a ${whole ? 'whole ' : ''}number from ${least} to ${most}, not '${text}'.`);
}
