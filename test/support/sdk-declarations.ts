import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const sdk = new URL('.', import.meta.resolve('openai'));

/** Names of an interface's own properties, read from the declarations of OpenAI's SDK. */
export function propertiesOf(file: string, name: string): string[] {
  const source = readFileSync(fileURLToPath(new URL(file, sdk)), 'utf8');
  const [, indent, body] = new RegExp(`^( *)export interface ${name} {\\n([^]*?)^\\1}`, 'm').exec(
    source.replace(/^( *)interface /gm, '$1export interface '),
  )!;
  return [...body!.matchAll(new RegExp(`^${indent} {4}(\\w+)\\??:`, 'gm'))].map(([, property]) => property!);
}
