import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { importsOf, withoutComments } from './support/imports.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The parts of src/ and the parts that each may import. A part is a folder, or files of src/ itself. */
const mayImport: Record<string, readonly string[] | 'all'> = {
  main: 'all',
  cli: 'all',
  config: ['core'],
  core: [],
  xpc: [],
  harmony: ['core'],
  scheduler: ['core'],
  backends: ['core', 'harmony', 'xpc'],
  simulator: ['core', 'harmony', 'xpc'],
  dialects: ['core'],
  store: ['core'],
  observe: ['core'],
  telemetry: ['core'],
  recording: ['core', 'harmony', 'backends', 'gateway'],
  gateway: ['core', 'harmony', 'scheduler', 'backends'],
  http: ['core', 'dialects', 'gateway', 'observe', 'store', 'recording'],
};

/** Files outside of harmony/ that say the name or the id of a control token, and why. */
const saysMarkers: Record<string, string> = {
  'backends/handshake.ts': 'the daemon’s handshake tells control tokens by name',
  'dialects/completions/prompts.ts': 'the last id there is',
  'dialects/completions/support.ts': 'words of the documents',
  'dialects/completions/to-turn.ts': 'a completion of nothing begins behind <|endoftext|>',
  'http/routes/completions.ts': 'a number of tokens',
  'simulator/markers.ts': 'who plays the model may have it sample control tokens',
  'simulator/model.ts': 'the same',
};

/** What reads, writes or knows control tokens, and who may use it besides harmony/ and the simulator, which plays the model. */
const usesTokens: Record<string, RegExp> = {
  'harmony/render.ts': /^backends\/codexpc\/typed-conversation\.ts$/,
  'harmony/decoder.ts': /^gateway\/answer-stage\.ts$/,
};

/**
 * Packages, and the files of src/ that may import them; the parts that may import everything may use the types of all.
 * What is not here is for tests and tools.
 */
const packages: Record<string, RegExp> = {
  fastify: /^http\//,
  '@fastify/sse': /^http\//,
  '@fastify/websocket': /^http\//,
  'ffi-rs': /^backends\/codexpc\/library\.ts$/,
  pino: /^main\.ts$|^cli\//,
  zod: /^dialects\/|^backends\/codexpc\/wire\.ts$|^config|^(simulator|recording)\/[\w-]*schema\.ts$/,
  yaml: /^config|^cli\//,
  'gpt-tokenizer': /^harmony\/encoding-vocabulary\.ts$/,
  libsql: /^store\/database\.ts$/,
  'prom-client': /^telemetry\/metrics\.ts$/,
  ajv: /^gateway\/schema-worker\.js$/,
};

/** Parts without I/O, and the modules of Node that only compute. */
const pure = ['config', 'core', 'xpc', 'harmony', 'dialects', 'observe', 'scheduler'];
const computing = ['node:buffer', 'node:crypto', 'node:path', 'node:string_decoder', 'node:util'];
/** The one file of a pure part that reads something: the vocabulary, from its package. */
const reader = { file: 'harmony/encoding-vocabulary.ts', modules: ['node:fs', 'node:module'] };

/** Files that are longer than 400 lines, each with its reason. */
const longFiles: Record<string, string> = {};

type SourceFile = { readonly path: string; readonly text: string; readonly part: string };

const sources: readonly SourceFile[] = filesUnder('src')
  .filter((path) => /\.[jt]s$/.test(path))
  .map((path) => {
    const inside = path.slice('src/'.length);
    return { path: inside, text: readFileSync(join(root, path), 'utf8'), part: partOf(inside) };
  });

/** `harmony/render.ts` is of harmony, `config-schema.ts` of config. */
function partOf(path: string): string {
  return path.includes('/') ? path.split('/')[0]! : path.replace(/(-[\w-]+)?\.ts$/, '');
}

function filesUnder(directory: string): string[] {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}

const isBuiltIn = (specifier: string) => specifier.startsWith('node:') || builtinModules.includes(specifier);
const isRelative = (specifier: string) => specifier.startsWith('.');

/** `@fastify/sse/types` is of @fastify/sse. */
const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** A line for each import that breaks a rule. */
function offences(breaks: (file: SourceFile, specifier: string, typeOnly: boolean) => boolean): string[] {
  return sources.flatMap((file) =>
    importsOf(file.text)
      .filter(({ specifier, typeOnly }) => breaks(file, specifier, typeOnly))
      .map(({ specifier }) => `${file.path} imports ${specifier}`),
  );
}

test('every part of src is in the table', () => {
  expect(sources.length).toBeGreaterThan(50);
  expect(sources.filter(({ part }) => mayImport[part] === undefined).map(({ path }) => path)).toEqual([]);
});

test('a part imports only what the table allows', () => {
  const forbidden = offences(({ path, part }, specifier) => {
    if (!isRelative(specifier)) return false;
    const allowed = mayImport[part] ?? [];
    const target = partOf(normalize(join(dirname(path), specifier)));
    return allowed !== 'all' && target !== part && !allowed.includes(target);
  });
  expect(forbidden).toEqual([]);
});

test('the dialects do not know each other, nor the backends', () => {
  const forbidden = offences(({ path, part }, specifier) => {
    if (!isRelative(specifier) || (part !== 'dialects' && part !== 'backends')) return false;
    const target = normalize(join(dirname(path), specifier));
    const [, ownFolder] = path.split('/');
    const [targetPart, targetFolder, inFolder] = target.split('/');
    // completions is the older form of chat, and made of it.
    if (ownFolder === 'completions' && targetFolder === 'chat') return false;
    return path.split('/').length > 2 && targetPart === part && inFolder !== undefined && targetFolder !== ownFolder;
  });
  expect(forbidden).toEqual([]);
});

test('the page runs nothing but its own files, and knows the types of what it is told', () => {
  const forbidden = filesUnder('page')
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) =>
      importsOf(readFileSync(join(root, path), 'utf8'))
        .filter(({ specifier, typeOnly }) => {
          const target = normalize(join(dirname(path), specifier));
          return (
            !isRelative(specifier) || !(target.startsWith('page/') || (typeOnly && target.startsWith('src/observe/')))
          );
        })
        .map(({ specifier }) => `${path} imports ${specifier}`),
    );
  expect(forbidden).toEqual([]);
});

test('a package is imported only where the table allows', () => {
  const forbidden = offences(({ path, part }, specifier, typeOnly) => {
    if (isRelative(specifier) || isBuiltIn(specifier)) return false;
    if (typeOnly && mayImport[part] === 'all') return false;
    return packages[packageOf(specifier)]?.test(path) !== true;
  });
  expect(forbidden).toEqual([]);
});

test('the table of packages is that of package.json', () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  expect(Object.keys(packages).sort()).toEqual(Object.keys(dependencies).sort());
});

test('the pure parts do no I/O', () => {
  const forbidden = offences(({ path, part }, specifier) => {
    if (!isBuiltIn(specifier) || !pure.includes(part)) return false;
    return !computing.includes(specifier) && !(path === reader.file && reader.modules.includes(specifier));
  });
  expect(forbidden).toEqual([]);
});

test('only main and the commands know the process', () => {
  const users = sources
    .filter(({ part }) => part !== 'main' && part !== 'cli')
    .filter(({ text }) => /\bprocess\.[a-zA-Z]|['"](node:)?process['"]/.test(withoutComments(text)))
    .map(({ path }) => path);
  expect(users).toEqual([]);
});

test('Harmony is written and read in harmony/ alone', () => {
  // Control tokens by their names and by their ids.
  const markers = /<\||\b(199_?99[89]|20[01]_?\d\d\d)\b/;
  const writers = sources.filter(({ part, text }) => part !== 'harmony' && markers.test(withoutComments(text)));
  expect(writers.map(({ path }) => path).toSorted()).toEqual(Object.keys(saysMarkers));
  const forbidden = offences(({ path, part }, specifier, typeOnly) => {
    if (part === 'harmony' || part === 'simulator' || typeOnly || !isRelative(specifier)) return false;
    return usesTokens[normalize(join(dirname(path), specifier))]?.test(path) === false;
  });
  expect(forbidden).toEqual([]);
});

test('no file imports itself in a circle', () => {
  const known = new Map(sources.map(({ path, text }) => [path, text]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) {
      circles.push([...way.slice(way.indexOf(path)), path].join(' → '));
      return;
    }
    if (done.has(path)) return;
    for (const { specifier } of importsOf(known.get(path) ?? '')) {
      if (isRelative(specifier)) visit(normalize(join(dirname(path), specifier)), [...way, path]);
    }
    done.add(path);
  };
  for (const path of known.keys()) visit(path, []);
  expect(circles).toEqual([]);
});

test('every relative import leads to a file', () => {
  const known = new Set(sources.map(({ path }) => path));
  const missing = offences(
    ({ path }, specifier) => isRelative(specifier) && !known.has(normalize(join(dirname(path), specifier))),
  );
  expect(missing).toEqual([]);
});

test('a file is at most 400 lines long, or has a reason to be longer', () => {
  const long = sources.filter(({ text }) => text.trimEnd().split('\n').length > 400).map(({ path }) => path);
  expect(long.sort()).toEqual(Object.keys(longFiles).sort());
});

test('no file names a directory of the machine it was written on', () => {
  const generated = new Set(['.git', '.codexpc', 'coverage', 'dist', 'node_modules', 'build']);
  const files = readdirSync(root, { withFileTypes: true })
    .filter(({ name }) => !generated.has(name))
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(entry.name) : [entry.name]))
    .filter((path) => !path.split('/').some((part) => generated.has(part)));
  const home = /(?<![\w./-])\/(?:home|Users|root|work|workspaces?|builds)\/(?!you\b|me\b|YOU\b)[\w.-]+/;
  const found = files.flatMap((path) =>
    readFileSync(join(root, path), 'latin1')
      .split('\n')
      .flatMap((line, index) => (home.test(line) ? [`${path}:${index + 1}: ${home.exec(line)![0]}`] : [])),
  );
  expect(found).toEqual([]);
});

describe('the reader of imports', () => {
  const specifiers = (source: string) => importsOf(source).map(({ specifier }) => specifier);

  test.each([
    ["import fastify from 'fastify';", ['fastify']],
    ["import type { Turn } from './turn.ts';", ['./turn.ts']],
    ["import fastify, { type FastifyInstance } from 'fastify';", ['fastify']],
    ["import * as net from 'node:net';", ['node:net']],
    ["import type * as net from 'node:net';", ['node:net']],
    ["import './side-effect.ts';", ['./side-effect.ts']],
    ["import {\n  one,\n  two as three,\n} from './several.ts';", ['./several.ts']],
    ["export * from './all.ts';", ['./all.ts']],
    ["export * as all from './all.ts';", ['./all.ts']],
    ["export { one } from './one.ts';", ['./one.ts']],
    ["export type { One } from './one.ts';", ['./one.ts']],
    ['import { one } from "./double.ts";', ['./double.ts']],
    ["const late = await import('./late.ts');", ['./late.ts']],
    ["type Late = typeof import('ffi-rs');", ['ffi-rs']],
    ["let x: import('./turn.ts').Turn;", ['./turn.ts']],
    ["createRequire(import.meta.url)('ffi-rs');", ['ffi-rs']],
    ["createRequire(import.meta.url).resolve('gpt-tokenizer/data/ranks');", ['gpt-tokenizer/data/ranks']],
    ["import a from 'a';\nimport b from 'b';", ['a', 'b']],
    ["const url = 'https://x'; // import c from 'c'\nimport d from 'd';", ['d']],
  ])('finds them: %j', (source, expected) => {
    expect(specifiers(source)).toEqual(expected);
  });

  test.each([
    "// import x from 'x';",
    "/*\nimport x from 'x';\n*/",
    'const text = "import x from \'x\'";',
    "export const from = 'x';",
    "export type From = 'x';",
    "export { one };\nconst two = 'x';",
    "export default 'x';",
    "import.meta.url + 'x';",
  ])('is not taken in: %j', (source) => {
    expect(specifiers(source)).toEqual([]);
  });
});
