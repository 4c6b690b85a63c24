import { control } from '../harmony/encoding.ts';
import type { Handshake } from './backend.ts';

const ownEncoding = 'HarmonyGptOss';
/** The tokens at which a turn of the assistant ends. */
const ownStopTokens: readonly number[] = [control.return, control.call];

/**
 * In what an engine's Harmony differs from ours; empty: our tokens mean the same to it. A clause each.
 *
 * Control tokens are compared by name, which is all that a handshake tells of them; those that it knows beyond ours do
 * no harm. Stop tokens come in any order.
 */
export function handshakeDifferences({ encodingName, specialTokens, stopTokens }: Handshake): string[] {
  const found: string[] = [];
  if (encodingName !== ownEncoding) {
    found.push(`its encoding is ${JSON.stringify(encodingName.slice(0, 64))}, not '${ownEncoding}'`);
  }
  const known = new Set(specialTokens);
  const missing = Object.keys(control)
    .map((name) => `<|${name}|>`)
    .filter((name) => !known.has(name));
  if (missing.length > 0) found.push(`it does not know ${missing.join(', ')}`);
  const theirs = [...new Set(stopTokens)].toSorted((a, b) => a - b);
  if (theirs.join() !== ownStopTokens.join()) {
    const said = theirs.length === 0 ? 'nothing' : theirs.slice(0, 8).join(', ');
    found.push(`it stops at ${said}, not at ${ownStopTokens.join(', ')}`);
  }
  return found;
}
