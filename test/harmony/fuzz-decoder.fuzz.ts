import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { decode, endDecoding, openDecoder } from '../../src/harmony/decoder.ts';
import { createEncoding } from '../../src/harmony/encoding.ts';
import { decodedMessages } from './decoded-messages.ts';
import type { DecodedMessage } from './decoded-messages.ts';
import { anyStream, asAnswer, wellFormedStream } from './random-stream.ts';
import type { RandomStream } from './random-stream.ts';
import { createRandom } from './random.ts';
import { checkStream } from './stream-properties.ts';

const cases = Number(process.env['FUZZ_CASES'] ?? 2000);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);
const batchSize = 200;

const encoding = createEncoding();
const randomOf = (index: number) => createRandom(Math.imul(seed, 1_000_003) + index);

test('whatever an engine sends is decoded and read, and how it was divided makes no difference', () => {
  const counts = new Map<string, number>();
  for (let index = 0; index < cases; index += 1) {
    const random = randomOf(index);
    const stream = random.chance(0.1) ? wellFormedWithoutBars(index) : anyStream(random, encoding);
    try {
      for (const [name, count] of checkStream(encoding, stream, random).repairs) {
        counts.set(name, (counts.get(name) ?? 0) + count);
      }
    } catch (error) {
      throw new Error(`stream ${index} of seed ${seed}: ${JSON.stringify(stream)}`, { cause: error });
    }
  }
  console.log(`seed ${seed}: ${cases} streams; ${[...counts].map(([name, count]) => `${name} ${count}`).join(', ')}`);
});

test('what keeps to the format is decoded as the reference implementation decodes it', async (context) => {
  const peer = await startPeer();
  if ('reason' in peer) return context.skip(`the reference implementation is not here: ${peer.reason}`);
  const differences: string[] = [];
  let refused = 0;
  for (let begin = 0; begin < cases; begin += batchSize) {
    const batch = Array.from({ length: Math.min(batchSize, cases - begin) }, (_, index) => makeCase(begin + index));
    for (const [index, answer] of (await peer.ask(batch)).entries()) {
      const one = batch[index]!;
      if ('error' in answer) refused += 1;
      const ours = JSON.stringify(messagesOf(one));
      const theirs = JSON.stringify('error' in answer ? answer : answer.messages);
      if (ours !== theirs) {
        differences.push(
          `stream ${begin + index} of seed ${seed}\n${JSON.stringify(one)}\nours      ${ours}\nreference ${theirs}`,
        );
      }
    }
  }
  peer.stop();
  console.log(`seed ${seed}: ${cases} streams, ${refused} refused by the reference, ${differences.length} differences`);
  expect(differences.slice(0, 5)).toEqual([]);
});

function wellFormedWithoutBars(index: number): RandomStream {
  const { start, ids } = wellFormedStream(randomOf(index), encoding);
  return { start, ids: ids.filter((id) => id > 199_997 || encoding.bytes(id)?.includes(0x7c) !== true) };
}

function makeCase(index: number): RandomStream {
  const random = randomOf(index);
  const stream = wellFormedStream(random, encoding);
  return (random.chance(0.5) ? asAnswer(stream) : null) ?? stream;
}

function messagesOf({ start, ids }: RandomStream): Omit<DecodedMessage, 'by'>[] {
  const decoder = openDecoder({ encoding, start });
  return decodedMessages([...decode(decoder, ids), ...endDecoding(decoder)]).map(({ by: _, ...message }) => message);
}

type Answer = { readonly messages: readonly Omit<DecodedMessage, 'by'>[] } | { readonly error: string };
type Peer = { ask(batch: readonly RandomStream[]): Promise<Answer[]>; stop(): void };

async function startPeer(): Promise<Peer | { readonly reason: string }> {
  const script = fileURLToPath(new URL('decoder_peer.py', import.meta.url));
  const child = spawn(process.env['FUZZ_PYTHON'] ?? 'python3', ['-B', script]);
  let complaint = '';
  child.on('error', (error) => (complaint += error.message));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const answers = createInterface({ input: child.stdout, crlfDelay: Infinity })[Symbol.asyncIterator]();
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
