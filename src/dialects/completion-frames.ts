import type { Frame } from '../core/dialect.ts';
import { errorEnvelope } from '../core/errors.ts';
import type { GatewayError } from '../core/errors.ts';
import { jsonLine } from './json-line.ts';

/** A frame of a stream whose frames have no event's name: those of Chat Completions and of the API before it. */
export function frame(value: unknown): Frame {
  return { event: null, data: jsonLine(value) };
}

export const doneFrame: Frame = { event: null, data: '[DONE]' };

const commentFrame: Frame = { event: null, data: null };

/** No `[DONE]` follows: an answer that broke off must not look complete. */
export function failureFrames(error: GatewayError): Frame[] {
  return [frame(errorEnvelope(error))];
}

export function keepAliveFrame(): Frame {
  return commentFrame;
}
