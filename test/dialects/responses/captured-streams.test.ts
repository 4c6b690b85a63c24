import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { captured } from './captured-streams.ts';
import { eventsOf, open, question, run, turns } from './turns.ts';

/*
 * captured-streams.ts holds what the dialect sends, written as values that the type checker holds against the types of
 * OpenAI's SDK. This test keeps it true. To write it anew:
 *
 *     CAPTURE=1 npx vitest run test/dialects/responses/captured-streams.test.ts && npx oxfmt test/dialects/responses
 */
const capture = process.env['CAPTURE'] === '1';

/** Between them they have every event, item and format. */
const names = [
  'reasoning, then the answer, after a wait',
  'reasoning as a summary, sealed',
  'a conversation that is compacted',
  'a preamble and calls of every kind',
  'an answer cut off by the limit',
  'failure within a text',
  'letters that lines, quotes and JSON are made of',
];

const streams = Object.fromEntries(
  turns
    .filter(({ name }) => names.includes(name))
    .map(({ name, fields, steps }) => [
      name,
      eventsOf(run(open({ ...question, ...fields, stream: true }).answer(), steps)),
    ]),
);

it.runIf(capture)('writes captured-streams.ts', () => {
  writeFileSync(
    new URL('captured-streams.ts', import.meta.url),
    `// Written by captured-streams.test.ts.
import type { WireEvent } from './wire-types.ts';

export const captured = ${JSON.stringify(streams)} satisfies Record<string, WireEvent[]>;
`,
  );
});

it.skipIf(capture)('sends what the type checker has held against the types of the SDK', () => {
  expect(Object.keys(streams)).toHaveLength(names.length);
  expect(streams).toEqual(captured);
});
