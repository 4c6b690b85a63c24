import { expect, it } from 'vitest';
import { typeErrors } from '../../support/type-errors.ts';
import { dataOf, open, question, run, turns } from './turns.ts';

/** OpenAI's types, with the reasoning that their API doesn't show and other servers do. */
const types = `
import type { ChatCompletion, ChatCompletionChunk, ChatCompletionMessage } from 'modules/openai/resources/chat/completions/completions.js';
type Reasoning = { reasoning_content?: string; reasoning?: string };
type ChunkChoice = Omit<ChatCompletionChunk.Choice, 'delta'> & { delta: ChatCompletionChunk.Choice.Delta & Reasoning };
type Chunk = Omit<ChatCompletionChunk, 'choices'> & { choices: ChunkChoice[] };
type Choice = Omit<ChatCompletion.Choice, 'message'> & { message: ChatCompletionMessage & Reasoning };
type Completion = Omit<ChatCompletion, 'choices'> & { choices: Choice[] };
`;

const captured = turns.map(({ name, fields, events }) => {
  const answer = open({ ...question, ...fields, stream_options: { include_usage: true } }).answer();
  const chunks = dataOf(run(answer, events)).slice(0, -1);
  return { name, chunks, object: JSON.stringify(answer.object()) };
});

it("every chunk and every object is of the types of OpenAI's SDK", async () => {
  const literals = captured.map(
    ({ name, chunks, object }, index) =>
      `// ${name}\nexport const chunks${index}: Chunk[] = [\n${chunks.join(',\n')}];\nexport const object${index}: Completion = ${object};`,
  );
  expect(await typeErrors([types, ...literals].join('\n'))).toEqual([]);
});

it('and a chunk or object that is not would be noticed', async () => {
  const { chunks, object } = captured[0]!;
  const wrong = [
    `export const a: Chunk = ${chunks[0]!.replace('"created":', '"made":')};`,
    `export const b: Chunk = ${chunks[0]!.replace('"refusal":null', '"refusal":null,"thought":""')};`,
    `export const c: Completion = ${object.replace('"finish_reason":"stop"', '"finish_reason":"end"')};`,
    `export const d: Completion = ${object.replace('"annotations":[]', '"annotations":[],"parsed":null')};`,
  ];
  const errors = await typeErrors([types, ...wrong].join('\n'));
  expect(errors.map((line) => /captured\.ts\((\d+),/.exec(line)?.[1])).toEqual(['9', '10', '11', '12']);
});
