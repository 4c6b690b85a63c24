import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { typeErrors } from '../../support/type-errors.ts';
import { dataOf, open, question, run, turns } from './turns.ts';

const types = `
import type { WireChunk, WireCompletion } from '${fileURLToPath(new URL('wire-types.ts', import.meta.url))}';
`;

const captured = turns.map(({ name, fields, events }) => {
  const answer = open({ ...question, ...fields, stream_options: { include_usage: true } }).answer();
  const chunks = dataOf(run(answer, events)).slice(0, -1);
  return { name, chunks, object: JSON.stringify(answer.object()) };
});

it("every chunk and every object is of the types of OpenAI's SDK", async () => {
  const literals = captured.map(
    ({ name, chunks, object }, index) =>
      `// ${name}\nexport const chunks${index}: WireChunk[] = [\n${chunks.join(',\n')}];\nexport const object${index}: WireCompletion = ${object};`,
  );
  expect(await typeErrors([types, ...literals].join('\n'))).toEqual([]);
});

it('and a chunk or object that is not would be noticed', async () => {
  const { chunks, object } = captured[0]!;
  const wrong = [
    `export const a: WireChunk = ${chunks[0]!.replace('"created":', '"made":')};`,
    `export const b: WireChunk = ${chunks[0]!.replace('"refusal":null', '"refusal":null,"thought":""')};`,
    `export const c: WireCompletion = ${object.replace('"finish_reason":"stop"', '"finish_reason":"end"')};`,
    `export const d: WireCompletion = ${object.replace('"annotations":[]', '"annotations":[],"parsed":null')};`,
  ];
  const errors = await typeErrors([types, ...wrong].join('\n'));
  expect(errors.map((line) => /captured\.ts\((\d+),/.exec(line)?.[1])).toEqual(['4', '5', '6', '7']);
});
