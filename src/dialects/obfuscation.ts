/** What deltas are padded with. It tells nobody anything: only the client can read it. */
const padding = '.'.repeat(16);

/**
 * The JSON of a delta, with an `obfuscation` that makes its length a multiple of 16 bytes: deltas of about the same length
 * then look alike to somebody who sees no more than the sizes of an encrypted stream.
 */
export function obfuscated(json: string): string {
  const open = `${json.slice(0, -1)},"obfuscation":"`;
  const surplus = (Buffer.byteLength(open) + '"}'.length) % padding.length;
  return `${open}${surplus === 0 ? '' : padding.slice(surplus)}"}`;
}
