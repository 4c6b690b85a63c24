/**
 * How much of every prefill the engine holds already, by the way in which clients talk, and what is lost for which
 * reason. Everything between the API and the engine is real; the model says what it is told to, in its own tokens.
 *
 * `--conversations N`: how many of each shape, 20 if not given.
 */
import { parseArgs } from 'node:util';
import { createEncoding } from '../src/harmony/encoding.ts';
import { converse } from '../test/harmony/conversations.ts';
import type { Asked } from '../test/harmony/conversations.ts';
import { comparePrefixes } from '../test/harmony/prefix-losses.ts';
import type { Reason } from '../test/harmony/prefix-losses.ts';
import { createRandom } from '../test/harmony/random.ts';
import { shapes } from '../test/harmony/shapes.ts';
import type { Shape } from '../test/harmony/shapes.ts';
import { agentClients, agentSteps } from './agent-conversation.ts';

const { values } = parseArgs({ options: { conversations: { type: 'string', default: '20' } } });
const conversations = Number(values.conversations);

const encoding = createEncoding();
const agent: Shape = {
  name: 'a coding agent, 30 requests to 60 k tokens',
  clients: agentClients,
  steps: agentSteps,
  tried: Math.min(3, conversations),
  losses: [],
};

type Sum = { times: number; tokens: number; readAgain: number };

console.log(
  'Of all prefills after the first: tokens, the share that the engine held and skips, the share of what it held',
);
console.log(
  'that it could use; and by reason: how often, tokens lost, and of those the tokens that it must read again.\n',
);
for (const shape of [agent, ...shapes]) await measure(shape);

async function measure({ name, clients, steps, tried = conversations }: Shape): Promise<void> {
  const sums = new Map<Reason, Sum>();
  let [prefills, tokens, held, reused] = [0, 0, 0, 0];
  for (let seed = 0; seed < Math.min(tried, conversations); seed += 1) {
    const last = new Map<number, Asked>();
    for (const turn of await converse(encoding, clients(), steps(createRandom(seed)))) {
      const before = last.get(turn.client);
      last.set(turn.client, turn);
      if (before === undefined) continue;
      const comparison = comparePrefixes(encoding, before, turn);
      if (comparison.unexplained !== null) throw new Error(`${name}: ${comparison.unexplained}`);
      prefills += 1;
      tokens += turn.prefill.length;
      held += before.prefill.length + before.sampled.length;
      reused += comparison.reused;
      if (comparison.loss !== null) add(sums, comparison.loss);
    }
  }
  const share = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} %`;
  console.log(
    `${name}: ${prefills} prefills, ${tokens} tokens; skipped ${share(reused, tokens)}, usable ${share(reused, held)}`,
  );
  for (const [reason, { times, tokens: lost, readAgain }] of [...sums].toSorted((a, b) => b[1].tokens - a[1].tokens)) {
    console.log(
      `    ${reason.padEnd(18)} ${times}×, ${lost} lost, ${readAgain} read again (${share(readAgain, tokens)})`,
    );
  }
}

function add(sums: Map<Reason, Sum>, loss: { reason: Reason; tokens: number; readAgain: number }): void {
  const sum = sums.get(loss.reason) ?? { times: 0, tokens: 0, readAgain: 0 };
  sum.times += 1;
  sum.tokens += loss.tokens;
  sum.readAgain += loss.readAgain;
  sums.set(loss.reason, sum);
}
