import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PageFile, PageFiles } from '../http/routes/page.ts';

/** Where the build puts the page: this file is one folder below `src/` or `dist/`. */
const built = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'dist', 'page');

const types: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Reads the page that the build has made, once; it is served from memory.
 *
 * @throws a system error where it has not been built.
 */
export function readPage(): PageFiles {
  const files = new Map<string, PageFile>();
  for (const name of readdirSync(built, { recursive: true, encoding: 'utf8' })) {
    const type = types[extname(name)];
    if (type === undefined) continue;
    const body = readFileSync(join(built, name));
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    files.set(name.split(sep).join('/'), { body, type, etag });
  }
  return files;
}
