import { isUtf8 } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';
import { setImmediate } from 'node:timers/promises';
import { GatewayError } from '../core/errors.ts';
import { exceededLimit } from './json-density.ts';

/** Thousands of messages, more than fit into the context window. */
const mostValues = 25_000;
/** Deeper than any schema that a person reads. */
const deepest = 256;
/** Bytes below which a body can't hold up anybody. */
const smallBody = 64 * 1024;
/** Bytes that are decoded between two stops: some milliseconds. */
const decodedPerStep = 512 * 1024;

/**
 * Reads the JSON that a client sent, whichever way it came, without holding up anybody else for long.
 *
 * @param values most JSON values that it may hold, if others than usual.
 * @throws GatewayError when it is none, or one that would be too much work.
 */
export async function readJson(body: Buffer, values = mostValues): Promise<unknown> {
  if (!isUtf8(body)) throw new GatewayError('invalid_json', 'The request body is not UTF-8.');
  const large = body.length > smallBody;
  const exceeded = await exceededLimit(body, { values, depth: deepest });
  if (exceeded === 'values') {
    throw new GatewayError('invalid_value', `The request body holds more than ${values} JSON values.`);
  }
  if (exceeded === 'depth') {
    throw new GatewayError('invalid_value', `The request body is nested deeper than ${deepest} levels.`);
  }
  const text = large ? await decodeInSteps(body) : body.toString('utf8');
  try {
    const parsed = JSON.parse(text) as unknown;
    // What is done with a large body next is work for a turn of its own.
    if (large) await setImmediate();
    return parsed;
  } catch (cause) {
    throw new GatewayError('invalid_json', `The request body is not valid JSON: ${(cause as Error).message}.`);
  }
}

/** The text of UTF-8, made while others go on: what isn't ASCII is decoded slowly. */
async function decodeInSteps(body: Buffer): Promise<string> {
  const decoder = new StringDecoder('utf8');
  let text = '';
  for (let at = 0; at < body.length; at += decodedPerStep) {
    text += decoder.write(body.subarray(at, at + decodedPerStep));
    await setImmediate();
  }
  return text + decoder.end();
}
