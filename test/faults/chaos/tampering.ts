import { decodeValue } from '../../../src/xpc/decode.ts';
import { encodeValue } from '../../../src/xpc/encode.ts';
import { uint64 } from '../../../src/xpc/value.ts';
import type { XpcDictionary, XpcValue } from '../../../src/xpc/value.ts';
import type { Random } from '../../harmony/random.ts';
import { reply } from '../../support/double.ts';
import type { Line, Tamper } from './proxy.ts';

type Frames = {
  readonly name: string;
  /** An answer that comes to its end in spite of it is the one that the daemon gave. */
  readonly keepsText: boolean;
  /** What is done to a frame, when its time has come. */
  readonly alter: (frame: Buffer, line: Line, random: Random) => void;
  /** Once on a connection is enough, or as much as there can be: then it happens at one frame alone. */
  readonly once?: boolean;
};

const changed = (frame: Buffer, change: { readonly [key: string]: XpcValue }) =>
  encodeValue(new Map([...(decodeValue(frame) as XpcDictionary), ...Object.entries(change)]));
const idOf = (frame: Buffer) => (decodeValue(frame) as XpcDictionary).get('req_id') as string;

/** The frame with another first byte in its `text`, by its bytes: no encoder would write such a text. */
function withByteInText(frame: Buffer, byte: number): Buffer {
  // The key, the tag of a string, four bytes of its length.
  const at = frame.indexOf('text\u0006') + 9;
  const copy = Buffer.from(frame);
  if (at > 8 && at < copy.length) copy[at] = byte;
  return copy;
}

const randomBytes = (random: Random, count: number) => Buffer.from(random.list(count, count, () => random.below(256)));

/** What can be done to the daemon's frames. */
export const tamperings: readonly Frames[] = [
  {
    name: 'half a frame, then the end',
    keepsText: true,
    once: true,
    alter(frame, line, random) {
      const whole = Buffer.concat([lengthOf(frame.length), frame]);
      line.bytes(whole.subarray(0, 1 + random.below(whole.length - 1)));
      line.cut();
    },
  },
  {
    name: 'half a frame, then silence',
    keepsText: true,
    once: true,
    alter(frame, line, random) {
      const whole = Buffer.concat([lengthOf(frame.length), frame]);
      line.bytes(whole.subarray(0, 1 + random.below(whole.length - 1)));
      line.fallSilent();
    },
  },
  {
    name: 'garbage between frames',
    keepsText: false,
    once: true,
    alter(frame, line, random) {
      line.frame(frame);
      line.bytes(randomBytes(random, 8 + random.below(200)));
    },
  },
  {
    name: 'garbage in a frame',
    keepsText: false,
    alter: (frame, line, random) => line.frame(randomBytes(random, frame.length)),
  },
  {
    name: 'a frame over the limit',
    keepsText: true,
    once: true,
    alter(_frame, line) {
      line.bytes(lengthOf(64 * 1024 * 1024 + 1));
      line.fallSilent();
    },
  },
  {
    name: 'unknown types',
    keepsText: true,
    alter(frame, line) {
      line.frame(changed(frame, { type: 'output_image.delta' }));
      line.frame(frame);
    },
  },
  {
    name: 'wrong req_ids',
    keepsText: false,
    alter: (frame, line) => line.frame(changed(frame, { req_id: 'nobody' })),
  },
  {
    name: 'replies to nobody',
    keepsText: true,
    alter(frame, line) {
      line.frame(encodeValue(reply('nobody', 'error', { code: 'engine_error', message: 'x' })));
      line.frame(frame);
    },
  },
  {
    name: 'events twice',
    keepsText: false,
    alter(frame, line) {
      line.frame(frame);
      line.frame(frame);
    },
  },
  {
    name: 'events in another order',
    keepsText: false,
    alter(frame, line) {
      // A text before all others, and whatever was read together with the frame before the frame.
      line.frame(changed(frame, { type: 'output_text.delta', text: 'early' }));
      setImmediate(() => line.frame(frame));
    },
  },
  { name: 'lost events', keepsText: false, alter: () => undefined },
  {
    name: 'a NUL in a text',
    keepsText: true,
    alter: (frame, line) => line.frame(withByteInText(frame, 0)),
  },
  {
    name: 'text that is not UTF-8',
    keepsText: false,
    alter: (frame, line) => line.frame(withByteInText(frame, 0xff)),
  },
  {
    name: 'a delta of 10 MB',
    keepsText: false,
    once: true,
    alter(frame, line) {
      line.frame(frame);
      line.frame(encodeValue(reply(idOf(frame), 'output_text.delta', { text: tenMegabytes })));
    },
  },
  {
    name: 'fields of another type',
    keepsText: true,
    alter: (frame, line) =>
      line.frame(changed(frame, { text: uint64(7), features: 'none', token_usage: true, item: null, tokens: [] })),
  },
  {
    name: 'bytes one by one',
    keepsText: true,
    alter(frame, line) {
      const whole = Buffer.concat([lengthOf(frame.length), frame]);
      for (const byte of whole.subarray(0, 100)) line.bytes(Buffer.of(byte));
      line.bytes(whole.subarray(100));
    },
  },
];

const tenMegabytes = 'a delta of ten megabytes, in which there is nothing '.repeat(200_000);

function lengthOf(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(length);
  return bytes;
}

/** Lets some frames pass and then alters one, or each second one or so. */
export function createTamper({ alter, once = false }: Frames, random: Random): Tamper {
  let passes = random.below(5);
  let done = false;
  return (frame, line) => {
    passes -= 1;
    if (passes >= 0 || (once && done) || (done && random.chance(0.5))) return line.frame(frame);
    done = true;
    alter(frame, line, random);
  };
}
