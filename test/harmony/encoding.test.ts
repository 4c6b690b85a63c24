import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { control, createEncoding, firstControlId } from '../../src/harmony/encoding.ts';
import { createRandom } from './random.ts';
import { finish, randomText } from './encoding-texts.ts';

type Vectors = { groups: Record<string, [text: string, ids: number[]][]> };
type CodePointVectors = { contexts: string[]; blocks: { ranges: [number, number][]; sha256: string }[] };

const encoding = createEncoding();
const { groups } = readVectors('encoding.json') as Vectors;
const lastControlId = 201088;

describe('the ids of tiktoken', () => {
  test.each(Object.entries(groups))('%s', (_, pairs) => {
    for (const [text, ids] of pairs) expect([...encoding.encode(text)], JSON.stringify(text)).toEqual(ids);
  });

  test('every assigned code point, alone and in words, has the same ids', () => {
    const { contexts, blocks } = readVectors('encoding-code-points.json') as CodePointVectors;
    const wrong = blocks.filter(({ ranges, sha256 }) => {
      const hash = createHash('sha256');
      for (const [first, last] of ranges) {
        for (let codePoint = first; codePoint <= last; codePoint++) {
          for (const context of contexts) {
            const ids = encoding.encode(context.replaceAll('_', String.fromCodePoint(codePoint)));
            hash.update(Uint32Array.of(ids.length, ...ids));
          }
        }
      }
      return hash.digest('hex').slice(0, 16) !== sha256;
    });
    expect(wrong.map(({ ranges }) => ranges)).toEqual([]);
    expect(blocks.length).toBeGreaterThan(600);
  });

  test('the vocabulary file is the one that tiktoken names', () => {
    const file = readFileSync(new URL('../../node_modules/gpt-tokenizer/data/o200k_base.tiktoken', import.meta.url));
    expect(createHash('sha256').update(file).digest('hex')).toBe(
      '446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d',
    );
  });
});

describe('text never becomes a control token', () => {
  const names = Array.from({ length: lastControlId - firstControlId + 1 }, (_, index) =>
    encoding.decode([firstControlId + index]),
  );

  test('not by the name of any, however it is placed', () => {
    for (const name of names) {
      expect(name).toMatch(/^<\|\w+\|>$/);
      for (const text of [name, ` ${name}`, `${name}${name}`, `a${name}b`, `\n${name}\n`, `<|${name}|>`]) {
        const ids = encoding.encode(text);
        expect(Math.max(...ids), text).toBeLessThan(firstControlId);
        expect(encoding.decode(ids)).toBe(text);
      }
    }
  });

  test('not in random text made of names and parts of names', () => {
    const random = createRandom(1);
    const parts = [...names.slice(0, 15), '<|', '|>', '<', '|', '>', 'start', 'end', ' ', '\n', '\u0301'];
    for (let each = 0; each < 3000; each++) {
      const text = random.list(1, 12, () => random.pick(parts)).join('');
      const ids = encoding.encode(text);
      expect(Math.max(...ids), text).toBeLessThan(firstControlId);
      expect(encoding.decode(ids)).toBe(text);
    }
  });

  test('not in random text of any kind, and decoding gives the text back', () => {
    const random = createRandom(2);
    for (let each = 0; each < 3000; each++) {
      const text = randomText(random);
      const ids = encoding.encode(text);
      expect(ids.every((id) => id < firstControlId)).toBe(true);
      expect(encoding.decode(ids)).toBe(text.replaceAll(/\p{Surrogate}/gu, '\ufffd'));
    }
  });
});

describe('bytes and text of ids', () => {
  test('control tokens have their names, reserved ones their numbers, up to the last', () => {
    for (const [name, id] of Object.entries(control)) expect(encoding.decode([id])).toBe(`<|${name}|>`);
    expect(encoding.decode([200000, 200004, 200011, 200013, 200018, lastControlId])).toBe(
      '<|reserved_200000|><|reserved_200004|><|reserved_200011|><|reserved_200013|><|reserved_200018|><|reserved_201088|>',
    );
    for (const id of [lastControlId + 1, -1, 0.5, Number.NaN, 2 ** 32]) expect(encoding.bytes(id)).toBeUndefined();
  });

  test('each id below the control tokens has bytes of its own', () => {
    const seen = new Set<string>();
    for (let id = 0; id < firstControlId; id++) seen.add(Buffer.from(encoding.bytes(id)!).toString('latin1'));
    expect(seen.size).toBe(firstControlId);
  });

  test('writing to the bytes of an id changes nothing', () => {
    encoding.bytes(0)!.fill(0);
    expect(encoding.decode([0])).toBe('!');
  });

  test('a character may be spread over ids, and half of one is U+FFFD', () => {
    const ids = encoding.encode('\u{1fae0}');
    expect(ids.length).toBeGreaterThan(1);
    expect(encoding.decode(ids)).toBe('\u{1fae0}');
    expect(encoding.decode(ids.subarray(0, 1))).toBe('\ufffd');
    expect(encoding.decode([5574, lastControlId + 1, 0])).toBe('\ufeff\ufffd!');
  });
});

describe('encoding in steps', () => {
  test('gives the ids of encoding at once, also when texts take turns', () => {
    const random = createRandom(3);
    const texts = Array.from({ length: 12 }, () => random.list(20, 400, () => randomText(random)).join(''));
    texts.push('', 'a', ...['x', '中', ' ', '\n '].map((unit) => unit.repeat(30_000)));
    const running = texts.map((text) => ({ text, steps: encoding.encodeSteps(text), ids: new Uint32Array() }));
    const left = new Set(running);
    while (left.size > 0) {
      for (const each of left) {
        const step = each.steps.next();
        if (step.done !== true) continue;
        each.ids = step.value;
        left.delete(each);
      }
    }
    for (const { text, ids } of running) expect([...ids]).toEqual([...encoding.encode(text)]);
  });

  test('a text that is left half-way disturbs no other', () => {
    const text = 'a long run: ' + 'abc'.repeat(10_000);
    const left = encoding.encodeSteps(text);
    const kept = encoding.encodeSteps(text);
    for (let each = 0; each < 5; each++) {
      left.next();
      kept.next();
    }
    left.return(new Uint32Array());
    expect([...finish(kept)]).toEqual([...encoding.encode(text)]);
  });

  test('stops at least once, however short the text, and not at all for none', () => {
    expect(encoding.encodeSteps('a').next().done).toBe(false);
    expect(encoding.encodeSteps('').next()).toEqual({ done: true, value: new Uint32Array() });
  });

  test('hands out ids that take no more memory than they need', () => {
    for (const text of ['a', 'a b '.repeat(1000), 'a b '.repeat(100_000)]) {
      const ids = encoding.encode(text);
      expect(ids.buffer.byteLength).toBe(ids.byteLength);
    }
  });
});

function readVectors(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`vectors/${name}`, import.meta.url), 'utf8'));
}
