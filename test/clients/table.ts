import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import type { Api } from './contract.ts';
import { exercises } from './exercises.ts';
import type { Exercise } from './exercises.ts';

type Outcome = 'works' | 'fails' | 'not run';

type Cell = { outcome: Outcome; readonly gap: string | null };

/** A line of the report: one client with one API. */
type Row = {
  readonly language: string;
  readonly client: string;
  readonly api: Api;
  readonly cells: { [exercise in Exercise]?: Cell };
};

const document = new URL('../../docs/clients.md', import.meta.url);
const scratch = new URL('../../.codexpc/', import.meta.url);
const begin = '<!-- clients: printed from the tests -->\n';
const end = '\n<!-- end of clients -->';

/**
 * Writes what the tests found to .codexpc/clients-report.json, and compares the table in docs/clients.md with it.
 * `UPDATE=1` writes that table. A run of some of the tests only says nothing about it.
 */
export function createTableReporter(): Reporter {
  return {
    onTestRunEnd(modules) {
      const rows = rowsOf(modules);
      mkdirSync(scratch, { recursive: true });
      writeFileSync(new URL('clients-report.json', scratch), `${JSON.stringify(rows, null, 2)}\n`);
      const isPartial = rows.length === 0 || rows.some(({ cells }) => outcomes(cells).includes('not run'));
      const languages = new Set(rows.map(({ language }) => language));
      if (isPartial || languages.size < 2)
        return console.error('Not all clients were tested: the table stays as it is.');
      const text = readFileSync(document, 'utf8');
      const from = text.indexOf(begin) + begin.length;
      const to = text.indexOf(end);
      if (!text.includes(begin) || to < from) throw new Error('docs/clients.md has no place for the table.');
      const table = tablesOf(rows);
      if (text.slice(from, to) === table) return;
      if (process.env['UPDATE'] === '1') return writeFileSync(document, text.slice(0, from) + table + text.slice(to));
      console.error('docs/clients.md differs from what the tests found; UPDATE=1 writes it anew.');
      process.exitCode = 1;
    },
  };
}

const outcomes = (cells: Row['cells']) => Object.values(cells).map(({ outcome }) => outcome);

/** A test of each kind of daemon makes a cell; it works when all of them pass. */
function rowsOf(modules: readonly TestModule[]): Row[] {
  const rows = new Map<string, Row>();
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { cell } = test.meta();
      if (cell === undefined) continue;
      const { language, client, api, exercise, gap = null } = cell;
      const key = [language, client, api].join();
      const row = rows.get(key) ?? { language, client, api, cells: {} };
      rows.set(key, row);
      const { state } = test.result();
      const outcome: Outcome = state === 'passed' ? 'works' : state === 'failed' ? 'fails' : 'not run';
      const known = row.cells[exercise];
      if (known === undefined) row.cells[exercise] = { outcome, gap };
      else if (outcome !== 'works') known.outcome = outcome;
    }
  }
  return [...rows.values()].toSorted((one, other) => one.language.localeCompare(other.language));
}

function tablesOf(rows: readonly Row[]): string {
  const gaps: string[] = [];
  const show = (cell: Cell | undefined): string => {
    if (cell === undefined) return '';
    if (cell.outcome !== 'works') return 'fails';
    if (cell.gap === null) return 'yes';
    if (!gaps.includes(cell.gap)) gaps.push(cell.gap);
    return `no (${gaps.indexOf(cell.gap) + 1})`;
  };
  const tables = [...new Set(rows.map(({ language }) => language))].map((language) => {
    const lines = rows
      .filter((row) => row.language === language)
      .map(({ client, api, cells }) => {
        const [name, version] = client.split(' ');
        return `| \`${name}\` ${version} | ${api} | ${exercises.map((exercise) => show(cells[exercise])).join(' | ')} |`;
      });
    const head = `| ${language} | API | ${exercises.join(' | ')} |`;
    return [head, `|${'---|'.repeat(exercises.length + 2)}`, ...lines].join('\n');
  });
  const notes = gaps.map((gap, index) => `${index + 1}. ${gap}`).join('\n');
  return [...tables, notes].join('\n\n');
}
