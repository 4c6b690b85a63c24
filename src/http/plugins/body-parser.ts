import { isUtf8 } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';
import { setImmediate } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GatewayError } from '../../core/errors.ts';
import { exceededLimit } from '../json-density.ts';

/** Thousands of messages, more than fit into the context window; deeper than any schema that a person reads. */
const limits = { values: 25_000, depth: 256 };
/** Bytes below which a body can't hold up anybody. */
const smallBody = 64 * 1024;
/** Bytes that are decoded between two stops: some milliseconds. */
const decodedPerStep = 512 * 1024;

/** Takes JSON in UTF-8 and nothing else; a client that sends something else is told so before its body is read. */
export function registerBodyParser(fastify: FastifyInstance, { bodyLimit }: { readonly bodyLimit: number }): void {
  fastify.removeAllContentTypeParsers();

  fastify.addHook('onRequest', async (request) => {
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') {
      throw new GatewayError('unsupported_media_type', 'Compressed request bodies are not taken; send plain JSON.');
    }
    const length = Number(request.headers['content-length'] ?? 0);
    if (length > bodyLimit) {
      throw new GatewayError(
        'payload_too_large',
        `The request body has ${length} bytes; this server takes ${bodyLimit} (server.bodyLimit).`,
      );
    }
  });

  const json = /^application\/(?:[\w.-]+\+)?json\b/i;
  fastify.addContentTypeParser(json, { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) => {
    // Some clients send a content type with a DELETE that has no body.
    if (body.length === 0) return undefined;
    if (!isUtf8(body)) throw new GatewayError('invalid_json', 'The request body is not UTF-8.');
    const large = body.length > smallBody;
    const exceeded = await exceededLimit(body, limits);
    if (exceeded === 'values') {
      throw new GatewayError('invalid_value', `The request body holds more than ${limits.values} JSON values.`);
    }
    if (exceeded === 'depth') {
      throw new GatewayError('invalid_value', `The request body is nested deeper than ${limits.depth} levels.`);
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
  });
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
