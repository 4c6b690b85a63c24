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
    async ({ block }, { skip }) => {
      const before = gateway.log().length;
      const output = await run(block, skip);
      expectOutput(output, blocks.find(({ shows }) => shows === block)!.code);
      const turns = gateway.log().slice(before);
      expect(turns.length).toBeGreaterThan(0);
      for (const { msg } of turns) expect(msg).toBe('turn');
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
