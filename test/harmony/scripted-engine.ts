import type { Backend, BackendEvent, Session } from '../../src/backends/backend.ts';
import type { GatewayError } from '../../src/core/errors.ts';
import { control } from '../../src/harmony/encoding.ts';
import type { Encoding } from '../../src/harmony/encoding.ts';

/** A message that the model says. A recipient is written as GPT-OSS writes it: behind the channel. */
export type Said =
  | { readonly channel: 'analysis' | 'commentary' | 'final'; readonly text: string }
  | { readonly recipient: string; readonly input: string };

/** What a session left in the engine's cache: what it was given, and what it sampled. */
export type Held = { readonly prefill: Uint32Array; readonly sampled: readonly number[] };

export type ScriptedEngine = {
  readonly backend: Backend;
  /** What the next session says; one script a session. */
  readonly scripts: (readonly Said[])[];
  /** Every session that has ended, oldest first. */
  readonly sessions: Held[];
};

/** Ids in one delta: small enough for characters and headers to be cut anywhere. */
const idsPerDelta = 5;

/**
 * An engine that samples what it is told to, in real tokens, and stops at its token limit or when it is cancelled. It
 * stands in for the daemon and the model alone: everything in front of it is the gateway.
 */
export function createScriptedEngine(encoding: Encoding): ScriptedEngine {
  const scripts: (readonly Said[])[] = [];
  const sessions: Held[] = [];
  return {
    scripts,
    sessions,
    backend: {
      name: 'simulator',
      open(request, onFree): Session {
        const script = scripts.shift();
        if (script === undefined) throw new Error('Nobody told the engine what to say.');
        const ids = sampledIds(encoding, script, request.primeFinal).slice(0, request.maxOutputTokens ?? Infinity);
        const sampled: number[] = [];
        let cancelled = false;
        let failure: GatewayError | null = null;

        async function* sample(): AsyncGenerator<readonly BackendEvent[], void, undefined> {
          try {
            yield [{ type: 'created', output: 'tokens', start: request.primeFinal ? 'final' : 'assistant' }];
            while (sampled.length < ids.length && !cancelled) {
              const delta = ids.slice(sampled.length, sampled.length + idsPerDelta);
              sampled.push(...delta);
              yield [{ type: 'token-delta', ids: delta }];
            }
            if (failure !== null) throw failure;
            const usage = { inputTokens: request.prefill.length, outputTokens: sampled.length };
            yield [{ type: 'completed', usage }];
          } finally {
            sessions.push({ prefill: request.prefill, sampled });
            onFree('free');
          }
        }

        const cancel = (): void => {
          cancelled = true;
        };
        return {
          events: sample(),
          cancel,
          abandon(error) {
            failure = error;
            cancel();
          },
        };
      },
      health: () => Promise.resolve(),
      introduce: () => Promise.reject(new Error('nobody asks')),
      close: () => Promise.resolve(),
    },
  };
}

/** The ids of these messages, behind `<|start|>assistant`; `primed`: inside the final channel, which is all there is. */
function sampledIds(encoding: Encoding, said: readonly Said[], primed: boolean): number[] {
  const ids: number[] = [];
  for (const [index, message] of said.entries()) {
    if (index > 0) ids.push(control.start, ...encoding.encode('assistant'));
    if ('recipient' in message) {
      ids.push(control.channel, ...encoding.encode(`commentary to=${message.recipient} `));
      ids.push(control.constrain, ...encoding.encode('json'), control.message);
      ids.push(...encoding.encode(message.input), control.call);
    } else {
      if (!primed) ids.push(control.channel, ...encoding.encode(message.channel), control.message);
      ids.push(...encoding.encode(message.text), message.channel === 'final' ? control.return : control.end);
    }
  }
  return ids;
}
