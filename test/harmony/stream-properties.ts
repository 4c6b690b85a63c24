import { expect } from 'vitest';
import { finishReading, openAnswerReader, readDecoded } from '../../src/harmony/answer-reader.ts';
import type { BlockEvent } from '../../src/harmony/answer-blocks.ts';
import { decode, endDecoding, openDecoder } from '../../src/harmony/decoder.ts';
import type { Encoding } from '../../src/harmony/encoding.ts';
import { repairsOf } from '../../src/harmony/repairs.ts';
import { createToolNames } from '../../src/harmony/tool-names.ts';
import { readBlocks } from './block-grammar.ts';
import { decodedMessages } from './decoded-messages.ts';
import type { RandomStream } from './random-stream.ts';
import type { Random } from './random.ts';
import { customTool, functionTool } from './turns.ts';

const controlText = /<\|[a-z_0-9]*\|>/u;
const tools = createToolNames([functionTool('f'), customTool('get_weather')]);

/** What a stream says, decoded and read, when it comes in these pieces. Fails when a promise of either is broken. */
function follow(encoding: Encoding, start: RandomStream['start'], pieces: readonly (readonly number[])[]) {
  const decoder = openDecoder({ encoding, start });
  let calls = 0;
  const reader = openAnswerReader({
    tools,
    callsAllowed: pieces.flat().length % 3 > 0,
    stop: ['STOP', '\n\n'],
    ids: { next: () => `call_${(calls += 1)}` },
  });
  const events = [];
  const blocks: BlockEvent[] = [];
  for (const piece of pieces) {
    const decoded = decode(decoder, piece);
    if (decoded.filter((event) => event.type === 'text-delta').length > countMessages(decoded) + 1) {
      expect.fail('several deltas for one message');
    }
    events.push(...decoded);
    const over = reader.done !== null;
    const read = readDecoded(reader, decoded);
    if (over && read.length > 0) expect.fail('something after the end of the turn');
    blocks.push(...read);
  }
  const rest = endDecoding(decoder);
  events.push(...rest);
  blocks.push(...readDecoded(reader, rest));
  const end = finishReading(reader, 'length');
  return {
    messages: decodedMessages(events),
    blocks: readBlocks([...blocks, ...end.events]),
    reason: end.reason,
    repairs: [...repairsOf(decoder), ...repairsOf(reader)],
  };
}

/** Follows a stream in one piece, in random ones and id by id: the result is the same, and holds no control token. */
export function checkStream(encoding: Encoding, { start, ids }: RandomStream, random: Random) {
  const whole = follow(encoding, start, [ids]);
  const single = follow(
    encoding,
    start,
    ids.map((id) => [id]),
  );
  expect(single).toEqual(whole);
  expect(follow(encoding, start, inPieces(random, ids))).toEqual(whole);
  for (const { contentType, ...message } of whole.messages) {
    const texts = [...Object.values(message), contentType?.replace(/^<\|constrain\|>/u, '') ?? ''].join('\n');
    if (controlText.test(texts)) expect.fail(`a control token in ${JSON.stringify(message)}`);
  }
  for (const { block, text } of whole.blocks) {
    if (controlText.test(block + text)) expect.fail(`a control token in ${block}: ${text}`);
  }
  return whole;
}

function inPieces(random: Random, ids: readonly number[]): number[][] {
  const pieces: number[][] = [];
  for (let at = 0; at < ids.length;) {
    const length = random.below(6);
    pieces.push(ids.slice(at, at + length));
    at += length;
  }
  return pieces;
}

function countMessages(events: readonly { readonly type: string }[]): number {
  return events.filter((event) => event.type === 'message-start').length;
}
