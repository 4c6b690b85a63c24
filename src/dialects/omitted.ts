import { GatewayError } from '../core/errors.ts';
import type { FieldRule } from './support.ts';

/** What GPT-OSS can't take in: it reads text only. */
export type OmittedKind = 'image' | 'audio' | 'file';

/**
 * Stands in a message where something was that the model can't read, so that it knows of it and can say so instead of
 * answering as if nothing had been there.
 */
export function omittedText(kind: OmittedKind): string {
  return `[${kind} omitted: this model reads text only]`;
}

/** Why; for the support tables and the log. */
export const omittedNote = 'the model reads text only, and a placeholder in the message says what was left out';

/** What becomes of what the model can't read: a placeholder, or an error. */
export type Attachments = 'placeholder' | 'refuse';

/** @param path where it is in the request. */
export function refusedAttachment(kind: OmittedKind, path: string): GatewayError {
  return new GatewayError(
    'unsupported_value',
    `'${path}' is ${kind === 'file' ? 'a file' : kind === 'image' ? 'an image' : 'audio'}, and the model reads text only (harmony.attachments: refuse).`,
    { param: path },
  );
}

/** A support table with everything refused that would become a placeholder. */
export function refusingAttachments(rules: readonly FieldRule[]): readonly FieldRule[] {
  const note = 'the model reads text only (harmony.attachments: refuse)';
  return rules.map((rule) => (rule.note === omittedNote ? { ...rule, support: 'refused', note } : rule));
}
