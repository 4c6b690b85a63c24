import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { decodeValue } from '../../src/xpc/decode.ts';
import { createFrameReader } from '../../src/xpc/framing.ts';
import type { XpcDictionary } from '../../src/xpc/value.ts';
import { endWith } from './cleanup.ts';
import type { Lifetime } from './cleanup.ts';
import { createCondition } from './condition.ts';

/** A message that has passed, in either direction. */
export type Passed = {
  readonly from: 'gateway' | 'daemon';
  readonly type: string;
  readonly requestId: string;
  readonly message: XpcDictionary;
};

/** Stands between a gateway and its daemon, passes every byte on, and keeps what was said in its order. */
export type Tap = {
  readonly passed: readonly Passed[];
  /** The `count`th message of this type, awaited. */
  seen(type: string, count?: number): Promise<Passed>;
  /** The types that have passed, those of one request or all. */
  types(requestId?: string): string[];
};

export async function startTap(path: string, daemonPath: string, lifetime: Lifetime): Promise<Tap> {
  const passed: Passed[] = [];
  const record = createCondition();
  const sockets = new Set<Socket>();

  function pass(from: Passed['from'], source: Socket, target: Socket): void {
    sockets.add(source);
    const reader = createFrameReader((frame) => {
      const message = decodeValue(Buffer.from(frame)) as XpcDictionary;
      const text = (key: string) => message.get(key) as string;
      passed.push({ from, type: text('type'), requestId: text('req_id'), message });
    });
    source.on('data', (chunk: Buffer) => {
      reader.push(chunk);
      if (!target.write(chunk)) {
        source.pause();
        target.once('drain', () => source.resume());
      }
      record.changed();
    });
    source.on('error', () => undefined);
    source.on('close', () => {
      sockets.delete(source);
      target.destroy();
    });
  }

  const server = createServer((socket) => {
    const daemon = connect(daemonPath);
    pass('gateway', socket, daemon);
    pass('daemon', daemon, socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
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
    passed,
    seen: (type, count = 1) => record.until(() => passed.filter((each) => each.type === type)[count - 1]),
    types: (requestId) =>
      passed.filter((each) => requestId === undefined || each.requestId === requestId).map(({ type }) => type),
  };
}
