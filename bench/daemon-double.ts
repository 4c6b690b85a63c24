/**
 * A daemon that sends what a bench asks for, when it asks for it: deltas at a chosen rate, one or several a write, with
 * the time in them. The simulator won't do, since it gathers text as the real daemon does. Runs as a process of its
 * own: `node daemon-double.js SOCKET`.
 */
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { decodeValue } from '../src/xpc/decode.ts';
import { encodeValue } from '../src/xpc/encode.ts';
import { createFrameReader, encodeFrame } from '../src/xpc/framing.ts';
import { dictionary, uint64 } from '../src/xpc/value.ts';
import type { XpcDictionary, XpcValue } from '../src/xpc/value.ts';
import { answerParent } from './child.ts';
import { word } from './delta.ts';
import { dealOut } from './pacing.ts';
import type { Pace } from './pacing.ts';
import { now, stamp } from './stamp.ts';

export type DoubleCommands = {
  /** What is to become of the sessions from now on. */
  plan: { readonly detail: Plan; readonly reply: null };
  /** Waits for that many sessions to be open. */
  opened: { readonly detail: number; readonly reply: null };
  /** Sends the deltas of the plan to all open sessions. */
  run: { readonly detail: Pace & { readonly deltasPerSend: number }; readonly reply: null };
  /** Ends all sessions as a daemon does. */
  finish: { readonly detail: null; readonly reply: null };
};

export type Plan = {
  /**
   * `wait`: a session says nothing but `created` until `run`. `receipt`: it says the time at which its request had
   * arrived, and ends.
   */
  readonly sessions: 'wait' | 'receipt';
  /** `times`: texts that say when they were made. `texts` and `tokens`: a word, in one form or the other. */
  readonly deltas: 'times' | 'texts' | 'tokens';
};

type Session = { readonly id: string; readonly socket: Socket };

const socketPath = process.argv[2]!;
const sessions = new Map<string, Session>();
let plan: Plan = { sessions: 'wait', deltas: 'times' };
let onOpened: () => void = () => undefined;

const frameOf = (session: Session, type: string, fields: { readonly [key: string]: XpcValue }): Buffer =>
  encodeFrame(
    encodeValue(
      dictionary({
        service: 'codexpc',
        proto_version: uint64(1),
        req_id: session.id,
        type,
        ts_ns: uint64(process.hrtime.bigint()),
        ...fields,
      }),
    ),
  );

function deltaFrame(session: Session): Buffer {
  switch (plan.deltas) {
    case 'times':
      return frameOf(session, 'output_text.delta', { text: stamp() });
    case 'texts':
      return frameOf(session, 'output_text.delta', { text: word.text });
    case 'tokens':
      return frameOf(session, 'output_token_ids.delta', { tokens: new Uint8Array(Uint32Array.of(word.id).buffer) });
  }
}

function send(session: Session, frames: readonly Buffer[]): void {
  session.socket.write(frames.length === 1 ? frames[0]! : Buffer.concat(frames));
}

const features = (): string[] =>
  plan.deltas === 'tokens' ? ['health', 'token_usage', 'output_token_ids'] : ['health', 'text_input', 'token_usage'];

function end(session: Session): Buffer {
  sessions.delete(session.id);
  const usage = dictionary({ input_tokens: uint64(1), output_tokens: uint64(1), total_tokens: uint64(2) });
  return frameOf(session, 'completed', { response_id: session.id, token_usage: usage });
}

function onMessage(message: XpcDictionary, socket: Socket): void {
  const arrived = now();
  const id = message.get('req_id') as string;
  switch (message.get('type') as string) {
    case 'create_from_tokens': {
      const session = { id, socket };
      sessions.set(id, session);
      const created = frameOf(session, 'created', { features: features() });
      if (plan.sessions === 'wait') send(session, [created]);
      else send(session, [created, frameOf(session, 'output_text.delta', { text: `@${arrived}@` }), end(session)]);
      return onOpened();
    }
    case 'cancel': {
      const session = sessions.get(id);
      if (session !== undefined) send(session, [end(session)]);
      return;
    }
    case 'health':
      return send({ id, socket }, [frameOf({ id, socket }, 'health.ok', {})]);
  }
}

function accept(socket: Socket): void {
  const reader = createFrameReader((frame) => onMessage(decodeValue(Buffer.from(frame)) as XpcDictionary, socket));
  socket.on('data', (chunk: Buffer) => reader.push(chunk));
  // A client that leaves takes its sessions with it.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    for (const session of sessions.values()) if (session.socket === socket) sessions.delete(session.id);
  });
}

const listening = new Promise<void>((resolve) => {
  createServer(accept).listen(socketPath, resolve);
});

answerParent<DoubleCommands>({
  async plan(wanted) {
    await listening;
    plan = wanted;
    return null;
  },
  async opened(count) {
    while (sessions.size < count) {
      await new Promise<void>((resolve) => {
        onOpened = resolve;
      });
    }
    return null;
  },
  async run({ deltasPerSend, ...pace }) {
    const open = [...sessions.values()];
    await dealOut({ ...pace, streams: open.length }, (stream) => {
      const session = open[stream]!;
      send(
        session,
        Array.from({ length: deltasPerSend }, () => deltaFrame(session)),
      );
    });
    return null;
  },
  finish() {
    for (const session of sessions.values()) send(session, [end(session)]);
    return null;
  },
});
