import { settingDefinitions } from '../config-schema.ts';
import type { SettingKey } from '../config-schema.ts';
import type { Effort } from '../core/turn.ts';

/** A flag of a command, and its line in the help. */
export type Flag = {
  /** Without the dashes. */
  readonly name: string;
  /** What its value is called in the help; null: it has none. */
  readonly value: string | null;
  readonly help: string;
  /** The setting that it sets; null: it is the command's own. */
  readonly setting: SettingKey | null;
};

export type CommandName =
  | 'serve'
  | 'install'
  | 'uninstall'
  | 'status'
  | 'simulate'
  | 'doctor'
  | 'health'
  | 'handshake'
  | 'chat'
  | 'codex'
  | 'tokens'
  | 'replay'
  | 'completions'
  | 'key'
  | 'config show';

export type CommandDefinition = {
  readonly name: CommandName;
  readonly summary: string;
  /** More about it, for its own help. */
  readonly about: string;
  /** What the words behind the command are called in the help; null: it takes none. */
  readonly words: string | null;
  readonly flags: readonly Flag[];
  /** Command lines without the program's name, each with what it does. */
  readonly examples: readonly (readonly [string, string])[];
};

export const efforts: readonly Effort[] = ['none', 'low', 'medium', 'high'];

const flag = (name: string, value: string, help: string): Flag => ({ name, value, help, setting: null });

const option = (name: string, help: string): Flag => ({ name, value: null, help, setting: null });

/** A flag for a setting, described by the setting's own words. */
function settingFlag(name: string, value: string | null, key: SettingKey): Flag {
  const { description, choices } = settingDefinitions.find((definition) => definition.key === key)!;
  return { name, value: value === null ? null : (choices?.join('|') ?? value), help: description, setting: key };
}

const sources: readonly Flag[] = [
  flag('config', 'FILE', 'Configuration file; config/gateway.example.yaml shows every setting.'),
  flag('set', 'KEY=VALUE', 'Any setting by its name in the file, as in --set limits.idle=60000; may be repeated.'),
];

const daemon: readonly Flag[] = [
  settingFlag('service', 'NAME', 'backend.service'),
  settingFlag('library', 'PATH', 'backend.library'),
];

const engine: readonly Flag[] = [
  settingFlag('backend', 'TYPE', 'backend.type'),
  ...daemon,
  settingFlag('checkpoint', 'PATH', 'checkpoint'),
  settingFlag('model', 'NAME', 'model'),
];

const log: readonly Flag[] = [
  settingFlag('log-level', 'LEVEL', 'log.level'),
  settingFlag('log-format', 'FORMAT', 'log.format'),
  settingFlag('log-file', 'PATH', 'log.file'),
];

const serving: readonly Flag[] = [
  settingFlag('host', 'ADDRESS', 'server.host'),
  settingFlag('port', 'PORT', 'server.port'),
  ...engine,
  settingFlag('strict-models', null, 'strictModels'),
  settingFlag('record', 'DIRECTORY', 'recording.directory'),
  settingFlag('simulator-output', 'KIND', 'simulator.output'),
  settingFlag('simulator-script', 'PATH', 'simulator.script'),
  settingFlag('simulator-pace', 'NUMBER', 'simulator.pace'),
  ...log,
  ...sources,
];

const json: Flag = { name: 'json', value: null, help: 'Print JSON, for programs.', setting: null };

const patience = flag('timeout', 'MS', 'Milliseconds to wait for the answer (default 5000).');

const managing: readonly Flag[] = [
  option('dry-run', 'Only print what would be done, on any system.'),
  option('systemd', 'A systemd user unit on Linux, instead of a launchd agent.'),
];

export const commands: readonly CommandDefinition[] = [
  {
    name: 'serve',
    summary: 'Serve the OpenAI-compatible API (the default command)',
    about:
      'Answers POST /v1/responses, POST /v1/chat/completions and GET /v1/models by the codexpc daemon, or, when neither a checkpoint nor a service is configured, by an embedded simulator without a model.',
    words: null,
    flags: serving,
    examples: [
      ['', 'The simulator on port 8642, to try a client'],
      ['--checkpoint ~/models/gpt-oss-20b/metal/model.bin', 'The daemon and that model'],
      ['--config gateway.yaml --port 9000', 'What the file says, but for the port'],
    ],
  },
  {
    name: 'simulate',
    summary: 'Run a simulated codexpc daemon on a socket of its own',
    about:
      'Speaks the daemon’s protocol over a Unix-domain socket, for gateways and tests in other processes. It runs no model.',
    words: null,
    flags: [
      settingFlag('service', 'PATH', 'backend.service'),
      settingFlag('library', 'PATH', 'backend.library'),
      settingFlag('output', 'KIND', 'simulator.output'),
      settingFlag('script', 'PATH', 'simulator.script'),
      settingFlag('pace', 'NUMBER', 'simulator.pace'),
      ...log,
      ...sources,
    ],
    examples: [['simulate --service /tmp/codexpc.sock --pace 40', 'Forty tokens a second on that socket']],
  },
  {
    name: 'doctor',
    summary: 'Look at everything that has to be right, and say what to do',
    about:
      'Looks at Node, the configuration, the port, the native shim, the checkpoints, the store, the daemon’s health and Harmony, and asks for one token. Where a gateway serves already, that one is asked. Exits with 1 when a check fails.',
    words: null,
    flags: [
      settingFlag('host', 'ADDRESS', 'server.host'),
      settingFlag('port', 'PORT', 'server.port'),
      ...engine,
      flag('timeout', 'MS', 'Milliseconds to wait for each answer (default 60000).'),
      json,
      ...sources,
    ],
    examples: [
      ['doctor', 'Everything, as serve would be started'],
      ['doctor --json --config gateway.yaml', 'For a program'],
    ],
  },
  {
    name: 'health',
    summary: 'Ask the daemon whether it is there',
    about: 'Exits with 0 when it answers, with 1 when it does not.',
    words: null,
    flags: [...daemon, patience, json, ...sources],
    examples: [['health', 'The daemon of this user']],
  },
  {
    name: 'handshake',
    summary: 'Ask the daemon for its Harmony version and tokens',
    about: 'Prints what it answers as JSON.',
    words: null,
    flags: [...daemon, patience, ...sources],
    examples: [['handshake', 'The daemon of this user']],
  },
  {
    name: 'chat',
    summary: 'Talk to the model, without a server',
    about:
      'Prints the answer as it comes. Without a question on the command line, a terminal is asked for one after the other, and anything else is read to its end as one question. Not beside a serving gateway: two turns at once on one engine spoil each other.',
    words: 'QUESTION',
    flags: [
      ...engine,
      flag('prompt', 'TEXT', 'The question, instead of as an argument.'),
      flag('instructions', 'TEXT', 'What the model is told before the question.'),
      flag('effort', efforts.join('|'), 'How much the model thinks (default medium).'),
      flag('temperature', 'NUMBER', 'From 0, always the likeliest, to 2 (default 1).'),
      flag('max-tokens', 'NUMBER', 'Most tokens of the answer, thinking included.'),
      flag('tools', 'FILE', 'Tools that the model may call, as in a Responses request: a JSON list.'),
      {
        name: 'interactive',
        value: null,
        help: 'A conversation, though standard input is no terminal.',
        setting: null,
      },
      {
        name: 'json',
        value: null,
        help: 'Print the answer as the JSON of a response; one question only.',
        setting: null,
      },
      ...sources,
    ],
    examples: [
      ['chat "Why is the sky blue?"', 'One answer'],
      ['chat --effort low < question.txt', 'A question from a file'],
      ['chat', 'A conversation; /help tells what can be typed'],
    ],
  },
  {
    name: 'tokens',
    summary: 'Show the prompt that a request becomes, without a daemon',
    about:
      'Renders the body of a request to Harmony, and prints its text, its token ids or their number. The API is known by the body: messages, prompt or input. Without a file, or with -, the body is read from standard input. Control tokens that a text only quotes look like real ones in the text; the ids tell them apart.',
    words: 'FILE',
    flags: [
      { name: 'ids', value: null, help: 'Print the ids, with spaces between.', setting: null },
      { name: 'count', value: null, help: 'Print how many there are.', setting: null },
      { ...json, help: 'Print text, ids, count and warnings as JSON.' },
      ...sources,
    ],
    examples: [
      ['tokens request.json', 'The text of the prompt'],
      ['tokens --count < request.json', 'How many tokens the model has to read'],
    ],
  },
  {
    name: 'completions',
    summary: 'Print a script that completes these commands and flags in a shell',
    about: 'The shell is bash, zsh or fish.',
    words: 'SHELL',
    flags: [],
    examples: [
      ['completions bash >> ~/.bash_completion', 'For bash'],
      ['completions zsh > ~/.zfunc/_codexpc-gateway', 'For zsh, with ~/.zfunc in its fpath'],
      ['completions fish > ~/.config/fish/completions/codexpc-gateway.fish', 'For fish'],
    ],
  },
  {
    name: 'codex',
    summary: 'Print the configuration of Codex for this gateway, or write it',
    about:
      'Prints a config.toml for Codex: provider, model, context limits, and advice. With --write, what is needed of it goes into Codex’s own config.toml; everything else in there stays as it is, and a copy is kept.',
    words: null,
    flags: [
      { name: 'write', value: null, help: 'Merge into config.toml, keeping a copy of it.', setting: null },
      { ...json, help: 'Print JSON, with the list of models as Codex gets it.' },
      flag('codex-home', 'DIRECTORY', 'Codex’s directory (default $CODEX_HOME, else ~/.codex).'),
      settingFlag('host', 'ADDRESS', 'server.host'),
      settingFlag('port', 'PORT', 'server.port'),
      settingFlag('checkpoint', 'PATH', 'checkpoint'),
      settingFlag('model', 'NAME', 'model'),
      ...sources,
    ],
    examples: [
      ['codex', 'What Codex needs for the gateway on port 8642'],
      ['codex --write --config gateway.yaml', 'Put it into ~/.codex/config.toml'],
    ],
  },
  {
    name: 'replay',
    summary: 'Send a recorded turn once more, and compare the answers',
    about:
      'Without --url, a gateway in this process answers, whose engine says what the recorded one said: what differs then, differs in the gateway. With --url, a running gateway is asked. Exits with 0 when the answers are the same, with 1 when they differ.',
    words: 'FILE',
    flags: [
      flag('url', 'URL', 'The gateway to ask, as in http://127.0.0.1:8642; absent: one in this process.'),
      flag('api-key', 'KEY', 'Key for that gateway.'),
      { name: 'pauses', value: null, help: 'Say what the engine said as slowly as it did.', setting: null },
      json,
      ...sources,
    ],
    examples: [
      ['replay turn.recording.json', 'What this gateway makes of what the engine said'],
      ['replay turn.recording.json --url http://127.0.0.1:8642', 'What that gateway and its engine answer today'],
    ],
  },
  {
    name: 'config show',
    summary: 'Print the settings in force, and where each comes from',
    about: 'The output is a configuration file itself, but for the secrets, which are not shown.',
    words: null,
    flags: [...serving, json],
    examples: [['config show --config gateway.yaml', 'What the file, the environment and the defaults come to']],
  },
  {
    name: 'key',
    summary: 'Make an API key, and its hash for the configuration file',
    about:
      'Prints a random key, which is kept nowhere, and the lines of the configuration file that let in whoever brings it. docs/security.md has more.',
    words: null,
    flags: [flag('name', 'NAME', 'What the log and metrics are to call the key.'), json],
    examples: [['key --name laptop', 'A key for the laptop']],
  },
  {
    name: 'install',
    summary: 'Have the gateway started at login, by launchd or systemd',
    about:
      'Writes a user agent that serves with the settings in force now, and starts it. What flags and variables say is written into the agent, API keys into its environment; a configuration file is used where it stands. Installing again replaces the agent: do so after a new version of Node. Under launchd the log is ~/Library/Logs/codexpc-gateway/gateway.log and never more than twice log.fileBytes.',
    words: null,
    flags: [...managing, ...serving],
    examples: [
      ['install --checkpoint ~/models/gpt-oss-20b/metal/model.bin', 'The daemon and that model, from now on'],
      ['install --dry-run --config gateway.yaml', 'The agent that would be written'],
    ],
  },
  {
    name: 'uninstall',
    summary: 'End the installed gateway and start it no more',
    about: 'Its configuration and its logs stay.',
    words: null,
    flags: managing,
    examples: [['uninstall', 'No agent any more']],
  },
  {
    name: 'status',
    summary: 'Tell how the installed gateway and the daemon’s agent are',
    about:
      'Asks launchd, or systemd, and starts nothing. Exits with 0 when the gateway runs and, on a Mac, the daemon’s service is registered; else with 1.',
    words: null,
    flags: [option('json', 'As JSON.'), ...daemon, ...sources],
    examples: [['status', 'A line for each']],
  },
];
