import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';

/** What is sealed; a seal of one kind is no seal of the other. */
export type SealedKind = 'reasoning' | 'compaction';

/**
 * Texts that a client keeps for the gateway and can neither read nor change: an item's `encrypted_content`.
 *
 * A seal is `cg1.` and four parts in base64url: key id, nonce, ciphertext, tag. The cipher is AES-256-GCM with a random
 * nonce; kind and key id are authenticated with the text.
 */
export type Seals = {
  seal(kind: SealedKind, text: string): string;
  open(kind: SealedKind, sealed: string): Opened;
};

/**
 * `foreign`: made by another server, by a later gateway or with another key, which nobody here can do anything about.
 * `altered`: made with this key, and not as it was made any more, or of another kind.
 */
export type Opened = { readonly type: 'text'; readonly text: string } | { readonly type: 'foreign' | 'altered' };

export type SealsOptions = {
  /** 32 bytes; asked for when the first text is to be sealed or opened. */
  readonly key: () => Uint8Array;
  /** Random bytes, as many as asked for. */
  readonly random: (length: number) => Uint8Array;
};

const version = 'cg1';
const algorithm = 'aes-256-gcm';
const nonceLength = 12;
const tagLength = 16;

export function createSeals({ key, random }: SealsOptions): Seals {
  let known: { readonly key: Uint8Array; readonly id: string } | null = null;

  function current() {
    if (known === null) {
      const bytes = key();
      // Tells keys apart, and tells nothing about them.
      const id = createHash('sha256').update('key id\0').update(bytes).digest().subarray(0, 6).toString('base64url');
      known = { key: bytes, id };
    }
    return known;
  }

  return {
    seal(kind, text) {
      const { key: secret, id } = current();
      const nonce = random(nonceLength);
      const cipher = createCipheriv(algorithm, secret, nonce, { authTagLength: tagLength });
      cipher.setAAD(associated(kind, id));
      const hidden = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return [version, id, ...[nonce, hidden, cipher.getAuthTag()].map(base64url)].join('.');
    },
    open(kind, sealed) {
      // One more than a seal has, to tell what has too many.
      const parts = sealed.split('.', 6);
      if (parts[0] !== version) return { type: 'foreign' };
      const { key: secret, id } = current();
      if (parts[1] !== id) return { type: 'foreign' };
      const [nonce, hidden, tag] = parts.slice(2).map((part) => Buffer.from(part, 'base64url'));
      if (parts.length !== 5 || nonce?.length !== nonceLength || hidden === undefined || tag?.length !== tagLength) {
        return { type: 'altered' };
      }
      const decipher = createDecipheriv(algorithm, secret, nonce, { authTagLength: tagLength });
      decipher.setAAD(associated(kind, id));
      decipher.setAuthTag(tag);
      try {
        const text = decipher.update(hidden);
        return { type: 'text', text: Buffer.concat([text, decipher.final()]).toString('utf8') };
      } catch {
        return { type: 'altered' };
      }
    },
  };
}

function associated(kind: SealedKind, id: string): Uint8Array {
  return Buffer.from(`${version}.${id}.${kind}`);
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
