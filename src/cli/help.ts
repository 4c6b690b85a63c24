import { configFileVariable, settingDefinitions } from '../config-schema.ts';
import { exitCodes } from './exit-codes.ts';
import { commands } from './flags.ts';
import type { CommandDefinition, CommandName, Flag } from './flags.ts';
import { program } from './program.ts';

const width = 96;

/** The help of a command, or, for null, of the program. */
export function helpText(topic: CommandName | null): string {
  const definition = commands.find(({ name }) => name === topic);
  return definition === undefined ? programHelp() : commandHelp(definition);
}

function programHelp(): string {
  const serve = commands.find(({ name }) => name === 'serve')!;
  return [
    `${program}: an OpenAI-compatible server in front of codexpc, which runs GPT-OSS on a Mac.`,
    `Usage: ${program} [COMMAND] [FLAGS]\nIn a checkout: npm start -- [COMMAND] [FLAGS]`,
    section(
      'Commands',
      commands.map(({ name, summary }) => [name, summary]),
    ),
    section('Flags of serve', serve.flags.map(flagRow)),
    section('Everywhere', everywhere),
    section('Environment', environment),
    section('Exit codes', exitCodeRows),
    examples(serve),
    `More: ${program} help COMMAND. All settings with their sources: ${program} config show.`,
  ].join('\n\n');
}

function commandHelp(definition: CommandDefinition): string {
  const { name, words, about, flags } = definition;
  return [
    wrap(`${program} ${name}: ${about}`, ''),
    `Usage: ${program} ${name}${flags.length > 0 ? ' [FLAGS]' : ''}${words === null ? '' : ` [${words}]`}`,
    ...(flags.length > 0 ? [section('Flags', flags.map(flagRow))] : []),
    section('Environment', environment),
    section('Exit codes', exitCodeRows),
    examples(definition),
  ].join('\n\n');
}

type Row = readonly [string, string];

const everywhere: readonly Row[] = [
  ['--help, -h', 'This text; behind a command, its own.'],
  ['--version, -v', 'The version.'],
];

const environment: readonly Row[] = [
  ...variables('checkpoint', 'Path of the model file; the first that is set counts.'),
  ...variables('backend.service', 'The daemon’s service name.'),
  ...variables('server.apiKeys', 'API keys, with commas between them.'),
  [configFileVariable, 'Configuration file, when --config is not given.'],
  [
    'CODEXPC_GATEWAY_…',
    'Any other setting: limits.queueTimeout is CODEXPC_GATEWAY_LIMITS_QUEUE_TIMEOUT, server.port CODEXPC_GATEWAY_PORT.',
  ],
  ['', 'Flags overrule the environment, which overrules the file.'],
];

const exitCodeRows: readonly Row[] = Object.values(exitCodes).map(({ code, meaning }) => [String(code), meaning]);

function variables(key: string, meaning: string): Row[] {
  const { environment } = settingDefinitions.find((definition) => definition.key === key)!;
  return [[environment.join(', '), meaning]];
}

function flagRow({ name, value, help }: Flag): Row {
  return [value === null ? `--${name}` : `--${name} ${value}`, help];
}

function examples({ examples }: CommandDefinition): string {
  return section(
    'Examples',
    examples.map(([line, meaning]) => [`${program} ${line}`.trim(), meaning]),
  );
}

/** A title and rows in two columns; a long left side gets a line of its own. */
function section(title: string, rows: readonly Row[]): string {
  const left = Math.min(34, Math.max(...rows.map(([term]) => term.length)));
  const lines = rows.map(([term, meaning]) => {
    const indent = ' '.repeat(left + 4);
    const text = wrap(meaning, indent);
    return term.length > left ? `  ${term}\n${text}` : `  ${term.padEnd(left)}  ${text.trimStart()}`;
  });
  return `${title}:\n${lines.join('\n')}`;
}

/** Breaks a text between words; every line begins with the indent. */
function wrap(text: string, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((each) => indent + each).join('\n');
}
