import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const modules = join(import.meta.dirname, '..', '..', 'node_modules');

/**
 * What the project's TypeScript has to say against a source text; empty when all is well. The text imports from
 * packages by their path inside `node_modules`, as in `import type { X } from 'modules/openai/resources/shared.js'`.
 *
 * Literals that were captured from running code can so be held against declared types for real, unknown keys included.
 */
export async function typeErrors(source: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'type-errors-'));
  try {
    await writeFile(join(folder, 'captured.ts'), source.replaceAll("from 'modules/", `from '${modules}/`));
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      target: 'es2023',
      module: 'nodenext',
      types: ['node'],
      typeRoots: [join(modules, '@types')],
      skipLibCheck: true,
      noEmit: true,
      allowImportingTsExtensions: true,
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['captured.ts'] }));
    return await compile(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function compile(folder: string): Promise<string[]> {
  const tsc = join(modules, 'typescript', 'bin', 'tsc');
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [tsc, '-p', folder], (error, stdout, stderr) => {
      const lines = stdout.split('\n').filter((line) => line.includes('error TS'));
      // A failure that is not about types, such as a missing compiler, must not pass for "no errors".
      if (error !== null && lines.length === 0) reject(new Error(`${stdout}${stderr}`, { cause: error }));
      else resolve(lines);
    });
  });
}
