import type { Frame } from '../../core/dialect.ts';
import { jsonLine } from '../json-line.ts';

/** What all chunks of a stream, and the object that stands for them, have in common. */
export type Completion = {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
  /** The request spoke of a service tier, so the answer has to. */
  readonly showTier: boolean;
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
 * The text of a chunk around what varies. `JSON.stringify` of whole chunks would be the larger part of a delta's cost,
 * so a delta is `open + … + close` with its few varying texts quoted one by one.
 */
export type ChunkTemplate = {
  /** Up to the delta's `{`, which is included. */
  readonly open: string;
  /** From the delta's `}`, which is included. */
  readonly close: string;
};

export function chunkTemplate(completion: Completion, index: number, includeUsage: boolean): ChunkTemplate {
  const shared = jsonLine(sharedFields(completion, 'chat.completion.chunk')).slice(0, -1);
  const end = includeUsage ? '],"usage":null}' : ']}';
  return {
    open: `${shared},"choices":[{"index":${index},"delta":{`,
    close: `},"logprobs":null,"finish_reason":null}${end}`,
  };
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

export function frame(value: unknown): Frame {
  return { event: null, data: jsonLine(value) };
}

export const doneFrame: Frame = { event: null, data: '[DONE]' };
export const commentFrame: Frame = { event: null, data: null };
