/**
 * What the cache of token ids saves: every request of an agent's conversation brings all earlier messages again. Thirty
 * requests that grow to sixty thousand tokens are rendered and encoded with the cache and without. Processor time.
 */
import { setImmediate } from 'node:timers/promises';
import type { Turn } from '../src/core/turn.ts';
import { conversationOf } from '../src/harmony/conversation.ts';
import { createEncoding } from '../src/harmony/encoding.ts';
import { createFrozenDates } from '../src/harmony/frozen-dates.ts';
import { createPrefillCache } from '../src/harmony/prefill-cache.ts';
import { createPrefiller } from '../src/harmony/prefill.ts';
import type { Prefiller } from '../src/harmony/prefill.ts';
import { completionSegments } from '../src/harmony/render.ts';
import { converse } from '../test/harmony/conversations.ts';
import { createRandom } from '../test/harmony/random.ts';
import { agentClients, agentSteps } from './agent-conversation.ts';
import { printFigures } from './figures.ts';
import { median } from './statistics.ts';

const rounds = 21;
const settings = {
  knowledgeCutoff: '2024-06',
  modelIdentity: 'You are ChatGPT, a large language model trained by OpenAI.',
};
const encoding = createEncoding();
const asked = await converse(encoding, agentClients(), agentSteps(createRandom(1)));
const requests = asked.map(({ turn }) => JSON.stringify(turn));

const kinds = ['cold', 'warm'] as const;
const totals = { cold: [] as number[], warm: [] as number[] };
const lasts = { cold: [] as number[], warm: [] as number[] };
const rendering: number[] = [];
let tokens = 0;

for (let round = 0; round < rounds; round += 1) {
  for (const kind of kinds) {
    let prefiller = create(kind);
    let total = 0;
    for (const [index, request] of requests.entries()) {
      // A request's texts are strings of their own, about which the engine of JavaScript knows nothing yet.
      const turn = JSON.parse(request) as Turn;
      if (kind === 'cold') prefiller = create(kind);
      const time = await timed(() => prefiller.prefill(turn));
      total += time.took;
      tokens = time.result.tokens.length;
      if (index === requests.length - 1) lasts[kind].push(time.took);
    }
    totals[kind].push(total);
  }
  const turn = JSON.parse(requests.at(-1)!) as Turn;
  const rendered = await timed(() =>
    completionSegments(conversationOf(turn, { ...settings, date: '2026-01-01' }).messages),
  );
  rendering.push(rendered.took);
}

printFigures('Prefill of an agent’s conversation, 30 requests', [
  { name: 'tokens of the last request', value: tokens, unit: '', goal: null },
  { name: 'the last request, nothing kept', value: median(lasts.cold), unit: ' ms', goal: null },
  { name: 'the last request, earlier ones kept', value: median(lasts.warm), unit: ' ms', goal: null },
  { name: 'of that, rendering', value: median(rendering), unit: ' ms', goal: null },
  { name: 'kept over not kept', value: median(lasts.warm) / median(lasts.cold), unit: '×', goal: 0.1 },
  { name: 'all requests, nothing kept', value: median(totals.cold), unit: ' ms', goal: null },
  { name: 'all requests, earlier ones kept', value: median(totals.warm), unit: ' ms', goal: null },
  { name: 'kept over not kept', value: median(totals.warm) / median(totals.cold), unit: '×', goal: 0.3 },
]);

function create(kind: (typeof kinds)[number]): Prefiller {
  const { encodeSteps } = kind === 'cold' ? encoding : createPrefillCache({ encoding, maxBytes: 64 << 20 });
  return createPrefiller({
    encodeSteps,
    settings,
    dates: createFrozenDates({ today: () => '2026-01-01', limit: 10 }),
    elapsed: () => performance.now(),
    pause: setImmediate,
  });
}

/** Processor time: what others on the machine do is not in it. */
async function timed<Result>(work: () => Result | Promise<Result>): Promise<{ took: number; result: Result }> {
  const begun = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(begun);
  return { took: (user + system) / 1e3, result };
}
