import type { Seals } from './seals.ts';

type Item = { readonly [field: string]: unknown };

/** What `include` asks for when a client wants its reasoning sealed. */
const sealedReasoning = 'reasoning.encrypted_content';

/**
 * Shows stored items as `include` asks for: reasoning, sealed as it would have been had it been asked for when it was
 * made. What is sealed already stays so.
 */
export function shownItems<Shown extends Item>(
  items: readonly Shown[],
  include: readonly string[],
  seals: Seals,
): Shown[] {
  const isSealed = include.includes(sealedReasoning);
  return items.map((item) => (isSealed ? withSeal(item, seals) : item));
}

function withSeal<Shown extends Item>(item: Shown, seals: Seals): Shown {
  if (item['type'] !== 'reasoning' || item['status'] === 'in_progress') return item;
  if (typeof item['encrypted_content'] === 'string') return item;
  const text = textOf(item['content'], '') || textOf(item['summary'], '\n\n');
  return text === '' ? item : { ...item, encrypted_content: seals.seal('reasoning', text) };
}

/** The schema of items saw to the parts before they were stored. */
function textOf(parts: unknown, separator: string): string {
  if (!Array.isArray(parts)) return '';
  return (parts as readonly { readonly text: string }[]).map(({ text }) => text).join(separator);
}
