import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSeals } from '../../../src/dialects/responses/seals.ts';

const sealsWith = (key: Uint8Array) => createSeals({ key: () => key, random: randomBytes });
const key = randomBytes(32);
const seals = sealsWith(key);

describe('a seal', () => {
  it.each(['', 'Hm.', 'é 漢字 👩‍👧 \u0000 <|start|>', 'x'.repeat(1_000_000)])(
    'is opened to the text it was made of',
    (text) => {
      expect(seals.open('reasoning', seals.seal('reasoning', text))).toEqual({ type: 'text', text });
    },
  );

  it('is opened by another process with the same key', () => {
    expect(sealsWith(Uint8Array.from(key)).open('reasoning', seals.seal('reasoning', 'Hm.')).type).toBe('text');
  });

  it('differs each time, and holds the text nowhere', () => {
    const text = 'The password is swordfish.';
    const made = [1, 2, 3].map(() => seals.seal('reasoning', text));
    expect(new Set(made).size).toBe(3);
    for (const seal of made) {
      const bytes = seal.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
      expect(`${seal}${bytes.join('')}`).not.toContain('swordfish');
      expect(seal).toMatch(/^cg1(\.[\w-]+){4}$/);
    }
  });

  it('that was changed anywhere is altered, or foreign', () => {
    const seal = seals.seal('reasoning', 'The file is safe.');
    for (let at = 0; at < seal.length; at++) {
      const other = seal[at] === 'A' ? 'Q' : 'A';
      const changed = `${seal.slice(0, at)}${other}${seal.slice(at + 1)}`;
      expect(seals.open('reasoning', changed).type, changed).not.toBe('text');
      expect(seals.open('reasoning', seal.slice(0, at)).type).not.toBe('text');
    }
    for (const more of ['.', '.AAAA', '..']) expect(seals.open('reasoning', seal + more).type).toBe('altered');
  });

  it('of one kind is no seal of the other', () => {
    expect(seals.open('compaction', seals.seal('reasoning', 'Hm.'))).toEqual({ type: 'altered' });
  });

  it.each(['', 'gAAAAABo', 'cg2.a.b.c.d', sealsWith(randomBytes(32)).seal('reasoning', 'Hm.')])(
    'of somebody else is foreign: %j',
    (sealed) => {
      expect(seals.open('reasoning', sealed)).toEqual({ type: 'foreign' });
    },
  );

  it('needs its key when the first is made or read, and asks for it once', () => {
    let asked = 0;
    const lazy = createSeals({ key: () => ((asked += 1), key), random: randomBytes });
    lazy.open('reasoning', 'gAAAAABo');
    expect(asked).toBe(0);
    lazy.open('reasoning', lazy.seal('reasoning', 'Hm.'));
    lazy.seal('reasoning', 'Hm.');
    expect(asked).toBe(1);
  });
});
