import { Socket } from 'node:net';
import { GatewayError } from '../../core/errors.ts';
import { encodeValue } from '../../xpc/encode.ts';
import { createFrameReader } from '../../xpc/framing.ts';
import type { XpcDictionary } from '../../xpc/value.ts';
import { daemonMessage, isKnownType, messageHead } from './wire.ts';
import type { ShimLibrary } from './library.ts';
import type { DaemonMessage } from './wire.ts';

/** Is told what happens to one request id. One function, since there is one for each open stream. */
export type Receiver = (happening: LinkEvent) => void;

export type LinkEvent =
  | { readonly type: 'message'; readonly message: DaemonMessage }
  /** Everything that one read of the event socket brought has been given. */
  | { readonly type: 'read-end' }
  /** The daemon said something that can't be read; it may go on talking. */
  | { readonly type: 'broken'; readonly error: GatewayError }
  /**
   * Nothing more will come: the connection is gone. `daemon`: the process that was spoken to is `dead`, with whatever
   * it had said something of; or it may `live` on and take a moment to notice.
   */
  | { readonly type: 'lost'; readonly error: GatewayError; readonly daemon: 'dead' | 'live' };

/** One connection to the daemon, opened when it is first needed and again after it was lost. */
export type Link = {
  /**
   * Sends a message and, when there is a receiver, hands it all replies until it unsubscribes by `forget`.
   *
   * @throws GatewayError `backend_unavailable` when the connection can't be opened or the message not be sent.
   */
  send(message: XpcDictionary, tokens: Uint32Array | null, requestId: string, receiver: Receiver | null): void;
  forget(requestId: string): void;
  /** Drops the connection, which makes the daemon cancel its sessions; every receiver is told it is lost. */
  reset(reason: string): void;
  /** Resolves when the connections that were given up so far have ended: nothing is sent or received on them any more. */
  settled(): Promise<void>;
  /** Drops the connection for good; resolves when its socket has ended. */
  close(): Promise<void>;
};

export type LinkOptions = {
  readonly library: ShimLibrary;
  readonly service: string;
  /** Told of what is odd but harmless: unknown types, replies to nobody. */
  readonly onOddity: (what: string) => void;
  /** A connection was given up, for whatever reason; its receivers are told afterwards. */
  readonly onDrop?: () => void;
};

type Connection = {
  readonly handle: number;
  readonly socket: Socket;
  readonly ended: Promise<void>;
  live: boolean;
  heard: boolean;
};

export function createLink({ library, service, onOddity, onDrop }: LinkOptions): Link {
  const receivers = new Map<string, Receiver>();
  /** Receivers that got something from the read being handled. */
  const touched = new Set<Receiver>();
  let current: Connection | null = null;
  /** Given up, and not ended yet. */
  const ending = new Set<Connection>();

  function open(): Connection {
    const { handle, fd } = library.open(service);
    const socket = new Socket({ fd, readable: true, writable: false });
    const connection: Connection = {
      handle,
      socket,
      live: true,
      heard: false,
      ended: new Promise((resolve) => socket.once('close', () => resolve())),
    };
    const reader = createFrameReader((frame) => onFrame(connection, frame));
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (cause) {
        drop(
          connection,
          new GatewayError('backend_lost', 'The event stream from the native shim is broken.', { cause }),
        );
      }
      for (const receiver of touched) receiver({ type: 'read-end' });
      touched.clear();
    });
    socket.on('error', (cause) => {
      drop(connection, new GatewayError('backend_lost', 'The event socket of the native shim failed.', { cause }));
    });
    socket.on('close', () => {
      drop(connection, lostError());
    });
    return connection;
  }

  const lostError = () =>
    new GatewayError('backend_lost', 'The connection to the codexpc daemon was lost; the turn cannot go on.');

  /** A connection on which nothing is waited for must not keep the process alive. */
  function holdProcess(): void {
    if (receivers.size > 0) current?.socket.ref();
    else current?.socket.unref();
  }

  function loseAll(error: GatewayError, daemon: 'dead' | 'live'): void {
    const lost = [...receivers.values()];
    receivers.clear();
    for (const receiver of lost) receiver({ type: 'lost', error, daemon });
  }

  /** Gives a connection up: its handle is closed, and what comes until its end of file is read and ignored. */
  function drop(connection: Connection, error: GatewayError, daemon: 'dead' | 'live' = 'live'): void {
    if (!connection.live) return;
    connection.live = false;
    connection.socket.unref();
    current = null;
    ending.add(connection);
    void connection.ended.then(() => ending.delete(connection));
    library.close(connection.handle);
    onDrop?.();
    loseAll(error, daemon);
  }

  function onFrame(connection: Connection, frame: Buffer): void {
    if (!connection.live) return;
    let parsed: unknown;
    try {
      parsed = JSON.parse(frame.toString('utf8'));
    } catch {
      onOddity('an event that is not JSON');
      return;
    }
    if (parsed === '$interrupted') {
      // The connection could be used again, but a message sent before this was read may have reached the restarted
      // daemon and run there unseen. Dropping the connection makes that daemon cancel it.
      drop(connection, lostError(), 'dead');
      return;
    }
    if (parsed === '$closed') {
      // After something was heard there was a service: it went away, or said what can't be told.
      if (connection.heard) return drop(connection, lostError());
      drop(
        connection,
        new GatewayError(
          'backend_unavailable',
          `The codexpc daemon is not there: no service answers as '${service}'. Start the daemon, or set CODEXPC_SERVICE to the name it runs under.`,
        ),
      );
      return;
    }
    connection.heard = true;
    const head = messageHead.safeParse(parsed);
    if (!head.success) return onOddity('a message without type or req_id');
    const receiver = receivers.get(head.data.req_id);
    if (receiver === undefined) return onOddity(`a ${head.data.type} for a request that has ended`);
    if (!isKnownType(head.data.type)) return onOddity(`a message of the unknown type ${head.data.type}`);
    const message = daemonMessage.safeParse(parsed);
    if (message.success) {
      touched.add(receiver);
      receiver({ type: 'message', message: message.data });
    } else {
      const what = `The codexpc daemon sent a malformed ${head.data.type} message.`;
      receiver({ type: 'broken', error: new GatewayError('engine_error', what, { cause: message.error }) });
    }
  }

  return {
    send(message, tokens, requestId, receiver) {
      current ??= open();
      if (receiver !== null) receivers.set(requestId, receiver);
      holdProcess();
      try {
        library.send(current.handle, encodeValue(message), tokens);
      } catch (error) {
        // A connection that has ended by itself says so by an event, too, which knows why and reaches the receiver.
        if (error instanceof GatewayError && error.code === 'backend_lost') return;
        if (receiver !== null) receivers.delete(requestId);
        holdProcess();
        throw error;
      }
    },
    forget(requestId) {
      receivers.delete(requestId);
      holdProcess();
    },
    reset(reason) {
      if (current !== null) drop(current, new GatewayError('backend_lost', reason));
    },
    async settled() {
      await Promise.all(
        [...ending].map((connection) => {
          // Somebody waits for its end now, so it must keep the process alive until then.
          connection.socket.ref();
          return connection.ended;
        }),
      );
    },
    async close() {
      const connection = current;
      if (connection === null) return;
      drop(connection, new GatewayError('shutting_down', 'The gateway is shutting down.'));
      // Somebody waits for its end now, so it must keep the process alive until then.
      connection.socket.ref();
      await connection.ended;
    },
  };
}
