import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGateway } from '../support/process.ts';
import type { GatewayProcess } from '../support/process.ts';
import { faultsOf } from './commands.ts';
import { expectOutput } from './compare-output.ts';
import { checkData } from './data.ts';
import { documents } from './documents.ts';
import type { Block } from './documents.ts';
import { createPlace } from './place.ts';
import type { Place } from './place.ts';
import { pythonFor } from './python.ts';
import { compile } from './typescript.ts';
import type { Compiled } from './typescript.ts';

/**
 * Every block of the documents is run as a reader would run it: against a gateway with its simulator, whose address
 * stands for the written one. Those that can't be run say so in a comment above them, which readers don't see.
 */
const chapters = documents
  .map(({ file, blocks }) => ({ file, blocks: blocks.filter(({ printed }) => !printed) }))
  .filter(({ blocks }) => blocks.length > 0);

const hasCurl = spawnSync('curl', ['--version']).status === 0;

let gateway: GatewayProcess;
let compiled: ReadonlyMap<Block, Compiled>;
const outputs = new Map<Block, string>();
const notRun: string[] = [];

beforeAll(async () => {
  gateway = await startGateway({ lifetime: 'file' });
  const programs = chapters.flatMap(({ blocks }) => blocks.filter(({ language }) => language === 'ts'));
  compiled = compile(programs, createPlace(gateway.port).toReal);
}, 60_000);

afterAll(() => {
  if (notRun.length > 0) console.log(`Not run:\n${notRun.join('\n')}`);
});

/** Milliseconds; a block may start several programs, and other tests run meanwhile. */
const blockTimeout = 120_000;

for (const { file, blocks } of chapters) {
  describe(file, () => {
    let place: Place;
    beforeAll(() => {
      place = createPlace(gateway.port);
    });

    for (const block of blocks) {
      const name = `${file}:${block.line}`;
      test(name, { timeout: blockTimeout }, async ({ skip }) => {
        if (block.language === 'sh') expect(faultsOf(block.code)).toEqual([]);
        const reason = block.notRun ?? (await run(block, place));
        if (reason === null) return;
        if (block.shows === null) notRun.push(`${name}: ${reason}`);
        skip(reason);
      });
    }
  });
}

/** Why the block could not be run; null: it has been. */
async function run(block: Block, place: Place): Promise<string | null> {
  const { language, code, shows } = block;
  const perform = async (command: string, args: readonly string[]): Promise<null> => {
    outputs.set(block, await place.run(command, args));
    return null;
  };
  switch (language) {
    case 'sh':
      if (!hasCurl && /\bcurl /.test(code)) return 'needs curl';
      return perform('bash', ['-euo', 'pipefail', '-c', place.toReal(code)]);
    case 'ts': {
      const outcome = compiled.get(block)!;
      if ('missing' in outcome) return `needs ${outcome.missing}, which npm run test:clients installs`;
      if ('faults' in outcome) throw new Error(outcome.faults);
      return perform(process.execPath, [outcome.program]);
    }
    case 'python': {
      const found = pythonFor(code);
      if ('missing' in found) return `needs ${found.missing} of Python, which npm run test:clients installs`;
      return perform(found.python, ['-c', place.toReal(code)]);
    }
    case 'json':
    case 'yaml':
    case 'toml':
      await checkData(block, gateway.origin, place.toReal);
      return null;
    case 'text': {
      if (shows === null) throw new Error('A text shows the output of the block above it, and there is none.');
      const output = outputs.get(shows);
      if (output === undefined) return 'shows what the block above it prints';
      expectOutput(place.toWritten(output), code);
      return null;
    }
    default:
      throw new Error(`Nothing runs blocks of the language '${language}'.`);
  }
}
