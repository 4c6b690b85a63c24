import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { decodeValue } from '../../src/xpc/decode.ts';
import { encodeValue } from '../../src/xpc/encode.ts';
import { createFrameReader, encodeFrame } from '../../src/xpc/framing.ts';
import { dictionary, double, uint64 } from '../../src/xpc/value.ts';
import type { XpcDictionary, XpcValue } from '../../src/xpc/value.ts';

/** A message from the daemon, its values as plain JavaScript: numbers for numbers, objects for dictionaries. */
export type Received = { readonly type: string; readonly req_id: string } & { readonly [key: string]: unknown };

export type Client = ReturnType<typeof createClient>;

/** What a create message says beside its envelope. */
export type Create = { readonly [key: string]: XpcValue };

/** A tiny client of the daemon, in frames on the stand-in's socket. */
export function createClient(socketPath: string) {
  const socket: Socket = connect(socketPath);
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  let closed = false;
  const wake = () => {
    for (const look of waiting) look();
  };
  const reader = createFrameReader((frame) => {
    received.push(plain(decodeValue(Buffer.from(frame))) as Received);
    wake();
  });
  socket.on('data', (chunk: Buffer) => reader.push(chunk));
  socket.on('error', () => undefined);
  socket.on('close', () => {
    closed = true;
    wake();
  });

  /** Resolves when `found` finds something in what has been received; rejects when nothing more can come. */
  function until<Found>(found: (messages: readonly Received[]) => Found | undefined): Promise<Found> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const value = found(received);
        if (value === undefined && !closed) return;
        waiting.delete(look);
        if (value === undefined) reject(new Error('the connection was closed'));
        else resolve(value);
      };
      waiting.add(look);
      look();
    });
  }

  const envelope = (requestId: string, type: string) => ({
    service: 'codexpc',
    proto_version: uint64(1),
    req_id: requestId,
    type,
  });
  const sendValue = (value: XpcValue) => socket.write(encodeFrame(encodeValue(value)));
  const of = (requestId: string) => received.filter((message) => message.req_id === requestId);
  const end = (requestId: string) =>
    until((messages) =>
      messages.find(({ type, req_id }) => req_id === requestId && (type === 'completed' || type === 'error')),
    );

  return {
    socket,
    received,
    until,
    of,
    end,
    sendValue,
    sendBytes: (bytes: Uint8Array) => socket.write(bytes),
    send: (requestId: string, type: string, fields: Create = {}) =>
      sendValue(dictionary({ ...envelope(requestId, type), ...fields })),
    cancel: (requestId: string) => sendValue(dictionary(envelope(requestId, 'cancel'))),
    /** The first message of a type for a request. */
    next: (requestId: string, type: string) =>
      until((messages) => messages.find((message) => message.req_id === requestId && message.type === type)),
    /** Runs a session to its end and gives all that was said in it. */
    async run(requestId: string, fields: Create): Promise<readonly Received[]> {
      sendValue(dictionary({ ...envelope(requestId, 'create_from_tokens'), ...fields }));
      await end(requestId);
      return of(requestId);
    },
    gone: () =>
      new Promise<void>((resolve) => {
        if (closed) resolve();
        else socket.once('close', () => resolve());
      }),
    close: () =>
      new Promise<void>((resolve) => {
        if (closed) return resolve();
        socket.once('close', () => resolve());
        socket.destroy();
      }),
  };
}

/** Fields of a session on tokens. */
export function onTokens(tokens: Uint32Array, more: Create = {}): Create {
  return {
    model: 'gpt-oss',
    checkpoint_path: '/models/one.bin',
    prefill_tokens: new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength),
    sampling: dictionary({ temperature: double(1) }),
    temperature: double(1),
    ...more,
  };
}

export const finalText = (messages: readonly Received[]): string =>
  messages.map((message) => (message.type === 'output_text.delta' ? String(message['text']) : '')).join('');

export function idsOf(messages: readonly Received[]): number[] {
  return messages.flatMap((message) => {
    if (message.type !== 'output_token_ids.delta') return [];
    const bytes = Buffer.from(message['tokens'] as Uint8Array);
    return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32LE(index * 4));
  });
}

export type Item = { readonly type: string; readonly name: string } & { readonly [key: string]: unknown };

export const itemsOf = (messages: readonly Received[]): Item[] =>
  messages.flatMap((message) => (message.type === 'output_item.done' ? [message['item'] as Item] : []));

export const typesOf = (messages: readonly Received[]): string[] => messages.map(({ type }) => type);

function plain(value: XpcValue): unknown {
  if (value instanceof Map) {
    return Object.fromEntries([...(value as XpcDictionary)].map(([key, entry]) => [key, plain(entry)]));
  }
  if (Array.isArray(value)) return value.map((entry: XpcValue) => plain(entry));
  if (typeof value === 'object' && value !== null && 'value' in value) return Number(value.value);
  return value;
}
