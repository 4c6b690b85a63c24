import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { conversationOf } from '../../src/harmony/conversation.ts';
import { createEncoding } from '../../src/harmony/encoding.ts';
import type { HarmonyMessage } from '../../src/harmony/message.ts';
import { completionSegments, encodeSegments, segmentsOf, trainingSegments } from '../../src/harmony/render.ts';
import { randomMessages } from './random-conversation.ts';
import { randomTurn } from './random-turn.ts';
import { createRandom } from './random.ts';

const cases = Number(process.env['FUZZ_CASES'] ?? 2000);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);
const batchSize = 100;

type Case = {
  readonly number: number;
  readonly mode: 'conversation' | 'completion' | 'training';
  readonly keepAnalysis: boolean;
  readonly nextRole: HarmonyMessage['role'];
  readonly messages: readonly HarmonyMessage[];
};

type Answer = { readonly tokens: readonly number[] } | { readonly error: string };

test('renders whatever it is given as the reference implementation does', async (context) => {
  const peer = await startPeer();
  if ('reason' in peer) return context.skip(`the reference implementation is not here: ${peer.reason}`);
  const encoding = createEncoding();
  const differences: string[] = [];
  let refused = 0;
  for (let begin = 0; begin < cases; begin += batchSize) {
    const batch = Array.from({ length: Math.min(batchSize, cases - begin) }, (_, index) =>
      makeCase(seed, begin + index),
    );
    for (const [index, answer] of (await peer.ask(batch)).entries()) {
      const one = batch[index]!;
      if ('error' in answer) {
        refused += 1;
        continue;
      }
      const ours = render(one, (text) => encoding.encode(text));
      if (Buffer.compare(Buffer.from(ours.buffer), Buffer.from(Uint32Array.from(answer.tokens).buffer)) === 0) continue;
      differences.push(
        `case ${one.number} of seed ${seed}\n${JSON.stringify(one)}\nours      ${JSON.stringify(encoding.decode(ours))}\nreference ${JSON.stringify(encoding.decode(answer.tokens))}`,
      );
    }
  }
  peer.stop();
  console.log(`seed ${seed}: ${cases} cases, ${refused} refused by the reference, ${differences.length} differences`);
  expect(differences.slice(0, 5)).toEqual([]);
  expect(refused).toBeLessThan(cases / 10);
});

function makeCase(first: number, index: number): Case {
  const random = createRandom(Math.imul(first, 1_000_003) + index);
  const messages = random.chance(0.3)
    ? conversationOf(randomTurn(random), {
        date: '2026-01-01',
        knowledgeCutoff: '2024-06',
        modelIdentity: 'You are ChatGPT.',
      }).messages
    : randomMessages(random);
  return {
    number: index,
    mode: random.pick(['conversation', 'completion', 'training']),
    keepAnalysis: random.chance(0.3),
    nextRole: random.pick(['assistant', 'assistant', 'user', 'tool']),
    messages,
  };
}

function render(one: Case, encode: (text: string) => Uint32Array): Uint32Array {
  switch (one.mode) {
    case 'conversation':
      return encodeSegments(segmentsOf(one.messages, one), encode);
    case 'completion':
      return encodeSegments(completionSegments(one.messages, one), encode);
    case 'training':
      return encodeSegments(trainingSegments(one.messages, one), encode);
  }
}

type Peer = { ask(batch: readonly Case[]): Promise<Answer[]>; stop(): void };

async function startPeer(): Promise<Peer | { readonly reason: string }> {
  const script = fileURLToPath(new URL('render_peer.py', import.meta.url));
  const child = spawn(process.env['FUZZ_PYTHON'] ?? 'python3', ['-B', script]);
  let complaint = '';
  child.on('error', (error) => (complaint += error.message));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const answers = linesOf(child);
  const ready = await answers.next();
  if (ready.done === true) return { reason: complaint.trim().split('\n').at(-1) ?? 'it ended at once' };
  return {
    async ask(batch) {
      child.stdin.write(batch.map((one) => `${JSON.stringify(one)}\n`).join(''));
      const received: Answer[] = [];
      while (received.length < batch.length) {
        const line = await answers.next();
        if (line.done === true) throw new Error(`the reference implementation died: ${complaint}`);
        received.push(JSON.parse(line.value) as Answer);
      }
      return received;
    },
    stop: () => child.stdin.end(),
  };
}

function linesOf(child: ChildProcessWithoutNullStreams): AsyncIterator<string, undefined> {
  return createInterface({ input: child.stdout, crlfDelay: Infinity })[Symbol.asyncIterator]();
}
