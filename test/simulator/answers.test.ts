import { expect, test } from 'vitest';
import { finalText, onTokens, typesOf } from './client.ts';
import { pair, prefill } from './house.ts';

test('a plain question is answered with what it says', async () => {
  const { client } = await pair();
  const said = await client.run('a', onTokens(prefill({ user: 'Hello there, engine', instructions: 'Be brief.' })));
  expect(typesOf(said)).toEqual(['created', 'output_text.delta', 'metrics', 'completed']);
  expect(finalText(said)).toContain('3 words, 19 characters and says: Hello there, engine');
  expect(finalText(said)).toContain('Be brief.');
});
