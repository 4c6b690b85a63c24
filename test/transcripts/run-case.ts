import { control } from '../../src/harmony/encoding.ts';
import type { Encoding } from '../../src/harmony/encoding.ts';
import { readTokens } from '../../src/simulator/prompt.ts';
import { parseScript } from '../../src/simulator/script-schema.ts';
import type { SimulatorScript } from '../../src/simulator/script.ts';
import type { Step } from '../../src/simulator/step.ts';
import type { XpcDictionary } from '../../src/xpc/value.ts';
import { parse } from 'yaml';
import { startGateway } from '../support/gateway.ts';
import { memoryStore } from '../support/memory-store.ts';
import type { TestGateway } from '../support/gateway.ts';
import type { Case, Exchange } from './format.ts';
import type { StreamEvent } from './notation.ts';
import { createQuickTime, forever } from './quick-time.ts';

/** What happened in an exchange. */
export type Happened = {
  /** What was sent. */
  readonly request: HttpRequest;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** The events of a streamed answer; null for one in one piece. */
  readonly events: readonly StreamEvent[] | null;
  /** What the daemon got for it. */
  readonly messages: readonly XpcDictionary[];
};

export type HttpRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string | null;
};

/** Runs the exchanges of a case on a gateway of its own. `change` may ask otherwise than the transcript does. */
export async function runCase(
  { settings, exchanges }: Case,
  encoding: Encoding,
  change: (request: HttpRequest) => HttpRequest = (request) => request,
): Promise<Happened[]> {
  const time = createQuickTime();
  const rules: SimulatorScript['rules'][number][] = [];
  const scripts = exchanges.flatMap((exchange) => exchange.scripts.map(({ text }) => stepsOf(text)));
  let sessions = 0;
  let onCreate = () => {};
  // What is stored is gone with its case.
  const store = /^store:/m.test(settings ?? '') ? await memoryStore() : null;
  const gateway = await startGateway({
    encoding,
    store,
    ...(settings === null ? {} : { settings }),
    timers: time.timers,
    script: { rules },
    onMessage(message) {
      if (message.get('type') !== 'create_from_tokens') return;
      const steps = scripts[sessions++];
      if (steps !== undefined) {
        const behind = callsBehindUser(tokensOf(message), encoding);
        rules.push({ when: { session: sessions }, do: withCallsMade(steps, behind) });
      }
      onCreate();
    },
  });
  try {
    const happened: Happened[] = [];
    let seen = 0;
    const takeMessages = () => {
      const messages = gateway.received.slice(seen);
      seen = gateway.received.length;
      return messages;
    };
    for (let index = 0; index < exchanges.length; index++) {
      const request = change(requestOf(exchanges[index]!));
      const next = exchanges[index + 1];
      if (next?.meanwhile !== true) {
        const answer = await read(await send(gateway, request));
        happened.push({ request, ...answer, messages: takeMessages() });
        continue;
      }
      // The first one waits in the daemon until the second has been queued, or turned away.
      time.hold();
      const reached = new Promise<void>((resolve) => (onCreate = resolve));
      const first = send(gateway, request).then(read);
      await reached;
      const nextRequest = change(requestOf(next));
      const second = await send(gateway, nextRequest);
      const messages = takeMessages();
      time.release();
      happened.push({ request, ...(await first), messages });
      happened.push({ request: nextRequest, ...(await read(second)), messages: takeMessages() });
      index += 1;
    }
    const fault = gateway.log.find(({ error, msg }) => error === 'internal_error' || msg === 'unexpected failure');
    if (fault !== undefined) throw new Error(`the gateway has a fault: ${JSON.stringify(fault)}`);
    return happened;
  } finally {
    await gateway.close();
    await store?.close();
  }
}

/** A script block is a list of the simulator's steps. */
function stepsOf(text: string): readonly Step[] {
  const steps = parseScript({ rules: [{ do: parse(text) as unknown }] }).rules[0]!.do;
  // The daemon would go on behind a call, until it is cancelled; how far it came then would be a race.
  const calls = steps.some((step) => step.type === 'call' || (step.type === 'raw' && step.text.endsWith('<|call|>')));
  return calls ? [...steps, { type: 'wait', milliseconds: forever }] : steps;
}

/** Steps for a prompt in which tools were called since the user spoke: the simulator passes over what it has done. */
function withCallsMade(steps: readonly Step[], calls: number): readonly Step[] {
  return [...Array.from({ length: calls }, (): Step => ({ type: 'call', name: 'made', input: null })), ...steps];
}

function callsBehindUser(tokens: Uint32Array, encoding: Encoding): number {
  const [user] = encoding.encode('user');
  const spoke = tokens.findLastIndex((id, index) => id === user && tokens[index - 1] === control.start);
  return tokens.subarray(spoke + 1).filter((id) => id === control.call).length;
}

export function tokensOf(create: XpcDictionary): Uint32Array {
  return readTokens(create.get('prefill_tokens') as Uint8Array);
}

function requestOf({ request }: Exchange): HttpRequest {
  const [, line = '', rest = ''] = /^([^\n]*)\n?([^]*)$/.exec(request.text) ?? [];
  const [method = '', path = ''] = line.split(' ');
  const [, head = '', body = ''] = /^((?:[\w-]+: [^\n]*(?:\n|$))*)([^]*)$/.exec(rest) ?? [];
  const headers = new Headers(
    head
      .split('\n')
      .filter((field) => field !== '')
      .map((field) => field.split(': ', 2) as [string, string]),
  );
  if (body !== '' && !headers.has('content-type')) headers.set('content-type', 'application/json');
  return { method, path, headers, body: body === '' ? null : body };
}

function send({ url }: TestGateway, { method, path, headers, body }: HttpRequest): Promise<Response> {
  return fetch(url + path, { method, headers, body });
}

async function read(response: Response): Promise<Omit<Happened, 'request' | 'messages'>> {
  const { status, headers } = response;
  const body = await response.text();
  const streamed = headers.get('content-type')?.startsWith('text/event-stream') === true;
  return { status, headers, body, events: streamed ? eventsOf(body) : null };
}

/** @throws Error for bytes that are not the frames which the gateway may send. */
function eventsOf(body: string): StreamEvent[] {
  const events: StreamEvent[] = [];
  for (const frame of body.split(/(?<=\n\n)/)) {
    const named = /^(?:id: \d+\n)?(?:event: ([^\n]+)\n)?data: ([^\n]*)\n\n$/.exec(frame);
    if (named !== null) events.push({ event: named[1] ?? null, data: named[2]! });
    else if (frame === ': keep-alive\n\n') events.push({ event: null, data: null });
    else throw new Error(`this is no frame: ${JSON.stringify(frame)}`);
  }
  return events;
}
