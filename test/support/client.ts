import { request as openRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { request } from 'undici';
import type { Dispatcher } from 'undici';
import { endWith } from './cleanup.ts';
import { createCondition } from './condition.ts';
import type { StreamFrame } from './response-grammar.ts';

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; throws when it is none. */
  json(): unknown;
};

export type Call = {
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  /** A text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
};

/** One request by undici. The content type is JSON where there is a body and no other is given. */
export async function call(url: string, { method, headers = {}, body, signal }: Call = {}): Promise<Answer> {
  const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  const response = await request(url, {
    method: (method ?? (body === undefined ? 'GET' : 'POST')) as Dispatcher.HttpMethod,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    body: raw ? ((body as string | Uint8Array | undefined) ?? null) : JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.body.text();
  return { status: response.statusCode, headers: response.headers, text, json: () => JSON.parse(text) as unknown };
}

/** A streamed answer as it comes in. */
export type OpenStream = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** What has come, one entry for what each read of the socket brought. */
  readonly chunks: readonly string[];
  /** The whole frames that have come; a comment has a null `data`. */
  readonly frames: readonly StreamFrame[];
  until<Found>(find: () => Found | undefined | null | false): Promise<Found>;
  /** The `count`th frame of this event (of any, for null), awaited. */
  event(name: string | null, count?: number): Promise<StreamFrame>;
  /** How it ended: whole, or by a connection that broke off. */
  readonly ended: Promise<'whole' | 'cut'>;
  /** Stops and goes on reading. */
  pause(): void;
  resume(): void;
  /** Closes the connection. */
  leave(): void;
};

/**
 * A POST, or a GET where there is no body, whose answer is read as it comes, on a connection of its own. Resolves with
 * the answer's headers.
 */
export function openStream(
  url: string,
  body: unknown,
  headers: { readonly [name: string]: string } = {},
): Promise<OpenStream> {
  return new Promise((resolve, reject) => {
    const outgoing = openRequest(url, {
      method: body === undefined ? 'GET' : 'POST',
      agent: false,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    });
    endWith('test', () => outgoing.destroy());
    outgoing.once('error', reject);
    outgoing.once('response', (response) => resolve(readStream(response)));
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function readStream(response: IncomingMessage): OpenStream {
  const chunks: string[] = [];
  const frames: StreamFrame[] = [];
  const record = createCondition();
  let rest = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    chunks.push(chunk);
    rest += chunk;
    const whole = rest.lastIndexOf('\n\n') + 2;
    if (whole > 1) frames.push(...parseFrames(rest.slice(0, whole)));
    rest = whole > 1 ? rest.slice(whole) : rest;
    record.changed();
  });
  response.on('error', () => undefined);
  const ended = new Promise<'whole' | 'cut'>((resolve) => {
    response.once('close', () => {
      record.closed(() => `the stream has ended\n${chunks.join('')}`);
      resolve(response.complete ? 'whole' : 'cut');
    });
  });
  return {
    status: response.statusCode!,
    headers: response.headers,
    chunks,
    frames,
    until: record.until,
    event: (name, count = 1) => record.until(() => frames.filter(({ event }) => event === name)[count - 1]),
    ended,
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    leave: () => response.destroy(),
  };
}

/** The frames of a stream's text, which ends with a whole one. */
export function parseFrames(text: string): StreamFrame[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((block) => {
      const fields = new Map(
        block.split('\n').map((line) => {
          const colon = line.indexOf(':');
          return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')] as const;
        }),
      );
      return { event: fields.get('event') ?? null, data: fields.get('data') ?? null };
    });
}

/** A bare TCP connection: what is written to it is what is sent. */
export type RawConnection = {
  readonly socket: Socket;
  received(): string;
  until<Found>(find: () => Found | undefined | null | false): Promise<Found>;
  /** All that came, when the server has closed its side. */
  readonly closed: Promise<string>;
};

export function connectRaw(port: number): RawConnection {
  const socket = connect(port, '127.0.0.1');
  const record = createCondition();
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text;
    record.changed();
  });
  socket.on('error', () => undefined);
  endWith('test', () => socket.destroy());
  return {
    socket,
    received: () => received,
    until: record.until,
    closed: new Promise((resolve) => {
      socket.once('close', () => {
        record.closed(() => `the server has closed the connection\n${received}`);
        resolve(received);
      });
    }),
  };
}

/** The text of a request with a JSON body, for a bare connection. */
export function rawRequest(path: string, body: unknown): string {
  const text = JSON.stringify(body);
  return (
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`
  );
}
