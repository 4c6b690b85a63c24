import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
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
import { repairs } from '../../src/harmony/repairs.ts';
import { metricTable } from '../../src/telemetry/metric-table.ts';

/**
 * Parts of the documents that are printed from the code. `UPDATE=1 npx vitest run test/docs` writes them; without it a
 * document that differs from the code fails.
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

const leftOut = Object.entries(hostedTools).map(([type, note]) => [type, { support: 'ignored', note }] as const);

const parts = [
  { file: 'docs/cli.md', part: 'exit codes', text: exitCodeTable() },
  { file: 'docs/cli.md', part: 'help', text: helpTexts() },
  { file: 'docs/daemon.md', part: 'losses', text: lossTable() },
  { file: 'README.md', part: 'support', text: supportSummary() },
  { file: 'docs/support.md', part: 'support', text: supportTables() },
  { file: 'docs/support.md', part: 'tools', text: typeTable({ ...declaredTools, ...Object.fromEntries(leftOut) }) },
  { file: 'docs/support.md', part: 'items', text: typeTable(inputItemTypes) },
  { file: 'docs/errors.md', part: 'errors', text: errorTable() },
  { file: 'docs/harmony.md', part: 'repairs', text: repairTable() },
  { file: 'docs/metrics.md', part: 'metrics', text: metricsTable() },
];

for (const { file, part, text } of parts) {
  test(`${file} has the ${part} of the code`, () => {
    const path = new URL(`../../${file}`, import.meta.url);
    const document = readFileSync(path, 'utf8');
    const begin = `<!-- ${part}: printed from the code -->\n`;
    const end = `\n<!-- end of ${part} -->`;
    const from = document.indexOf(begin) + begin.length;
    const to = document.indexOf(end);
    expect(document.includes(begin) && to >= from, `${file} has no place for ${part}`).toBe(true);
    if (process.env['UPDATE'] === '1') writeFileSync(path, document.slice(0, from) + text + document.slice(to));
    else expect(document.slice(from, to)).toBe(text);
  });
}

test('no code of the table is left unexplained in the errors document', () => {
  const document = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const explained = [...document.matchAll(/^### `(\w+)`/gm)].map((match) => match[1]);
  expect(new Set(explained)).toEqual(new Set(Object.keys(failures)));
});
