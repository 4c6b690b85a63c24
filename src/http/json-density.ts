import { setImmediate } from 'node:timers/promises';

const quoteMark = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBracket = 0x5b;
const openBrace = 0x7b;

/** Bytes that are looked at between two stops: some milliseconds. */
const bytesPerStep = 1 << 20;
/** What finding the end of a string costs, in bytes that could be looked at instead. */
const searchCost = 32;

/**
 * Whether a JSON text holds more than so many values, found out without parsing it and without holding up anybody else:
 * what `JSON.parse` takes a second for is many small values, not many bytes.
 *
 * Counts commas and openings outside of strings, which is the number of values or more, but for one.
 */
export async function holdsMoreValues(json: Buffer, limit: number): Promise<boolean> {
  let values = 0;
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
      if (end === -1) return false;
      let first = end;
      while (json[first - 1] === backslash) first--;
      inString = (end - first) % 2 === 1;
      work += searchCost + end - first;
      at = end + 1;
    } else {
      const byte = json[at];
      if (byte === quoteMark) inString = true;
      else if ((byte === comma || byte === openBracket || byte === openBrace) && ++values > limit) return true;
      work++;
      at++;
    }
  }
  return false;
}
