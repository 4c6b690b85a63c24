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
