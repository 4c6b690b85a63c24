import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCommandLine } from '../../src/cli/args.ts';
import { root } from './documents.ts';

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const makefile = readFileSync(join(root, 'native-shim/Makefile'), 'utf8');

/** Folders that aren't in a fresh checkout. */
const built = /^native-shim\/(build|prebuilt)\b/;

/** Where a command begins: a line, or what follows on another, with variables of its own in front. */
const beginning = '(?:^|[;&|(])\\s*(?:\\w+=\\S*\\s+)*';

/** What is wrong with the commands in a shell's text, without running any: names and flags that don't exist. */
export function faultsOf(shell: string): string[] {
  const text = shell.replaceAll('\\\n', ' ').replaceAll(/(^|\s)#[^\n]*/g, '$1');
  const uses = (command: string): string[][] =>
    [...text.matchAll(new RegExp(`${beginning}${command}(?: ([^\\n;&|<>)]*)|$)`, 'gm'))].map((match) =>
      wordsOf(match[1] ?? ''),
    );
  const faults: string[] = [];
  const gatewayArguments = [...uses('codexpc-gateway'), ...uses('npm start').map((words) => words.slice(1))];
  for (const words of gatewayArguments) {
    // `codexpc-gateway COMMAND` stands for all of them.
    if (words[0] === 'COMMAND') continue;
    const parsed = parseCommandLine(words);
    if (parsed.command === 'mistake') faults.push(parsed.message);
  }
  for (const [name = ''] of uses('npm run')) {
    if (!(name in scripts)) faults.push(`there is no npm script '${name}'`);
  }
  for (const words of uses('make')) {
    const targets = words.filter((word, at) => /^[a-z-]+$/.test(word) && words[at - 1] !== '-C');
    for (const target of targets) {
      if (!new RegExp(`^([\\w -]* )?${target}( [\\w -]*)?:`, 'm').test(makefile))
        faults.push(`the Makefile has no target '${target}'`);
    }
  }
  for (const [path] of text.matchAll(/(?<![\w./~-])(?:test|bench|scripts|src|config|native-shim)\/[\w./-]*\w/g)) {
    if (!existsSync(join(root, path)) && !built.test(path)) faults.push(`there is no ${path}`);
  }
  return faults;
}

/** Words as a shell would make them; nothing is expanded. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replaceAll(/['"]/g, ''));
}
