import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import { encodeValue } from '../../src/xpc/encode.ts';
import { dictionary, uint64 } from '../../src/xpc/value.ts';
import { echo, listen, newSocketPath } from './peer.ts';
import { countDescriptors, countThreads, endOfFile, loadShim, openConnection, until } from './shim.ts';

const library = loadShim();
let place: ReturnType<typeof newSocketPath>;

beforeEach(() => {
  place = newSocketPath();
});

afterEach(() => {
  place.remove();
});

const numbered = (n: number) => encodeValue(dictionary({ n: uint64(n) }));

const failure = (action: () => void): GatewayError => {
  try {
    action();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('the life of a connection', () => {
  test('a service that is not there ends in "$closed" and the end of the file', async () => {
    const connection = openConnection(library, place.path);
    expect(await connection.next()).toBe('$closed');
    expect(await connection.next()).toBe(endOfFile);
    expect(failure(() => library.send(connection.handle, numbered(1), null))).toMatchObject({
      code: 'backend_lost',
      message: 'The connection to the daemon has ended.',
    });
    library.close(connection.handle);
  });

  test('closing ends in "$closed" and the end of the file', async () => {
    const peer = await listen(place.path, echo);
    const connection = openConnection(library, place.path);
    library.send(connection.handle, numbered(1), null);
    expect(await connection.next()).toEqual({ n: 1 });
    library.close(connection.handle);
    expect(await connection.next()).toBe('$closed');
    expect(await connection.next()).toBe(endOfFile);
    await until(() => peer.sockets.size === 0);
    await peer.close();
  });

  test('a stale handle is an error for send and nothing for close', async () => {
    const peer = await listen(place.path, echo);
    const connection = openConnection(library, place.path);
    library.close(connection.handle);
    library.close(connection.handle);
    const other = openConnection(library, place.path);
    expect(other.handle).not.toBe(connection.handle);
    for (const handle of [connection.handle, 0, -1, 2 ** 31 - 1]) {
      expect(failure(() => library.send(handle, numbered(1), null))).toMatchObject({
        message: 'The connection to the daemon has been closed already.',
      });
    }
    library.send(other.handle, numbered(2), null);
    expect(await other.next()).toEqual({ n: 2 });
    library.close(other.handle);
    expect(await other.next()).toBe('$closed');
    await peer.close();
  });

  test('a service that dies interrupts, and the next message reaches its successor', async () => {
    let peer = await listen(place.path, echo);
    const connection = openConnection(library, place.path);
    library.send(connection.handle, numbered(1), null);
    expect(await connection.next()).toEqual({ n: 1 });
    await peer.close();
    expect(await connection.next()).toBe('$interrupted');
    library.send(connection.handle, numbered(2), null);
    expect(await connection.next()).toBe('$interrupted');
    peer = await listen(place.path, echo);
    library.send(connection.handle, numbered(3), null);
    expect(await connection.next()).toEqual({ n: 3 });
    library.close(connection.handle);
    expect(await connection.next()).toBe('$closed');
    await peer.close();
  });

  test('a service that talks nonsense is dropped like one that died', async () => {
    const peer = await listen(place.path, (message, connection) => {
      connection.send(message);
      connection.socket.write('\u0005\0\0\0nonsense');
    });
    const connection = openConnection(library, place.path);
    for (const n of [1, 2]) {
      library.send(connection.handle, numbered(n), null);
      expect(await connection.next()).toEqual({ n });
      expect(await connection.next()).toBe('$interrupted');
    }
    library.close(connection.handle);
    expect(await connection.next()).toBe('$closed');
    await peer.close();
  });

  test('a service in the same thread that is slow to read does not hold up a sender', async () => {
    const messages = 50;
    const payload = Buffer.alloc(1024 * 1024, 7);
    let bytes = 0;
    const peer = await listen(place.path, (message) => {
      bytes += ((message as ReadonlyMap<string, Uint8Array>).get('payload') as Uint8Array).byteLength;
    });
    const connection = openConnection(library, place.path);
    // The peer can only accept and read when this loop is over.
    for (let n = 0; n < messages; n++) library.send(connection.handle, encodeValue(dictionary({ payload })), null);
    await until(() => bytes === messages * payload.length);
    library.close(connection.handle);
    expect(await connection.next()).toBe('$closed');
    await peer.close();
  });

  test('a reader that leaves without closing ends the connection at the next event', async () => {
    const peer = await listen(place.path, echo);
    const connection = openConnection(library, place.path);
    await until(() => peer.sockets.size === 1);
    connection.socket.destroy();
    expect(await connection.next()).toBe(endOfFile);
    library.send(connection.handle, numbered(1), null);
    await until(() => peer.sockets.size === 0);
    await until(() => {
      try {
        library.send(connection.handle, numbered(2), null);
        return false;
      } catch {
        return true;
      }
    });
    library.close(connection.handle);
    await peer.close();
  });

  test('a thousand connections leave no descriptor and no thread behind', async () => {
    const peer = await listen(place.path, echo);
    const descriptors = countDescriptors();
    const threads = countThreads();
    for (let cycle = 0; cycle < 1000; cycle++) {
      const connection = openConnection(library, place.path);
      if (cycle % 2 === 0) {
        library.send(connection.handle, numbered(cycle), null);
        expect(await connection.next()).toEqual({ n: cycle });
      }
      library.close(connection.handle);
      if (cycle % 3 === 0) connection.socket.destroy();
      else expect(await connection.next()).toBe('$closed');
    }
    await until(() => peer.sockets.size === 0 && countDescriptors() <= descriptors && countThreads() <= threads);
    await peer.close();
  });
});

describe('service names', () => {
  test('a NUL is refused before it is cut', () => {
    expect(failure(() => library.open('a\0b'))).toMatchObject({ code: 'backend_unavailable' });
  });

  test.each(['', 'x'.repeat(1024), 'ü'.repeat(512)])('an empty or overlong name is refused', (name) => {
    expect(failure(() => library.open(name)).message).toBe('The service name is empty or too long.');
  });

  test('a path too long for a socket is a service that is not there', async () => {
    const connection = openConnection(library, `/${'x'.repeat(300)}`);
    expect(await connection.next()).toBe('$closed');
    library.close(connection.handle);
  });
});
