import OpenAI from 'openai';
import { createEncoding } from '../../src/harmony/encoding.ts';
import type { Store } from '../../src/store/store.ts';
import { endWith } from '../support/cleanup.ts';
import type { Lifetime } from '../support/cleanup.ts';
import { startGateway } from '../support/gateway.ts';
import type { TestGateway } from '../support/gateway.ts';
import { memoryStore } from '../support/memory-store.ts';

export const encoding = createEncoding();
export const model = 'gpt-oss-20b';

export type StateGateway = TestGateway & {
  readonly store: Store;
  readonly client: OpenAI;
  /** The texts of the prompts that the daemon got, in order. */
  prompts(): string[];
};

/** A whole gateway with a store in memory, and OpenAI's own client for it. */
export async function startStateGateway(
  lifetime: Lifetime,
  options: { readonly store?: Store; readonly settings?: string } = {},
): Promise<StateGateway> {
  const store = options.store ?? (await memoryStore());
  endWith(lifetime, store.close);
  const gateway = await startGateway({ encoding, ...options, store });
  endWith(lifetime, gateway.close);
  return {
    ...gateway,
    store,
    client: new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 }),
    prompts: () =>
      gateway.received.flatMap((message) => {
        const tokens = message.get('prefill_tokens');
        if (!(tokens instanceof Uint8Array)) return [];
        const view = new DataView(tokens.buffer, tokens.byteOffset, tokens.byteLength);
        return [
          encoding.decode(Array.from({ length: tokens.length / 4 }, (_, index) => view.getUint32(index * 4, true))),
        ];
      }),
  };
}
