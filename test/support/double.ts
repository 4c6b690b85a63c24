import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { control } from '../../src/harmony/encoding.ts';
import { decodeValue } from '../../src/xpc/decode.ts';
import { encodeValue } from '../../src/xpc/encode.ts';
import { createFrameReader, encodeFrame } from '../../src/xpc/framing.ts';
import { dictionary, uint64 } from '../../src/xpc/value.ts';
import type { XpcDictionary, XpcValue } from '../../src/xpc/value.ts';
import { endWith } from './cleanup.ts';
import type { Lifetime } from './cleanup.ts';
import { createCondition } from './condition.ts';
import { temporaryDirectory } from './process.ts';

/** What a gateway said, and to whom the answer goes. */
export type Heard = {
  readonly type: string;
  readonly requestId: string;
  readonly message: XpcDictionary;
  readonly connection: DoubleConnection;
  /** Sends a well-formed message of this request. */
  say(type: string, fields?: Fields): void;
};

export type DoubleConnection = {
  readonly socket: Socket;
  /** Sends messages in one write. */
  send(...messages: readonly XpcValue[]): void;
  sendBytes(bytes: Uint8Array): void;
};

type Fields = { readonly [name: string]: XpcValue };

/** A daemon written by hand, which says what the real one never should. */
export type Double = {
  readonly service: string;
  readonly heard: readonly Heard[];
  /** The `count`th message of this type, awaited. */
  hears(type: string, count?: number): Promise<Heard>;
  /** Connections so far, those that are gone counted. */
  connections(): number;
  /** Resolves when this many connections are gone. */
  gone(count: number): Promise<unknown>;
};

/** The handshake of a daemon whose Harmony is ours. */
export const introduced: Fields = {
  harmony_semver: 'unknown',
  encoding_name: 'HarmonyGptOss',
  special_tokens: Object.keys(control).map((name) => `<|${name}|>`),
  stop_tokens_for_assistant_actions: [uint64(control.call), uint64(control.return)],
};

/**
 * @param answer is called with every message that comes; what it doesn't answer stays unanswered.
 * @param manners `polite`: health and handshake are answered as they should be, and `answer` doesn't hear of them.
 */
export async function startDouble(
  answer: (heard: Heard) => void = () => undefined,
  lifetime: Lifetime = 'test',
  manners: 'polite' | 'rude' = 'polite',
): Promise<Double> {
  const service = join(temporaryDirectory(lifetime), 'double.sock');
  const heard: Heard[] = [];
  const record = createCondition();
  const sockets = new Set<Socket>();
  let opened = 0;
  let closed = 0;

  const server = createServer((socket) => {
    opened += 1;
    sockets.add(socket);
    const connection: DoubleConnection = {
      socket,
      send: (...messages) =>
        void socket.write(Buffer.concat(messages.map((message) => encodeFrame(encodeValue(message))))),
      sendBytes: (bytes) => void socket.write(bytes),
    };
    const reader = createFrameReader((frame) => {
      const message = decodeValue(Buffer.from(frame)) as XpcDictionary;
      const requestId = message.get('req_id') as string;
      const each: Heard = {
        type: message.get('type') as string,
        requestId,
        message,
        connection,
        say: (type, fields) => connection.send(reply(requestId, type, fields)),
      };
      if (manners === 'polite' && each.type === 'health') return each.say('health.ok');
      if (manners === 'polite' && each.type === 'handshake') return each.say('handshake.ok', introduced);
      heard.push(each);
      record.changed();
      answer(each);
    });
    socket.on('data', (chunk: Buffer) => reader.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      closed += 1;
      record.changed();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(service, resolve);
  });
  endWith(
    lifetime,
    () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(resolve);
      }),
  );
  return {
    service,
    heard,
    hears: (type, count = 1) => record.until(() => heard.filter((each) => each.type === type)[count - 1]),
    connections: () => opened,
    gone: (count) => record.until(() => closed >= count),
  };
}

/** A message as the daemon sends it. */
export function reply(requestId: string, type: string, fields: Fields = {}): XpcDictionary {
  return dictionary({ service: 'codexpc', proto_version: uint64(1), req_id: requestId, type, ...fields });
}

export const created: Fields = { features: ['health', 'text_input'] };

export function completed(outputTokens = 1): Fields {
  return {
    response_id: 'r',
    token_usage: dictionary({
      input_tokens: uint64(5),
      output_tokens: uint64(outputTokens),
      total_tokens: uint64(5 + outputTokens),
    }),
  };
}

/** Answers a session with these texts, and ends it. */
export function answerWith(heard: Heard, ...texts: readonly string[]): void {
  heard.say('created', created);
  for (const text of texts) heard.say('output_text.delta', { text });
  heard.say('completed', completed());
}
