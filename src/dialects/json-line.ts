// Legal in JSON strings as they are, yet ends of lines to readers such as Python's `str.splitlines`.
const lineEnds = /[\u0085\u2028\u2029]/;
const allLineEnds = /[\u0085\u2028\u2029]/g;

/** JSON for a stream's `data`: one line to every reader of lines, whatever Unicode it takes for a line's end. */
export function jsonLine(value: unknown): string {
  const json = JSON.stringify(value);
  if (!lineEnds.test(json)) return json;
  return json.replace(allLineEnds, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
