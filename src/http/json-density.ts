import { setImmediate } from 'node:timers/promises';

const quoteMark = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBracket = 0x5b;
const openBrace = 0x7b;
const closeBracket = 0x5d;
const closeBrace = 0x7d;

/** Bytes that are looked at between two stops: some milliseconds. */
const bytesPerStep = 1 << 20;
/** What finding the end of a string costs, in bytes that could be looked at instead. */
const searchCost = 32;

export type JsonLimits = {
  /** Most commas and openings outside of strings, which is the number of values or more, but for one. */
  readonly values: number;
  /** Deepest nesting of arrays and objects. */
  readonly depth: number;
};

/**
 * Which limit a JSON text exceeds, found out without parsing it and without holding up anybody else: what `JSON.parse`
 * takes a second for is many small values, not many bytes, and what walks a value recursively has only so much stack.
 */
export async function exceededLimit(json: Buffer, limits: JsonLimits): Promise<keyof JsonLimits | null> {
  let values = 0;
  let depth = 0;
  let work = 0;
  let inString = false;
  let at = 0;
  while (at < json.length) {
    if (work >= bytesPerStep) {
      await setImmediate();
      work = 0;
    }
    if (inString) {
      const end = json.indexOf(quoteMark, at);
      if (end === -1) return null;
      let first = end;
      while (json[first - 1] === backslash) first--;
      inString = (end - first) % 2 === 1;
      work += searchCost + end - first;
      at = end + 1;
    } else {
      const byte = json[at];
      if (byte === quoteMark) inString = true;
      else if (byte === comma) values++;
      else if (byte === openBracket || byte === openBrace) {
        values++;
        if (++depth > limits.depth) return 'depth';
      } else if (byte === closeBracket || byte === closeBrace) depth--;
      if (values > limits.values) return 'values';
      work++;
      at++;
    }
  }
  return null;
}
