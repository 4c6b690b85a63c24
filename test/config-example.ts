import { stringify } from 'yaml';
import { commands } from '../src/cli/flags.ts';
import { settingDefinitions } from '../src/config-schema.ts';
import type { SettingDefinition } from '../src/config-schema.ts';

const introduction = `\
Every setting with its default. Keep what you change, and name the file with --config FILE or in CODEXPC_GATEWAY_CONFIG. In brackets: the environment variable that overrules the file, and the flag that overrules both; --set KEY=VALUE does so for every setting but models.`;

/** What config/gateway.example.yaml has to be: the schema, written as a configuration file. */
export function configExample(): string {
  const blocks = [comment(introduction, '')];
  let section = '';
  for (const definition of settingDefinitions) {
    const [name, leaf] = definition.key.split('.') as [string, string | undefined];
    const indent = leaf === undefined ? '' : '  ';
    const opening = leaf !== undefined && name !== section ? `${name}:\n` : '';
    section = name;
    const value = stringify({ [leaf ?? name]: definition.default }, { lineWidth: 0 });
    blocks.push(
      `${opening}${comment(describe(definition), indent)}${entryComment(definition, indent)}${indent}${value}`,
    );
  }
  return blocks.join('\n').replaceAll(/:\n\n(?= )/g, ':\n');
}

function describe({ key, description, environment }: SettingDefinition): string {
  const flags = commands[0]!.flags.filter((flag) => flag.setting === key).map(({ name }) => `--${name}`);
  const names = [...environment, ...flags];
  return names.length === 0 ? description : `${description} [${names.join(', ')}]`;
}

const examples: Record<string, Record<string, unknown>> = {
  models: { id: 'gpt-oss-20b', checkpoint: '~/models/gpt-oss-20b/metal/model.bin' },
  'server.apiKeys': { name: 'laptop', key: 'sha256:HEXADECIMAL_DIGITS', turns: 2, requestsPerMinute: 60 },
};

function entryComment({ key, fields }: SettingDefinition, indent: string): string {
  return fields
    .map(({ name, description, default: usual }, index) => {
      const value = stringify({ [name]: examples[key]?.[name] ?? usual }, { lineWidth: 0 }).trimEnd();
      return `${indent}#   ${index === 0 ? '- ' : '  '}${value}  # ${description}\n`;
    })
    .join('');
}

function comment(text: string, indent: string): string {
  const lines: string[] = [];
  let line = `${indent}#`;
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > 116) {
      lines.push(line);
      line = `${indent}#`;
    }
    line += ` ${word}`;
  }
  return `${[...lines, line].join('\n')}\n`;
}
