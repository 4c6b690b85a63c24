/**
 * A TOML file as somebody wrote it: which keys stand where. Made for changing a few of them and leaving every other
 * byte alone, so values are spans of text here and not data.
 */
export type TomlStatement = {
  /** `pair` is `key = value`, `table` a `[header]`, `tables` a `[[header]]`. */
  readonly type: 'pair' | 'table' | 'tables';
  /** The whole path, that of the table in which a pair stands included. */
  readonly path: readonly string[];
  /** How many parts of the path are those of the table around. */
  readonly inside: number;
  /** Behind the statement and the rest of its line. */
  readonly end: number;
  /** Of a pair's value; of a header, where it ends. */
  readonly valueStart: number;
  readonly valueEnd: number;
};

/** @throws Error naming the line that is not TOML. */
export function readToml(text: string): TomlStatement[] {
  const statements: TomlStatement[] = [];
  let position = text.startsWith('\uFEFF') ? 1 : 0;
  let table: readonly string[] = [];

  const fail = (what: string): never => {
    throw new Error(`line ${text.slice(0, position).split('\n').length}: ${what}`);
  };
  const skip = (pattern: RegExp): string => {
    pattern.lastIndex = position;
    const found = pattern.exec(text)?.[0] ?? '';
    position += found.length;
    return found;
  };
  const blanks = () => skip(/[ \t]*/y);
  const blanksAndLines = () => skip(/(?:[ \t\r\n]|#[^\n]*)*/y);

  function key(): string[] {
    const parts: string[] = [];
    do {
      blanks();
      const bare = skip(/[A-Za-z0-9_-]+/y);
      if (bare !== '') parts.push(bare);
      else if (text[position] === '"') parts.push(unescape(skip(/"(?:[^"\\\n]|\\.)*"/y)));
      else if (text[position] === "'") parts.push(skip(/'[^'\n]*'/y).slice(1, -1));
      else fail('a key is expected');
      blanks();
    } while (skip(/\./y) !== '');
    return parts;
  }

  function unescape(quoted: string): string {
    try {
      return JSON.parse(
        quoted.replace(/\\U([0-9a-fA-F]{8})/g, (_, code: string) =>
          JSON.stringify(String.fromCodePoint(parseInt(code, 16))).slice(1, -1),
        ),
      ) as string;
    } catch {
      return fail('a quoted key is wrong');
    }
  }

  function value(): void {
    const first = text[position];
    if (text.startsWith('"""', position)) string(/"""(?:[^\\]|\\[^])*?"""(?:"{0,2})/y);
    else if (text.startsWith("'''", position)) string(/'''[^]*?'''(?:'{0,2})/y);
    else if (first === '"') string(/"(?:[^"\\\n]|\\.)*"/y);
    else if (first === "'") string(/'[^'\n]*'/y);
    else if (first === '[') array();
    else if (first === '{') inlineTable();
    else if (skip(/\d{4}-\d\d-\d\d \d[^\s,\]}#]*|[^\s,\]}#=[{"']+/y) === '') fail('a value is expected');
  }

  function string(pattern: RegExp): void {
    if (skip(pattern) === '') fail('a text has no end');
  }

  function array(): void {
    position += 1;
    for (blanksAndLines(); text[position] !== ']'; blanksAndLines()) {
      value();
      blanksAndLines();
      if (skip(/,/y) === '' && text[position] !== ']') fail('a list has no end');
    }
    position += 1;
  }

  function inlineTable(): void {
    position += 1;
    for (blanksAndLines(); text[position] !== '}'; blanksAndLines()) {
      key();
      if (skip(/=/y) === '') fail("'=' is expected");
      blanks();
      value();
      blanksAndLines();
      if (skip(/,/y) === '' && text[position] !== '}') fail('an inline table has no end');
    }
    position += 1;
  }

  function restOfLine(): void {
    skip(/[ \t]*(?:#[^\n]*)?/y);
    if (position < text.length && skip(/\r?\n/y) === '') fail('something stands behind the end of a value');
  }

  for (blanksAndLines(); position < text.length; blanksAndLines()) {
    const brackets = skip(/\[\[?/y);
    if (brackets !== '') {
      table = key();
      const closing = brackets === '[[' ? ']]' : ']';
      if (!text.startsWith(closing, position)) fail(`'${closing}' is expected`);
      position += closing.length;
      const end = position;
      restOfLine();
      const type = brackets === '[[' ? 'tables' : 'table';
      statements.push({ type, path: table, inside: 0, end: position, valueStart: end, valueEnd: end });
      continue;
    }
    const path = [...table, ...key()];
    if (skip(/=/y) === '') fail("'=' is expected");
    blanks();
    const valueStart = position;
    value();
    const valueEnd = position;
    restOfLine();
    statements.push({ type: 'pair', path, inside: table.length, end: position, valueStart, valueEnd });
  }
  return statements;
}
