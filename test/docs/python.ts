import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './documents.ts';

const scratch = join(root, '.codexpc');

/** Those that `npm run test:clients` has made, whose packages have known versions. */
const interpreters = (existsSync(scratch) ? readdirSync(scratch) : [])
  .filter((name) => name.startsWith('clients-'))
  .map((name) => join(scratch, name, 'bin/python'))
  .filter((path) => existsSync(path));

/** An interpreter that has what a program imports, or which modules none has. */
export function pythonFor(code: string): { readonly python: string } | { readonly missing: string } {
  const modules = [...code.matchAll(/^(?:from|import) (\w+)/gm)].map((match) => match[1]!);
  const find = `import importlib.util as u, sys; sys.exit(any(u.find_spec(m) is None for m in sys.argv[1:]))`;
  const python = interpreters.find((path) => spawnSync(path, ['-c', find, ...modules]).status === 0);
  return python === undefined ? { missing: modules.join(', ') } : { python };
}
