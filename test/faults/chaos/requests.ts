import { request as openRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { failures } from '../../../src/core/errors.ts';
import type { FailureCode } from '../../../src/core/errors.ts';
import type { Random } from '../../harmony/random.ts';
import { checkChatStream } from '../../support/chat-grammar.ts';
import { parseFrames } from '../../support/client.ts';
import { checkResponseObject, checkResponseStream } from '../../support/response-grammar.ts';

/** What is asked, how, and what the answer says when nothing is done to it. */
export type Plan = {
  readonly api: 'responses' | 'chat';
  readonly model: string;
  readonly input: string;
  readonly answer: string;
  readonly stream: boolean;
  /** `leaves`: closes the connection after so many reads of the answer, 0 being before any. */
  readonly manner: 'reads' | 'reads slowly' | { readonly leavesAfter: number };
};

/** What became of a request: exactly one of these, or it throws. */
export type Outcome = { readonly how: 'answered' | 'left' | 'not connected' | FailureCode; readonly events: number };

/** The texts that are asked for. They are few, so that what the gateway keeps of prompts stops growing. */
const asked: readonly (readonly [input: string, answer: string])[] = [
  ['/sim say short', 'short'],
  ['/sim think about it\n/sim say thought of', 'thought of'],
  ['/sim say äöü € 😀 "quoted" \\ back', 'äöü € 😀 "quoted" \\ back'],
  ...[40, 300, 1500].map((count) => [`/sim repeat ${count} and so on`, repeated(count, 'and so on')] as const),
  ...[60, 400].map(
    (count) => [`/sim pace 4000\n/sim repeat ${count} word by word`, repeated(count, 'word by word')] as const,
  ),
];

/** What `/sim repeat` says. */
export function repeated(count: number, text: string): string {
  return Array.from({ length: count }, () => text).join(' ');
}

/** Models of the gateway under test, an engine each. */
export const models = ['one', 'two'];

export const plain: Plan = {
  api: 'responses',
  model: 'one',
  input: asked[0]![0],
  answer: asked[0]![1],
  stream: false,
  manner: 'reads',
};

/** Every kind of plan, for warming up. */
export const everyPlan: readonly Plan[] = asked.flatMap(([input, answer]) =>
  models.flatMap((model) =>
    (['responses', 'chat'] as const).flatMap((api) =>
      [false, true].map((stream): Plan => ({ api, model, input, answer, stream, manner: 'reads' })),
    ),
  ),
);

export function choosePlan(random: Random): Plan {
  const plan = random.pick(everyPlan);
  if (random.chance(0.2)) return { ...plan, manner: { leavesAfter: random.below(4) } };
  return random.chance(0.2) ? { ...plan, manner: 'reads slowly' } : plan;
}

/** Milliseconds after which a request without an end counts as hung; every limit of the gateway is far below. */
const hungAfter = 60_000;

/**
 * Makes a request and judges what came of it.
 *
 * @param keepsText whether an answer that is whole must be the daemon's own.
 * @throws Error when the outcome is not clear: no end, a stream that breaks off or keeps to no grammar, another text,
 *   an answer that is no error of the table, or `internal_error`.
 */
export async function ask(origin: string, plan: Plan, keepsText: boolean): Promise<Outcome> {
  const { api, model, input, stream } = plan;
  const body =
    api === 'responses'
      ? { model, input, stream, store: false }
      : { model, messages: [{ role: 'user', content: input }], stream };
  const url = `${origin}/v1/${api === 'responses' ? 'responses' : 'chat/completions'}`;
  const received = await receive(url, body, plan.manner);
  if (received === 'left' || received === 'not connected') return { how: received, events: 0 };
  try {
    return judge(received, plan, keepsText);
  } catch (cause) {
    const seen = `${received.status} ${received.whole ? 'whole' : 'cut'} ${received.text.slice(-300)}`;
    throw new Error(`${JSON.stringify(plan)}: ${(cause as Error).message}\n${seen}`, { cause });
  }
}

type Received = { readonly status: number; readonly text: string; readonly whole: boolean };

function receive(url: string, body: unknown, manner: Plan['manner']): Promise<Received | 'left' | 'not connected'> {
  return new Promise((resolve, reject) => {
    const leavesAfter = typeof manner === 'object' ? manner.leavesAfter : null;
    const headers = { 'content-type': 'application/json' };
    const outgoing = openRequest(url, { method: 'POST', agent: false, headers });
    const hung = setTimeout(() => {
      reject(new Error(`no end within ${hungAfter} ms: ${JSON.stringify(body)}`));
      outgoing.destroy();
    }, hungAfter);
    const settle = (received: Received | 'left' | 'not connected') => {
      clearTimeout(hung);
      resolve(received);
    };
    const leave = () => {
      outgoing.destroy();
      settle('left');
    };
    outgoing.on('error', () => settle(leavesAfter === 0 ? 'left' : 'not connected'));
    outgoing.on('response', (response: IncomingMessage) => {
      let text = '';
      let reads = 0;
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        reads += 1;
        if (reads === leavesAfter) return leave();
        if (manner !== 'reads slowly') return;
        response.pause();
        setTimeout(() => response.resume(), 2);
      });
      response.on('error', () => undefined);
      response.on('close', () => settle({ status: response.statusCode!, text, whole: response.complete }));
    });
    outgoing.end(JSON.stringify(body), () => {
      if (leavesAfter === 0) setImmediate(leave);
    });
  });
}

function judge({ status, text, whole }: Received, plan: Plan, keepsText: boolean): Outcome {
  if (!whole) throw new Error('the answer breaks off');
  if (status !== 200) return { how: failureOf((JSON.parse(text) as Failed).error), events: 0 };
  const { said, error, events } = plan.api === 'responses' ? readResponse(text, plan) : readChat(text, plan);
  if (error !== null) return { how: failureOf(error), events };
  if (keepsText && said !== plan.answer) throw new Error('the answer is not what the daemon said');
  return { how: 'answered', events };
}

type Failed = { readonly error: { readonly code: string } };
type Read = { readonly said: string | null; readonly error: Failed['error'] | null; readonly events: number };

function failureOf({ code }: Failed['error']): FailureCode {
  // A stream of the Responses API has codes of its own, of which this is the one for a backend's failures.
  if (code === 'server_error') return 'engine_error';
  if (!(code in failures) || code === 'internal_error') throw new Error(`${code} is no clear failure`);
  return code as FailureCode;
}

type Response = {
  readonly status: string;
  readonly error: Failed['error'] | null;
  readonly output: readonly { readonly type: string; readonly content?: readonly { readonly text: string }[] }[];
};

function readResponse(text: string, { stream }: Plan): Read {
  const frames = stream ? parseFrames(text).filter(({ data }) => data !== null) : [];
  const object = stream ? checkResponseStream(frames) : (JSON.parse(text) as { [key: string]: unknown });
  if (!stream) checkResponseObject(object);
  const { status, error, output } = object as Response;
  if (!['completed', 'incomplete', 'failed'].includes(status)) throw new Error(`a response ends as ${status}`);
  const message = output.findLast(({ type }) => type === 'message');
  return { said: message?.content?.[0]?.text ?? null, error, events: frames.length };
}

function readChat(text: string, { stream }: Plan): Read {
  if (!stream) {
    const { choices } = JSON.parse(text) as { choices: { message: { content: string } }[] };
    return { said: choices[0]!.message.content, error: null, events: 0 };
  }
  const data = parseFrames(text).flatMap((frame) => frame.data ?? []);
  const folded = checkChatStream(data, { broken: data.at(-1) !== '[DONE]' });
  return {
    said: folded.choices[0]?.content ?? null,
    error: folded.error as Failed['error'] | null,
    events: data.length,
  };
}
