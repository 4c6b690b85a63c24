import type { Frame } from '../../core/dialect.ts';
import { frame } from '../completion-frames.ts';
import { jsonLine } from '../json-line.ts';
import { obfuscated } from '../obfuscation.ts';

/** What all chunks of a stream, and the object that stands for them, have in common. */
export type Completion = {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
  /** The request spoke of a service tier, so the answer has to. */
  readonly showTier: boolean;
};

export type ChunkOptions = {
  readonly includeUsage: boolean;
  /** Deltas are padded. */
  readonly obfuscate: boolean;
};

export function sharedFields(completion: Completion, object: 'chat.completion' | 'chat.completion.chunk') {
  return {
    id: completion.id,
    object,
    created: completion.created,
    model: completion.model,
    ...(completion.showTier ? { service_tier: 'default' } : {}),
    system_fingerprint: 'fp_codexpc',
  };
}

/**
 * The JSON of a choice's chunks, up to the members of their deltas. `JSON.stringify` of whole chunks would be the larger
 * part of a delta's cost, so the text around what varies is made once; joined, for V8 would keep a sum as its parts.
 */
export function chunkOpening(completion: Completion, index: number): string {
  const shared = jsonLine(sharedFields(completion, 'chat.completion.chunk')).slice(0, -1);
  return [shared, `,"choices":[{"index":${index},"delta":{`].join('');
}

const closing = '},"logprobs":null,"finish_reason":null}]}';
const closingWithUsage = '},"logprobs":null,"finish_reason":null}],"usage":null}';

/** A chunk of its choice's opening and the members of its delta. */
export function chunk(opening: string, delta: string, { includeUsage, obfuscate }: ChunkOptions): Frame {
  const json = opening + delta + (includeUsage ? closingWithUsage : closing);
  return { event: null, data: obfuscate ? obfuscated(json) : json };
}

/** The last chunk of a choice: nothing new but the reason. */
export function finishFrame(
  completion: Completion,
  index: number,
  finishReason: FinishReason,
  includeUsage: boolean,
): Frame {
  return frame({
    ...sharedFields(completion, 'chat.completion.chunk'),
    choices: [{ index, delta: {}, logprobs: null, finish_reason: finishReason }],
    ...(includeUsage ? { usage: null } : {}),
  });
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'function_call';
