import { describe, expect, test } from 'vitest';
import { readToml } from '../../src/cli/toml-document.ts';
import { mergeToml } from '../../src/cli/toml-merge.ts';
import type { TomlSetting } from '../../src/cli/toml-merge.ts';

const provider = ['model_providers', 'codexpc'];
const settings: readonly TomlSetting[] = [
  { table: [], key: 'model', value: 'gpt-oss-20b' },
  { table: provider, key: 'name', value: 'codexpc' },
  { table: provider, key: 'port', value: 1 },
  { table: [...provider, 'auth'], key: 'args', value: ['a', 'b'] },
];
const model = settings.slice(0, 1);
const name = settings.slice(1, 2);

/** A line for each, without what people put between the marks in the cases. */
const text = (...lines: string[]) => `${lines.join('\n')}\n`;

describe('a merge into TOML', () => {
  test('writes a file where there is none', () => {
    expect(mergeToml('', settings)).toBe(
      text(
        'model = "gpt-oss-20b"',
        '',
        '[model_providers.codexpc]',
        'name = "codexpc"',
        'port = 1',
        '',
        '[model_providers.codexpc.auth]',
        'args = ["a", "b"]',
      ),
    );
  });

  test.each<[string, readonly TomlSetting[], string, string]>([
    [
      'changes a value in its place, and leaves the comment behind it',
      model,
      text('# Mine.', 'model = "gpt-5" # the best', 'other = 1'),
      text('# Mine.', 'model = "gpt-oss-20b" # the best', 'other = 1'),
    ],
    [
      'puts a key behind the last of its table, before the comment of the next one',
      model,
      text('approval = "never"', '', '# About tools.', '[tools]', 'x = 1'),
      text('approval = "never"', 'model = "gpt-oss-20b"', '', '# About tools.', '[tools]', 'x = 1'),
    ],
    [
      'puts a key above the first table',
      model,
      text('[tools]', 'x = 1'),
      text('model = "gpt-oss-20b"', '', '[tools]', 'x = 1'),
    ],
    [
      'is not taken in by a key of the same name elsewhere',
      model,
      text('a = 1', '[profiles.x]', 'model = "mine"'),
      text('a = 1', 'model = "gpt-oss-20b"', '[profiles.x]', 'model = "mine"'),
    ],
    [
      'is not taken in by texts and lists that look like tables and keys',
      model,
      text(
        'a = """',
        '[model_providers.codexpc]',
        'model = "x"',
        '"""',
        "b = '''",
        'model = 1',
        "'''",
        'c = [',
        '  # model = 2',
        '  "model = 3", [4],',
        ']',
      ),
      text(
        'a = """',
        '[model_providers.codexpc]',
        'model = "x"',
        '"""',
        "b = '''",
        'model = 1',
        "'''",
        'c = [',
        '  # model = 2',
        '  "model = 3", [4],',
        ']',
        'model = "gpt-oss-20b"',
      ),
    ],
    [
      'knows a key and a table by other ways of writing them',
      [...model, ...name],
      text("'model'='x'", '[ model_providers . "codexpc" ] # mine', '"na\\u006de"   =   "y"'),
      text('\'model\'="gpt-oss-20b"', '[ model_providers . "codexpc" ] # mine', '"na\\u006de"   =   "codexpc"'),
    ],
    [
      'replaces a value of many lines',
      model,
      text('model = """', 'long', '"""', 'z = 1'),
      text('model = "gpt-oss-20b"', 'z = 1'),
    ],
    [
      'joins a table that is written with dots',
      name,
      text('model_providers.codexpc.base_url = "x"', 'z = 1', '[t]'),
      text('model_providers.codexpc.base_url = "x"', 'model_providers.codexpc.name = "codexpc"', 'z = 1', '[t]'),
    ],
    [
      'joins a table that is written with dots inside another',
      name,
      text('[model_providers]', 'codexpc.base_url = "x"', '[t]'),
      text('[model_providers]', 'codexpc.base_url = "x"', 'codexpc.name = "codexpc"', '[t]'),
    ],
    [
      'joins a table that is there, be it empty and last and without an end of line',
      name,
      '[model_providers.codexpc] # nothing yet',
      text('[model_providers.codexpc] # nothing yet', 'name = "codexpc"'),
    ],
    [
      'adds a table beside others of the family',
      name,
      text('[model_providers.other]', 'name = "o"', '[[lists]]', 'model_providers = 1'),
      text(
        '[model_providers.other]',
        'name = "o"',
        '[[lists]]',
        'model_providers = 1',
        '',
        '[model_providers.codexpc]',
        'name = "codexpc"',
      ),
    ],
    ['keeps ends of lines as they are', model, 'a = 1\r\n[t]\r\n', 'a = 1\r\nmodel = "gpt-oss-20b"\r\n[t]\r\n'],
    ['keeps a byte order mark where it is', model, '\uFEFF[t]\n', '\uFEFFmodel = "gpt-oss-20b"\n\n[t]\n'],
    ['keeps a file of comments', model, '# Only this.\n', 'model = "gpt-oss-20b"\n\n# Only this.\n'],
  ])('%s', (_, wanted, before, after) => {
    expect(mergeToml(before, wanted)).toBe(after);
    expect(mergeToml(after, wanted)).toBe(after);
  });

  test.each([
    ['an inline table around it', 'model_providers = { other = { name = "o" } }\n', 'model_providers'],
    ['an inline table that it belongs to', 'model_providers.codexpc = { name = "x" }\n', 'model_providers.codexpc'],
    ['a value where its table should be', '[model_providers]\ncodexpc = 1\n', 'model_providers.codexpc'],
    ['a list of tables', '[[model_providers.codexpc]]\nname = "x"\n', 'model_providers.codexpc'],
    ['a table where its value should be', '[model_providers.codexpc.name]\nx = 1\n', 'model_providers.codexpc.name'],
  ])('names what stands in the way: %s', (_, before, what) => {
    expect(() => mergeToml(before, name)).toThrow(`'${what}`);
  });

  test.each([
    ['a = ', 1],
    ['a = 1\nb', 2],
    ['a = 1\n\n[t', 3],
    ['a = "x', 1],
    ['a = """x', 1],
    ['a = [1, 2', 1],
    ['a = { b = 1', 1],
    ['a = 1 2', 1],
    ['= 1', 1],
    ['[[t]\n', 1],
    ['a = 1 b = 2', 1],
    ['"a = 1', 1],
  ])('names the line that is not TOML: %j', (before, line) => {
    expect(() => readToml(before)).toThrow(new RegExp(`^line ${line}: `));
  });
});
