import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createEncoding } from '../../src/harmony/encoding.ts';
import { finish, longRun, randomText } from './encoding-texts.ts';
import { createRandom } from './random.ts';

const cases = Number(process.env['FUZZ_CASES'] ?? 2000);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);
const batchSize = 500;

test('every text has the ids that tiktoken gives it', async (context) => {
  const peer = await startPeer();
  if ('reason' in peer) return context.skip(`tiktoken is not here: ${peer.reason}`);
  const encoding = createEncoding();
  const differences: string[] = [];
  let compared = 0;
  let units = 0;
  for (let begin = 0; begin < cases; begin += batchSize) {
    const texts = Array.from({ length: Math.min(batchSize, cases - begin) }, (_, index) => makeText(begin + index));
    for (const [index, expected] of (await peer.ask(texts)).entries()) {
      const text = texts[index]!;
      compared += 1;
      units += text.length;
      const ids = index % 2 === 0 ? encoding.encode(text) : finish(encoding.encodeSteps(text));
      if (Buffer.from(ids.buffer).equals(Buffer.from(expected.buffer))) continue;
      differences.push(
        `case ${begin + index} of seed ${seed}: ${JSON.stringify(text)}\nours ${ids.join()}\ntiktoken ${expected.join()}`,
      );
    }
  }
  peer.stop();
  console.log(`seed ${seed}: ${compared} texts, ${units} code units, ${differences.length} differences`);
  expect(differences.slice(0, 5)).toEqual([]);
  expect(compared).toBe(cases);
});

function makeText(index: number): string {
  const random = createRandom(Math.imul(seed, 1_000_003) + index);
  if (random.chance(0.02)) return longRun(random, 200 + random.below(3000));
  if (random.chance(0.1)) return anyCharacters(1 + random.below(20), random.below);
  return randomText(random);
}

function anyCharacters(length: number, below: (limit: number) => number): string {
  const limits = [0x80, 0x800, 0x3100, 0x10000, 0x20000, 0x110000];
  return Array.from({ length }, () => String.fromCodePoint(below(limits[below(limits.length)]!))).join('');
}

type Peer = { ask(texts: readonly string[]): Promise<Uint32Array[]>; stop(): void };

/** One tiktoken for the whole run: texts and ids go through its pipes as tiktoken_pipe.py says. */
async function startPeer(): Promise<Peer | { reason: string }> {
  const python = process.env['FUZZ_PYTHON'] ?? 'python3';
  const child = spawn(python, [fileURLToPath(new URL('tiktoken_pipe.py', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const gone = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', () => resolve(complaint.trim().split('\n').at(-1) ?? ''));
  });
  child.stdin.on('error', () => undefined);

  let received: Buffer = Buffer.alloc(0);
  const chunks: AsyncIterator<Buffer> = child.stdout[Symbol.asyncIterator]();

  async function read(length: number): Promise<Buffer> {
    const parts = [received];
    let have = received.length;
    while (have < length) {
      const chunk = await chunks.next();
      if (chunk.done === true) throw new Error(`tiktoken ended: ${await gone}`);
      parts.push(chunk.value);
      have += chunk.value.length;
    }
    const all = Buffer.concat(parts);
    received = all.subarray(length);
    return all.subarray(0, length);
  }

  const peer: Peer = {
    async ask(texts) {
      const request = Buffer.concat(
        texts.flatMap((text) => [Buffer.from(Uint32Array.of(text.length).buffer), Buffer.from(text, 'utf16le')]),
      );
      child.stdin.write(request);
      const answers: Uint32Array[] = [];
      for (const _ of texts) {
        const count = (await read(4)).readUInt32LE();
        answers.push(new Uint32Array(Uint8Array.from(await read(4 * count)).buffer));
      }
      return answers;
    },
    stop: () => child.stdin.end(),
  };
  try {
    await peer.ask(['a']);
    return peer;
  } catch {
    return { reason: await gone };
  }
}
