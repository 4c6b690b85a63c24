import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { settingDefinitions } from '../../src/config-schema.ts';
import type { SettingDefinition } from '../../src/config-schema.ts';
import { inputLosses } from '../../src/backends/codexpc/inputs.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { commands } from '../../src/cli/flags.ts';
import { helpText } from '../../src/cli/help.ts';
import { failures } from '../../src/core/errors.ts';
import type { FieldSupport } from '../../src/core/support.ts';
import { chatFields } from '../../src/dialects/chat/support.ts';
import { completionFields } from '../../src/dialects/completions/support.ts';
import { hostedTools } from '../../src/dialects/responses/hosted-tools.ts';
import { declaredTools, inputItemTypes } from '../../src/dialects/responses/support-items.ts';
import type { TypeSupport } from '../../src/dialects/responses/support-items.ts';
import { responsesFields } from '../../src/dialects/responses/support.ts';
import { operations } from '../../src/http/openapi/operations.ts';
import { repairs } from '../../src/harmony/repairs.ts';
import { metricTable } from '../../src/telemetry/metric-table.ts';
import { valuesAt } from './setting-values.ts';

/**
 * Parts of the documents that are printed from the code. `npx vitest run test/docs/generated.test.ts -u` writes them; without
 * it a document that differs from the code fails.
 */
const apis = [
  { title: 'POST /v1/responses', fields: responsesFields },
  { title: 'POST /v1/chat/completions', fields: chatFields },
  { title: 'POST /v1/completions', fields: completionFields },
] as const;

const kinds = ['honoured', 'ignored', 'refused'] as const;

const escapeCell = (text: string) => text.replaceAll('|', '\\|');
const names = (fields: readonly FieldSupport[]) => fields.map(({ field }) => `\`${field}\``).join(', ');

function supportSummary(): string {
  const rows = kinds.map((kind) => {
    const cells = apis.slice(0, 2).map(({ fields }) => names(fields.filter(({ support }) => support === kind)));
    return `| ${kind} | ${cells.join(' | ')} |`;
  });
  return ['| | Responses | Chat Completions |', '|---|---|---|', ...rows].join('\n');
}

function supportTables(): string {
  return apis
    .map(({ title, fields }) => {
      const rows = fields.map(({ field, support, note }) => `| \`${field}\` | ${support} | ${escapeCell(note)} |`);
      return [`## ${title}`, '', '| field | support | note |', '|---|---|---|', ...rows].join('\n');
    })
    .join('\n\n');
}

function typeTable(types: { readonly [type: string]: TypeSupport }): string {
  const rows = Object.entries(types).map(
    ([type, { support, note }]) => `| \`${type}\` | ${support} | ${escapeCell(note)} |`,
  );
  return ['| type | support | note |', '|---|---|---|', ...rows].join('\n');
}

function errorTable(): string {
  const rows = Object.entries(failures).map(
    ([code, { status, type, retryable }]) => `| \`${code}\` | ${status} | \`${type}\` | ${retryable ? 'yes' : 'no'} |`,
  );
  return ['| code | status | type | worth a retry |', '|---|---|---|---|', ...rows].join('\n');
}

function repairTable(): string {
  const rows = Object.entries(repairs).map(([name, what]) => `| \`${name}\` | ${escapeCell(what)} |`);
  return ['| repair | what it means |', '|---|---|', ...rows].join('\n');
}

function metricsTable(): string {
  const rows = Object.entries(metricTable).map(([name, { kind, labels, help }]) => {
    const labelled = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${kind} | ${labelled} | ${escapeCell(help)} |`;
  });
  return ['| metric | kind | labels | what it says |', '|---|---|---|---|', ...rows].join('\n');
}

function exitCodeTable(): string {
  const rows = Object.values(exitCodes).map(({ code, meaning }) => `| ${code} | ${escapeCell(meaning)} |`);
  return ['| code | meaning |', '|---|---|', ...rows].join('\n');
}

function helpTexts(): string {
  return [null, ...commands.map(({ name }) => name)]
    .map((name) => `## ${name ?? 'codexpc-gateway'}\n\n\`\`\`text\n${helpText(name)}\n\`\`\``)
    .join('\n\n');
}

function lossTable(): string {
  const rows = Object.entries(inputLosses).map(([input, losses]) => {
    const what = losses.length === 0 ? 'nothing' : losses.map((loss) => `${loss}<br>`).join(' ');
    return `| \`${input}\` | ${escapeCell(what.replace(/<br>$/, ''))} |`;
  });
  return ['| form | what is lost |', '|---|---|', ...rows].join('\n');
}

function settingTables(): string {
  const sections = [...new Set(settingDefinitions.map(({ key }) => sectionOf(key)))];
  const tables = sections.map((section) => {
    const rows = settingDefinitions.filter(({ key }) => sectionOf(key) === section).map(settingRow);
    const heading = section === '' ? '## Which model' : `## ${section}`;
    const head = '| setting | values | default | variable, flag | what it means |\n|---|---|---|---|---|';
    return `${heading}\n\n${head}\n${rows.join('\n')}`;
  });
  const entries = settingDefinitions
    .filter(({ fields }) => fields.length > 0)
    .map(({ key, fields }) => {
      const rows = fields.map(
        ({ name, description, default: usual }) =>
          `| \`${name}\` | ${escapeCell(valuesAt(key, name))} | ${usual === undefined ? '' : code(usual)} | ${escapeCell(description)} |`,
      );
      return `## Fields of an entry of ${key}\n\n| field | values | default | what it means |\n|---|---|---|---|\n${rows.join('\n')}`;
    });
  return [...tables, ...entries].join('\n\n');
}

const sectionOf = (key: string) => (key.includes('.') ? key.split('.')[0]! : '');
const code = (value: unknown) => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

function settingRow({ key, description, default: usual, environment }: SettingDefinition): string {
  const flags = commands[0]!.flags.filter(({ setting }) => setting === key).map(({ name }) => `--${name}`);
  const given = [...environment, ...flags].map((name) => `\`${name}\``).join(', ');
  return `| \`${key}\` | ${escapeCell(valuesAt(key))} | ${code(usual)} | ${given} | ${escapeCell(description)} |`;
}

function pathTable(): string {
  const rows = operations.map(
    ({ method, path, summary, streams }) =>
      `| \`${method.toUpperCase()} ${path}\` | ${streams === true ? 'yes' : ''} | ${escapeCell(summary)} |`,
  );
  return ['| | can be streamed | |', '|---|---|---|', ...rows].join('\n');
}

const leftOut = Object.fromEntries(
  Object.entries(hostedTools).map(([type, note]) => [type, { support: 'ignored', note }] as const),
);

const documents: { readonly [file: string]: { readonly [part: string]: string } } = {
  'README.md': { support: supportSummary() },
  'docs/cli.md': { 'exit codes': exitCodeTable(), help: helpTexts() },
  'docs/configuration.md': { settings: settingTables() },
  'docs/daemon.md': { losses: lossTable() },
  'docs/errors.md': { errors: errorTable() },
  'docs/harmony.md': { repairs: repairTable() },
  'docs/metrics.md': { metrics: metricsTable() },
  'docs/protocol.md': { paths: pathTable() },
  'docs/support.md': {
    support: supportTables(),
    tools: typeTable({ ...declaredTools, ...leftOut }),
    items: typeTable(inputItemTypes),
  },
};

test.each(Object.entries(documents))('%s says what the code says', async (file, parts) => {
  const path = fileURLToPath(new URL(`../../${file}`, import.meta.url));
  let text = readFileSync(path, 'utf8');
  for (const [part, printed] of Object.entries(parts)) {
    const begin = `<!-- ${part}: printed from the code -->\n`;
    const end = `<!-- end of ${part} -->`;
    const from = text.indexOf(begin) + begin.length;
    const to = text.indexOf(end);
    expect(text.includes(begin) && to >= from, `${file} has a place for ${part}`).toBe(true);
    text = `${text.slice(0, from)}${printed}\n${text.slice(to)}`;
  }
  await expect(text).toMatchFileSnapshot(path);
});

test('no code of the table is left unexplained in the errors document', () => {
  const document = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const explained = [...document.matchAll(/^### `(\w+)`/gm)].map((match) => match[1]);
  expect(new Set(explained)).toEqual(new Set(Object.keys(failures)));
});
