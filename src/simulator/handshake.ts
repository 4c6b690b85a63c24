import { control, firstControlId } from '../harmony/encoding.ts';
import type { Encoding } from '../harmony/encoding.ts';
import { uint64 } from '../xpc/value.ts';
import { errorFields } from './outgoing.ts';
import type { Fields } from './outgoing.ts';

/**
 * How a daemon introduces itself. An object: with another Harmony than this project's, in what it gives. `unknown`: it
 * is from before there was a handshake, and drops it in silence. `broken`: its Harmony could not be started.
 */
export type HandshakeManner = OtherHarmony | 'unknown' | 'broken';

type OtherHarmony = {
  readonly encodingName?: string;
  readonly specialTokens?: readonly string[];
  readonly stopTokens?: readonly number[];
};

/** The reply's type and fields; null: there is none. */
export function handshakeReply(manner: HandshakeManner, encoding: Encoding): readonly [string, Fields] | null {
  if (manner === 'unknown') return null;
  if (manner === 'broken') {
    return ['handshake.error', errorFields('harmony_init_failed', 'the vocabulary could not be loaded')];
  }
  const { encodingName, specialTokens, stopTokens } = manner;
  return [
    'handshake.ok',
    {
      harmony_semver: 'unknown',
      encoding_name: encodingName ?? 'HarmonyGptOss',
      special_tokens: specialTokens ?? namesIn(encoding),
      stop_tokens_for_assistant_actions: (stopTokens ?? [control.return, control.call]).map((id) => uint64(id)),
    },
  ];
}

function namesIn(encoding: Encoding): string[] {
  const names: string[] = [];
  for (let id = firstControlId; ; id++) {
    const bytes = encoding.bytes(id);
    if (bytes === undefined) return names;
    names.push(Buffer.from(bytes).toString('utf8'));
  }
}
