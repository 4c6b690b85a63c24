import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { documents, prose, readDocument, root } from './documents.ts';
import type { Document } from './documents.ts';

const others = ['ARCHITECTURE.md', 'CHANGELOG.md', 'bench/README.md'].map(readDocument);

test.each([...documents, ...others])('every link of $file leads somewhere', (document) => {
  const broken = linksOf(document).filter((link) => !leads(document.file, link));
  expect(broken).toEqual([]);
});

test('every document of docs/ is in its index', () => {
  const index = linksOf(readDocument('docs/README.md'));
  const names = documents
    .map(({ file }) => file)
    .filter((file) => file.startsWith('docs/') && file !== 'docs/README.md');
  expect(names.filter((file) => !index.includes(file.slice('docs/'.length)))).toEqual([]);
});

/** Targets of links to this repository, as they are written. */
function linksOf(document: Document): string[] {
  const text = prose(document).replaceAll(/`[^`\n]*`/g, '');
  return [...text.matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)]
    .map((match) => match[1]!)
    .filter((target) => !/^https?:/.test(target));
}

function leads(file: string, target: string): boolean {
  const [path, anchor] = target.split('#') as [string, string | undefined];
  const found = path === '' ? file : normalize(join(dirname(file), path));
  if (!existsSync(join(root, found))) return false;
  return anchor === undefined || anchorsOf(readFileSync(join(root, found), 'utf8')).includes(anchor);
}

/** What GitHub makes of headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#{1,6} (.+)$/gm)].map((match) =>
    match[1]!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
