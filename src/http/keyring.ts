import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '../core/api-keys.ts';
import { GatewayError } from '../core/errors.ts';

/** Who may ask: the keys in force, which others may replace while the server runs. */
export type Keyring = {
  /** No key is asked for. */
  isOpen(): boolean;
  /** The key in force that this is; null: none. All are compared, by digest and in constant time. */
  find(secret: string): ApiKey | null;
  /**
   * A key that was found earlier, as it is in force now; null, which stands for none, only where none is asked for.
   *
   * @throws GatewayError `invalid_api_key` when it isn't any more.
   */
  renew(key: ApiKey | null): ApiKey | null;
  replace(keys: readonly ApiKey[]): void;
};

export function createKeyring(initial: readonly ApiKey[]): Keyring {
  let known: readonly { readonly key: ApiKey; readonly digest: Buffer }[] = [];

  function replace(keys: readonly ApiKey[]): void {
    known = keys.map((key) => ({ key, digest: Buffer.from(key.hash, 'hex') }));
  }
  replace(initial);

  return {
    isOpen: () => known.length === 0,
    find(secret) {
      const given = createHash('sha256').update(secret).digest();
      let found: ApiKey | null = null;
      for (const { key, digest } of known) if (timingSafeEqual(digest, given)) found = key;
      return found;
    },
    renew(key) {
      if (known.length === 0) return null;
      const now = known.find((other) => other.key.hash === key?.hash);
      if (now !== undefined) return now.key;
      throw new GatewayError('invalid_api_key', 'Incorrect API key provided: it is not one that is known any more.');
    },
    replace,
  };
}
