import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { endWith } from '../support/cleanup.ts';
import { importsOf } from '../support/imports.ts';
import { root } from './documents.ts';
import type { Block } from './documents.ts';

/** What became of a block: a program, what the compiler says against it, or which package isn't installed. */
export type Compiled = { readonly program: string } | { readonly faults: string } | { readonly missing: string };

/** Those that `npm ci` installs, and those of `npm run test:clients`. */
const packageFolders = [join(root, 'node_modules'), join(root, 'test/clients/javascript/node_modules')];

/** Compiles blocks, all of them by one run of the compiler, in a folder that lasts as long as the test file. */
export function compile(blocks: readonly Block[], toReal: (text: string) => string): ReadonlyMap<Block, Compiled> {
  mkdirSync(join(root, '.codexpc'), { recursive: true });
  const folder = mkdtempSync(join(root, '.codexpc', 'documents-'));
  endWith('file', () => rmSync(folder, { recursive: true, force: true }));
  for (const [at, packages] of packageFolders.entries()) {
    mkdirSync(join(folder, `${at}`));
    if (existsSync(packages)) symlinkSync(packages, join(folder, `${at}`, 'node_modules'));
  }
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options));

  const names = new Map<Block, string>();
  for (const block of blocks) {
    const at = packageFolders.findIndex((packages) => missingIn(packages, block.code) === null);
    if (at < 0) continue;
    const name = `${at}/${block.file.replaceAll(/\W/g, '-')}-${block.line}`;
    names.set(block, name);
    writeFileSync(join(folder, `${name}.ts`), toReal(block.code));
  }
  if (names.size === 0) writeFileSync(join(folder, 'none.ts'), '');
  const compiler = join(root, 'node_modules/.bin/tsc');
  const { stdout, error } = spawnSync(compiler, ['-p', folder, '--pretty', 'false'], { cwd: folder, encoding: 'utf8' });
  if (error !== undefined) throw error;
  return new Map(blocks.map((block) => [block, outcome(block)] as const));

  function outcome(block: Block): Compiled {
    const name = names.get(block);
    if (name === undefined) return { missing: missingIn(packageFolders[1]!, block.code)! };
    const faults = stdout.split('\n').filter((line) => line.startsWith(`${name}.ts(`));
    return faults.length > 0 ? { faults: faults.join('\n') } : { program: join(folder, `${name}.js`) };
  }
}

const options = {
  extends: '../../tsconfig.json',
  compilerOptions: { noEmit: false, noUnusedLocals: false, rewriteRelativeImportExtensions: false },
  include: ['**/*.ts'],
};

/** The first package that a program imports and that isn't there; null: all are. */
function missingIn(packages: string, code: string): string | null {
  const names = importsOf(code)
    .map(({ specifier }) => specifier)
    .filter((specifier) => !specifier.startsWith('node:') && !builtinModules.includes(specifier))
    .map((specifier) =>
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/'),
    );
  return names.find((name) => !existsSync(join(packages, name))) ?? null;
}
