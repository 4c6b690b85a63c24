import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A fenced block of a document, and what its reader doesn't see of it. */
export type Block = {
  /** As in `docs/page.md`, from the root. */
  readonly file: string;
  /** Of its first fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
  /** Why it isn't run, from a comment `<!-- not run: WHY -->` in the line above it; null: it is. */
  readonly notRun: string | null;
  /** It stands in a part that is printed from the code, and that another test holds to the code. */
  readonly printed: boolean;
  /** For a text: the block above it in the same section, whose output it shows. */
  readonly shows: Block | null;
};

export type Document = { readonly file: string; readonly text: string; readonly blocks: readonly Block[] };

/** What people read first, and everything in docs/. */
export const documents: readonly Document[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].map(readDocument);

export function readDocument(file: string): Document {
  const text = readFileSync(join(root, file), 'utf8');
  return { file, text, blocks: blocksOf(file, text) };
}

/** @throws Error at a fence that is never closed. */
export function blocksOf(file: string, text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  let printed = false;
  let above: Block | null = null;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at]!;
    if (/^<!-- .*: printed from /.test(line)) printed = true;
    if (line.startsWith('<!-- end of ')) printed = false;
    if (/^#{1,6} /.test(line)) above = null;
    const [, indent, fence, language] = /^( *)(`{3,})(\S*)\s*$/.exec(line) ?? [];
    if (indent === undefined) continue;
    const end = lines.findIndex((other, index) => index > at && other.trim() === fence);
    if (end < 0) throw new Error(`${file}:${at + 1}: the block is never closed`);
    const code = lines
      .slice(at + 1, end)
      .map((inner) => (inner.startsWith(indent) ? inner.slice(indent.length) : inner));
    const [, notRun = null] = /^ *<!-- not run: (.+) -->$/.exec(lines[at - 1] ?? '') ?? [];
    const shows: Block | null = language === 'text' && notRun === null ? above : null;
    above = { file, line: at + 1, language: language!, code: code.join('\n'), notRun, printed, shows };
    blocks.push(above);
    at = end;
  }
  return blocks;
}

/** The document without its blocks, line by line as it was. */
export function prose({ text }: Document): string {
  let fence: string | null = null;
  return text
    .split('\n')
    .map((line) => {
      const mark = /^ *(`{3,})/.exec(line)?.[1] ?? null;
      if (fence === null ? mark === null : line.trim() !== fence) return fence === null ? line : '';
      fence = fence === null ? mark : null;
      return '';
    })
    .join('\n');
}
