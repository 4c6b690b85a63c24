import { readToml } from './toml-document.ts';
import type { TomlStatement } from './toml-document.ts';

/** A key that is to have a value. */
export type TomlSetting = {
  readonly table: readonly string[];
  readonly key: string;
  readonly value: TomlValue;
};

export type TomlValue = string | number | boolean | readonly string[];

/**
 * A TOML file with these settings in it, and every other byte as it was: comments, order, unknown keys, line ends. A key
 * that is there gets the value in its place; the others join their table, or a new one at the end. To merge twice is to
 * merge once.
 *
 * @throws Error for what is not TOML, or holds a setting in a form that can't be changed without rewriting it.
 */
export function mergeToml(text: string, settings: readonly TomlSetting[]): string {
  return settings.reduce(withSetting, text);
}

function withSetting(text: string, { table, key, value }: TomlSetting): string {
  const statements = readToml(text);
  const path = [...table, key];
  const written = valueText(value);
  const obstacle = statements.find(
    (each) =>
      // The key is a table there, or one of its tables is something else.
      (startsWith(each.path, path) && !(each.type === 'pair' && each.path.length === path.length)) ||
      (each.type !== 'table' && each.path.length <= table.length && startsWith(table, each.path)),
  );
  if (obstacle !== undefined) {
    throw new Error(
      `'${obstacle.path.join('.')}' is written in a form that can't be changed by itself; put ${path.join('.')} = ${written} there by hand.`,
    );
  }
  const known = statements.findLast((each) => each.type === 'pair' && same(each.path, path));
  if (known !== undefined) {
    if (text.slice(known.valueStart, known.valueEnd) === written) return text;
    return text.slice(0, known.valueStart) + written + text.slice(known.valueEnd);
  }
  const end = lineEnd(text);
  const place = placeOf(statements, table);
  if (place !== null) {
    const line = `${path.slice(place.inside).map(keyText).join('.')} = ${written}${end}`;
    return insert(text, place.at, line, end);
  }
  if (table.length === 0) {
    const start = text.startsWith('\uFEFF') ? 1 : 0;
    const gap = text.length > start ? end : '';
    return `${text.slice(0, start)}${keyText(key)} = ${written}${end}${gap}${text.slice(start)}`;
  }
  const gap = text === '' ? '' : text.endsWith('\n') ? end : end + end;
  return `${text}${gap}[${table.map(keyText).join('.')}]${end}${keyText(key)} = ${written}${end}`;
}

/** Where a table's next key goes, and how much of its path is said by the header above; null: there is no such table. */
function placeOf(
  statements: readonly TomlStatement[],
  table: readonly string[],
): { readonly at: number; readonly inside: number } | null {
  const headers = statements.filter(({ type }) => type !== 'pair');
  if (table.length === 0) {
    const last = statements.slice(0, headers.length === 0 ? undefined : statements.indexOf(headers[0]!)).at(-1);
    return last === undefined ? null : { at: last.end, inside: 0 };
  }
  const header = headers.find(({ type, path }) => type === 'table' && same(path, table));
  if (header !== undefined) {
    const from = statements.indexOf(header);
    const next = statements.findIndex(({ type }, index) => index > from && type !== 'pair');
    const last = statements[(next === -1 ? statements.length : next) - 1]!;
    return { at: last.end, inside: table.length };
  }
  // Such a table has been opened by dotted keys, and can't be opened again by a header.
  const dotted = statements.findLast(
    ({ type, path, inside }) => type === 'pair' && inside < table.length && startsWith(path, table),
  );
  return dotted === undefined ? null : { at: dotted.end, inside: dotted.inside };
}

function insert(text: string, at: number, line: string, end: string): string {
  const before = text.slice(0, at);
  return `${before}${before.endsWith('\n') ? '' : end}${line}${text.slice(at)}`;
}

function lineEnd(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? '\n';
}

function same(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && startsWith(left, right);
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return path.length >= start.length && start.every((part, index) => path[index] === part);
}

export function keyText(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : quoted(key);
}

export function valueText(value: TomlValue): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'object') return `[${value.map(quoted).join(', ')}]`;
  return String(value);
}

/** TOML's basic strings are JSON's, but for one control character. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('\u007F', '\\u007F');
}
