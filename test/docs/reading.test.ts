import { expect, test } from 'vitest';
import { faultsOf } from './commands.ts';
import { matches } from './compare-output.ts';
import { blocksOf } from './documents.ts';

test('blocks are found with their line, their language and what is said above them', () => {
  const text = [
    '# Title',
    '',
    '```sh',
    'npm start',
    '```',
    '',
    'This prints:',
    '',
    '```text',
    'hello',
    '```',
    '',
    '1. In a list:',
    '',
    '   <!-- not run: needs a Mac -->',
    '   ```sh',
    '   launchctl list',
    '   ```',
    '',
    '<!-- help: printed from the code -->',
    '```text',
    'Usage',
    '```',
    '<!-- end of help -->',
    '',
    '## Another section',
    '',
    '```text',
    'shows nothing',
    '```',
  ].join('\n');
  const blocks = blocksOf('a.md', text);
  expect(
    blocks.map(({ line, language, code, notRun, printed }) => ({ line, language, code, notRun, printed })),
  ).toEqual([
    { line: 3, language: 'sh', code: 'npm start', notRun: null, printed: false },
    { line: 9, language: 'text', code: 'hello', notRun: null, printed: false },
    { line: 16, language: 'sh', code: 'launchctl list', notRun: 'needs a Mac', printed: false },
    { line: 21, language: 'text', code: 'Usage', notRun: null, printed: true },
    { line: 28, language: 'text', code: 'shows nothing', notRun: null, printed: false },
  ]);
  expect(blocks[1]!.shows).toBe(blocks[0]);
  expect(blocks[4]!.shows).toBeNull();
});

test('a block that is never closed is an error with its place', () => {
  expect(() => blocksOf('a.md', '```sh\nnpm start')).toThrow('a.md:1: the block is never closed');
});

test.each([
  ['the same', 'hello  \nworld\n', 'hello\nworld', true],
  ['another word', 'hello', 'hallo', false],
  ['a line more', 'hello\nworld', 'hello', false],
  ['an ellipsis within a line', '{"id":"resp_1","n":2}', '{"id":"resp_…","n":2}', true],
  ['an ellipsis that would have to cross lines', 'one\ntwo', 'on…wo', false],
  ['an ellipsis for lines', 'one\ntwo\nthree\nfour', 'one\n…\nfour', true],
  ['an ellipsis for no line', 'one\nfour', 'one\n…\nfour', true],
  ['characters that mean something in patterns', 'a.b*c (d) [e] $f', 'a.b*c (d) [e] $f', true],
])('output is compared to the letter, but for the ellipsis: %s', (_, real, shown, expected) => {
  expect(matches(real, shown)).toBe(expected);
});

test.each([
  ['npm start -- --port 9000', []],
  ['npm start -- --prot 9000', ['--prot is not a flag']],
  ['KEY=1 codexpc-gateway helth', ["'helth' is not a command"]],
  ['npm run soak -- --minutes 15', []],
  ['npm run sock', ["there is no npm script 'sock'"]],
  ['make -C native-shim test nonsense', ["the Makefile has no target 'nonsense'"]],
  ['npx vitest run test/nowhere.test.ts', ['there is no test/nowhere.test.ts']],
  ['docker run codexpc-gateway', []],
])('commands that don’t exist are found without running them: %s', (shell, faults) => {
  expect(faultsOf(shell)).toEqual(faults.map((fault) => expect.stringContaining(fault)));
});
