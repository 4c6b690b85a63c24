import { once } from 'node:events';
import { expect, test } from 'vitest';
import { encodeValue } from '../../src/xpc/encode.ts';
import { encodeFrame } from '../../src/xpc/framing.ts';
import { dictionary, uint64 } from '../../src/xpc/value.ts';
import { listen, newSocketPath } from './peer.ts';
import { loadShim, openConnection } from './shim.ts';
import type { PeerConnection } from './peer.ts';

const library = loadShim();
const messageCount = 12_500;
const payload = 'x'.repeat(4096);

test('50 MB for a reader that pauses wait with the service: memory is bounded, nothing is lost, the order is kept', async () => {
  const place = newSocketPath();
  let sent = 0;
  /** Sends as fast as it is let. */
  async function flood({ socket }: PeerConnection): Promise<void> {
    for (; sent < messageCount; sent++) {
      const frame = encodeFrame(encodeValue(dictionary({ index: uint64(sent), payload })));
      if (!socket.write(frame)) await once(socket, 'drain');
    }
  }
  const peer = await listen(place.path, (_message, connection) => void flood(connection));
  const connection = openConnection(library, place.path);
  library.send(connection.handle, encodeValue(dictionary({ type: 'flood' })), null);
  expect(await connection.next()).toEqual({ index: 0, payload });
  connection.socket.pause();

  // Until the service has come to a stop.
  for (let before = -1; before !== sent;) {
    before = sent;
    await new Promise((resolve) => {
      setTimeout(resolve, 200);
    });
  }
  expect(sent * payload.length).toBeLessThan(8 * 1024 * 1024);

  connection.socket.resume();
  for (let index = 1; index < messageCount; index++) {
    const event = (await connection.next()) as { readonly index: number; readonly payload: string };
    if (event.index !== index || event.payload !== payload) expect(event).toEqual({ index, payload });
  }
  library.close(connection.handle);
  expect(await connection.next()).toBe('$closed');
  await peer.close();
  place.remove();
});

test('a connection whose reader pauses holds no other up', async () => {
  const place = newSocketPath();
  const peer = await listen(place.path, (message, connection) => {
    const copies = (message as ReadonlyMap<string, unknown>).has('much') ? 2000 : 1;
    for (let copy = 0; copy < copies; copy++) connection.send(dictionary({ payload }));
  });
  const paused = openConnection(library, place.path);
  library.send(paused.handle, encodeValue(dictionary({ much: true })), null);
  expect(await paused.next()).toEqual({ payload });
  paused.socket.pause();
  const other = openConnection(library, place.path);
  for (let round = 0; round < 20; round++) {
    library.send(other.handle, encodeValue(dictionary({})), null);
    expect(await other.next()).toEqual({ payload });
  }
  for (const { handle, socket } of [paused, other]) {
    library.close(handle);
    socket.destroy();
  }
  await peer.close();
  place.remove();
});
