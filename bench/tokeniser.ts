/**
 * The tokeniser against `gpt-tokenizer`, whose vocabulary it uses, and against its own goals: time in proportion to the
 * text whatever the text, no long stall of the event loop, cheap repetition. Times are processor time.
 *
 * `--length N`: code units of the texts whose stalls are measured, 16 million if not given, as large as a request may be.
 */
import { fork } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createEncoding } from '../src/harmony/encoding.ts';
import { createPrefillCache } from '../src/harmony/prefill-cache.ts';
import { finish, worstCases } from '../test/harmony/encoding-texts.ts';
import { createRandom } from '../test/harmony/random.ts';
import type { Figure } from './figures.ts';
import { printFigures } from './figures.ts';
import { median } from './statistics.ts';

const libraries = ['ours', 'gpt-tokenizer'] as const;
type Library = (typeof libraries)[number];
type Encode = (text: string) => ArrayLike<number>;

/** Milliseconds of processor time that this process has used: what others on the machine do is not in it. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

// What making a text has left behind is not the tokeniser's to clear away.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Milliseconds of work after which the event loop gets its turn, as src/harmony/prefill.ts has it. */
const slice = 4;

async function load(library: Library): Promise<Encode> {
  if (library === 'ours') return createEncoding().encode;
  const { encode } = await import('gpt-tokenizer/encoding/o200k_harmony');
  // Its default is to throw at text that reads like a control token.
  return (text) => encode(text, { disallowedSpecial: new Set() });
}

const { values, positionals } = parseArgs({
  options: { length: { type: 'string', default: `${1 << 24}` } },
  allowPositionals: true,
});

if (positionals[0] === 'load') {
  const memory = process.memoryUsage.rss();
  const begin = processorTime();
  await load(positionals[1] as Library);
  process.send!({ time: processorTime() - begin, memory: (process.memoryUsage.rss() - memory) / 1e6 });
} else if (positionals[0] === 'stalls') {
  process.send!(await stalls(Number(values.length)));
} else {
  printFigures('Loading', await loading());
  printFigures('Throughput on texts not seen before', await throughput());
  printFigures('Time for 1 M code units (in brackets) over that for 100 k', growth());
  printFigures(
    `Longest turn of the event loop, ${values.length} code units in steps`,
    await ask<Figure[]>('stalls', '--length', values.length),
  );
  printFigures('Thirty turns of a conversation', conversation());
}

/** Has something measured in a process of its own, where nothing else is in memory. */
function ask<Answer>(...parameters: string[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), parameters);
    child.once('message', (answer) => resolve(answer as Answer));
    child.once('exit', (code) => reject(new Error(`${parameters[0]} ended with ${code}`)));
  });
}

async function loading(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const library of libraries) {
    const runs: { time: number; memory: number }[] = [];
    for (let run = 0; run < 5; run += 1) runs.push(await ask('load', library));
    figures.push({ name: `${library}: time`, value: median(runs.map(({ time }) => time)), unit: ' ms', goal: null });
    figures.push({ name: `${library}: memory`, value: median(runs.map((run) => run.memory)), unit: ' MB', goal: null });
  }
  return figures;
}

async function throughput(): Promise<Figure[]> {
  const figures: Figure[] = [];
  const texts = { 'English (Markdown)': markdown(), JavaScript: javaScript(), 'Chinese (random words)': chinese() };
  for (const library of libraries) {
    const encode = await load(library);
    for (const [name, text] of Object.entries(texts)) {
      // Parts: some to warm up with, the others measured once each, since both may remember what they have seen.
      const length = Math.floor(text.length / 8);
      const parts = Array.from({ length: 8 }, (_, index) => text.slice(index * length, (index + 1) * length));
      const rates = parts.map((part) => {
        const begin = processorTime();
        encode(part);
        return Buffer.byteLength(part) / 1e3 / (processorTime() - begin);
      });
      figures.push({ name: `${library}: ${name}`, value: median(rates.slice(3)), unit: ' MB/s', goal: null });
    }
  }
  return figures;
}

function growth(): Figure[] {
  const { encode } = createEncoding();
  return Object.entries(worstCases).map(([name, make]) => {
    const [small, large] = [make(100_000), make(1_000_000)];
    const measure = (text: string) => {
      const times = Array.from({ length: 3 }, () => {
        const begin = processorTime();
        encode(text);
        return processorTime() - begin;
      });
      return Math.min(...times);
    };
    measure(small);
    const [short, long] = [measure(small), measure(large)];
    return { name: `${name} (${long.toFixed(0)} ms)`, value: long / short, unit: '×', goal: 15 };
  });
}

/**
 * How long a turn takes at most. Of its time and its processor time the smaller: one has other processes in it, the
 * other the threads that collect garbage beside it.
 */
async function stalls(length: number): Promise<Figure[]> {
  const encoding = createEncoding();
  const figures: Figure[] = [];
  for (const [name, make] of Object.entries(worstCases)) {
    // As a request's text comes: a string of its own, not a tree of parts.
    const text = JSON.parse(JSON.stringify(make(length))) as string;
    collectGarbage();
    const turns: number[] = [];
    const steps = encoding.encodeSteps(text);
    for (let done = false; !done;) {
      await setImmediate();
      const [began, beganWork] = [performance.now(), processorTime()];
      while (!done && performance.now() - began <= slice) done = steps.next().done === true;
      turns.push(Math.min(performance.now() - began, processorTime() - beganWork));
    }
    figures.push({ name, value: Math.max(...turns), unit: ' ms', goal: 20 });
  }
  return figures;
}

/** Each turn renders all messages so far, sixty thousand tokens in the end. */
function conversation(): Figure[] {
  const encoding = createEncoding();
  const text = markdown() + javaScript();
  const messages = Array.from({ length: 60 }, (_, index) => text.slice(index * 4200, (index + 1) * 4200));
  const lastTurns = { afresh: [] as number[], cached: [] as number[] };
  let tokens = 0;
  for (let round = 0; round < 7; round += 1) {
    const cache = createPrefillCache({ encoding, maxBytes: 64 << 20 });
    for (let turn = 1; turn <= 30; turn += 1) {
      for (const [name, encodeSteps] of [
        ['afresh', encoding.encodeSteps],
        ['cached', cache.encodeSteps],
      ] as const) {
        const begin = processorTime();
        tokens = 0;
        for (const message of messages.slice(0, 2 * turn)) tokens += finish(encodeSteps(message)).length;
        if (turn === 30) lastTurns[name].push(processorTime() - begin);
      }
    }
  }
  const [afresh, cached] = [median(lastTurns.afresh), median(lastTurns.cached)];
  return [
    { name: 'tokens of the last turn', value: tokens, unit: '', goal: null },
    { name: 'the last turn, nothing kept', value: afresh, unit: ' ms', goal: null },
    { name: 'the last turn, earlier ones kept', value: cached, unit: ' ms', goal: null },
    { name: 'kept over not kept', value: cached / afresh, unit: '×', goal: 0.3 },
  ];
}

function fastifyFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('fastify'));
}

function filesBelow(folder: string, ending: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(ending));
  return names
    .toSorted()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
}

function markdown(): string {
  return filesBelow(join(fastifyFolder(), 'docs'), '.md');
}

function javaScript(): string {
  return filesBelow(join(fastifyFolder(), 'lib'), '.js');
}

/** Clauses of frequent characters: nothing longer than a character is frequent in it, which real text would have. */
function chinese(): string {
  const characters = [
    ...'的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其里所去行过家',
  ];
  const random = createRandom(1);
  const clause = () =>
    random.list(4, 20, () => characters[Math.floor(random.below(characters.length) * (random.below(100) / 100))]!);
  return Array.from({ length: 25_000 }, () => clause().join('') + random.pick(['，', '。'])).join('');
}
