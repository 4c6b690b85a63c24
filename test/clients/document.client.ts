import { beforeAll, describe, expect, test } from 'vitest';
import { readDocument } from '../docs/documents.ts';
import { expectOutput } from '../docs/compare-output.ts';
import { createPlace } from '../docs/place.ts';
import type { Place } from '../docs/place.ts';
import { pythonFor } from '../docs/python.ts';
import { compile } from '../docs/typescript.ts';
import type { Compiled } from '../docs/typescript.ts';
import type { Block } from '../docs/documents.ts';
import { startGateway } from '../support/process.ts';
import type { GatewayProcess } from '../support/process.ts';

/** The programs of docs/connect.md, of which `npm test` runs only those whose packages are there. */
const { blocks } = readDocument('docs/connect.md');
const programs = blocks.filter(({ language }) => ['ts', 'python'].includes(language));

/** Milliseconds; some of them take ten seconds of processor time to begin. */
const runTimeout = 120_000;

describe('the programs of docs/connect.md', () => {
  let gateway: GatewayProcess;
  let place: Place;
  let compiled: ReadonlyMap<Block, Compiled>;
  beforeAll(async () => {
    gateway = await startGateway({ lifetime: 'file' });
    place = createPlace(gateway.port);
    compiled = compile(
      programs.filter(({ language }) => language === 'ts'),
      place.toReal,
    );
  });

  test.for(programs.map((block) => ({ name: `${block.language}, line ${block.line}`, block })))(
    '$name: it reaches the model, and prints what the document says',
    { timeout: runTimeout },
    async ({ block }, { skip }) => {
      const turns = () => gateway.log().filter(({ msg }) => msg === 'turn').length;
      const before = turns();
      expectOutput(await run(block, skip), blocks.find(({ shows }) => shows === block)!.code);
      await gateway.until(() => turns() > before);
    },
  );

  function run(block: Block, skip: (why: string) => never): Promise<string> {
    if (block.language === 'python') {
      const found = pythonFor(block.code);
      if ('missing' in found) return skip(`There is no Python with ${found.missing}.`);
      return place.run(found.python, ['-c', place.toReal(block.code)]);
    }
    const outcome = compiled.get(block)!;
    if (!('program' in outcome)) return expect.unreachable(JSON.stringify(outcome));
    return place.run(process.execPath, [outcome.program]);
  }
});
