import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commands } from '../../src/cli/flags.ts';
import { settingDefinitions } from '../../src/config-schema.ts';
import { metricTable } from '../../src/telemetry/metric-table.ts';
import { faultsOf } from './commands.ts';
import { documents, prose, root } from './documents.ts';

/** Flags of Codex that documents name. */
const foreignFlags = new Set(['local-provider', 'output-schema']);

/** This folder, too: what its tests make up exists nowhere else. */
const isLeftOut = (path: string) => /(^|\/)(node_modules|build|prebuilt)$|^test\/docs$/.test(path);

const code = ['src', 'test', 'scripts', 'native-shim', 'page', '.github'].map(textOfFolder).join('\n');
const flags = new Set(commands.flatMap((command) => command.flags.map(({ name }) => name)).concat('help', 'version'));
const settings: readonly string[] = settingDefinitions.map(({ key }) => key);
const variables = new Set(settingDefinitions.flatMap(({ environment }) => environment));
const sections = [...new Set(settings.filter((key) => key.includes('.')).map((key) => key.split('.')[0]!))];

/** Files that are called like a setting of a section. */
const files = ['store.db'];

test.each(documents)('what $file names exists', (document) => {
  const { text } = document;
  const spans = [...prose(document).matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!);
  const all = (pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map((match) => match[1]!))];
  const unknown = {
    variables: all(/\b((?:CODEXPC|OTEL)[A-Z]*_[A-Z_]*[A-Z])\b/g).filter(
      (name) => !variables.has(name) && !code.includes(name) && !code.includes(name.replace('OTLP_', 'OTLP_TRACES_')),
    ),
    settings: all(new RegExp(`\`((?:${sections.join('|')})\\.[a-zA-Z]+)\\b`, 'g')).filter(
      (name) => !settings.includes(name) && !files.includes(name) && !name.endsWith('.md'),
    ),
    flags: spans
      .flatMap((span) => /^--([\w-]+)/.exec(span)?.[1] ?? [])
      .filter((name) => !flags.has(name) && !foreignFlags.has(name) && !code.includes(`--${name}`)),
    metrics: all(/\b((?:codexpc_gateway|gen_ai_server|http_server)_\w+)/g)
      .map((name) => name.replace(/_(bucket|sum|count)$/, ''))
      .filter((name) => !(name in metricTable)),
    commands: spans.flatMap(faultsOf),
  };
  expect(unknown).toEqual({ variables: [], settings: [], flags: [], metrics: [], commands: [] });
});

/** The text of the sources in a folder; what was built or installed there is none. */
function textOfFolder(folder: string): string {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return isLeftOut(path) ? '' : textOfFolder(path);
      return /\.([jt]s|c|h|yml)$|^Makefile$/.test(entry.name) ? readFileSync(join(root, path), 'utf8') : '';
    })
    .join('\n');
}
