import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './documents.ts';

/** Those of `npm run test:clients`, whose packages have known versions. */
const interpreters = ['clients-requirements', 'clients-requirements-openai-2'].map((name) =>
  join(root, '.codexpc', name, 'bin/python'),
);

/** An interpreter that has what a program imports, or which modules none has. */
export function pythonFor(code: string): { readonly python: string } | { readonly missing: string } {
  const modules = [...code.matchAll(/^(?:from|import) (\w+)/gm)].map((match) => match[1]!);
  const find = `import importlib.util as u, sys; sys.exit(any(u.find_spec(m) is None for m in sys.argv[1:]))`;
  const python = interpreters
    .filter((path) => existsSync(path))
    .find((path) => spawnSync(path, ['-c', find, ...modules]).status === 0);
  return python === undefined ? { missing: modules.join(', ') } : { python };
}
