import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decode, endDecoding, openDecoder } from '../../src/harmony/decoder.ts';
import type { DecoderOptions } from '../../src/harmony/decoder.ts';
import { createEncoding } from '../../src/harmony/encoding.ts';
import { decodedMessages } from './decoded-messages.ts';
import type { DecodedMessage } from './decoded-messages.ts';

/** Ids and the messages that the reference implementation finds in them; written by make_decoder_vectors.py. */
type Vector = {
  readonly name: string;
  readonly start: DecoderOptions['start'];
  readonly ids: readonly number[];
  readonly messages: readonly Omit<DecodedMessage, 'by'>[];
};

const encoding = createEncoding();
const path = new URL('vectors/decoder.json', import.meta.url);
const vectors = JSON.parse(readFileSync(path, 'utf8')) as Vector[];

describe('what keeps to the format is decoded as the reference decodes it', () => {
  test.each(vectors)('$name', ({ start, ids, messages }) => {
    const decoder = openDecoder({ encoding, start });
    const decoded = decodedMessages([...decode(decoder, ids), ...endDecoding(decoder)]);
    expect(decoded.map(({ by: _, ...message }) => message)).toEqual(messages);
  });

  test.each(vectors)('$name, id by id', ({ start, ids, messages }) => {
    const decoder = openDecoder({ encoding, start });
    const decoded = decodedMessages([...ids.flatMap((id) => decode(decoder, [id])), ...endDecoding(decoder)]);
    expect(decoded.map(({ by: _, ...message }) => message)).toEqual(messages);
  });
});
