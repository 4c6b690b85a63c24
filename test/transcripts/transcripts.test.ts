import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { createEncoding } from '../../src/harmony/encoding.ts';
import { checkChatStream } from '../support/chat-grammar.ts';
import { checkResponseStream } from '../support/response-grammar.ts';
import { applyEdits, editsOf, readTranscript } from './format.ts';
import type { Case, Edit, Exchange, Output, OutputKind } from './format.ts';
import { daemonText, prefillText, responseText, streamText } from './notation.ts';
import { runCase, tokensOf } from './run-case.ts';
import type { Happened, HttpRequest } from './run-case.ts';
import { createSdkTypes } from './sdk-types.ts';
import type { SdkKind } from './sdk-types.ts';

const update = process.env['UPDATE'] === '1';
if (update && process.env['CI'] !== undefined) throw new Error('UPDATE=1 is for people who read the difference.');

const encoding = createEncoding();
const sdkTypes = createSdkTypes();
/** Cases that are there, and that ran: some are left out when tests are chosen by name. */
const cases = { known: 0, seen: 0 };
const folder = new URL('.', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md');

describe.each(files)('%s', (file) => {
  const source = readFileSync(new URL(file, folder), 'utf8');
  const transcript = readTranscript(file, source);
  const edits: Edit[] = [];

  for (const subject of transcript.subjects) {
    const runs = new Map<Case, Promise<Happened[]>>();
    /** A case's one run. */
    const run = (each: Case): Promise<Happened[]> => {
      let happened = runs.get(each);
      if (happened === undefined) runs.set(each, (happened = runCase(each, encoding)));
      return happened;
    };

    describe(`${file}:${subject.line} ${subject.name}`, () => {
      for (const [position, each] of subject.cases.entries()) {
        cases.known += 1;
        const where = `${file}:${each.line}`;
        const [first] = subject.cases;
        const twin = position === 0 ? null : first!.name;

        test(`${each.name} goes as written`, async () => {
          const happened = await run(each);
          cases.seen += 1;
          const known = twin === null ? [] : (await run(first!)).map(prefillsOf);
          for (const [index, exchange] of each.exchanges.entries()) {
            const outputs = outputsOf(exchange, happened[index]!, known[index] ?? [], asIn(twin));
            if (update) edits.push(...editsOf(exchange, outputs));
            else compare(file, exchange, outputs);
          }
          for (const exchange of happened) {
            checkGrammar(exchange);
            takeTypes(exchange);
          }
        });

        if (twin !== null) {
          test(`${each.name} and ${twin} give the daemon the same tokens`, async () => {
            const [mine, theirs] = [await run(each), await run(first!)];
            expect(mine.map(tokenLists), where).toEqual(theirs.map(tokenLists));
          });
        }

        if (canBeWhole(each)) {
          test(`${each.name} says the same in one piece`, async () => {
            const streamed = await run(each);
            const whole = await runCase(each, encoding, inOnePiece);
            whole.forEach(takeTypes);
            for (const [index, exchange] of streamed.entries()) compareWithWhole(exchange, whole[index]!, where);
          });
        }
      }
    });
  }

  afterAll(() => {
    if (update) writeFileSync(new URL(file, folder), applyEdits(transcript.lines, edits));
  });
});

/** Subjects that one API alone has, or in which no prompt is made. */
const ofOneApi = [
  'errors.md: A response that is not kept',
  'errors.md: A path that is none',
  'errors.md: A method that is not taken',
  'errors.md: A body that is not called JSON',
  'reasoning.md: Shown as a summary, and sealed',
  'sampling.md: A stop text across two deltas',
  'sampling.md: A stop text in one piece',
  'sampling.md: Usage in a stream',
  'state.md: What was kept of it',
  'state.md: A conversation',
  'state.md: Items by their ids',
  'state.md: A conversation that is compacted',
  'state.md: A conversation that is compacted by a call of its own',
  'text.md: The old Completions',
  'text.md: Token ids to go on with',
  'text.md: Several texts to go on with',
  'text.md: Several answers',
  'tools.md: Tools in a namespace',
  'tools.md: The old functions',
];

test('every subject but these is asked in both APIs, so that their tokens are compared', () => {
  const alone = files.flatMap((file) =>
    readTranscript(file, readFileSync(new URL(file, folder), 'utf8')).subjects.flatMap(({ name, cases: all }) =>
      ['Responses', 'Chat Completions'].every((api) => all.some((each) => each.name === api))
        ? []
        : [`${file}: ${name}`],
    ),
  );
  expect(alone).toEqual(ofOneApi);
});

test('every event and object of every API is what the types of the SDK say', async () => {
  const counts = sdkTypes.counts();
  if (cases.seen === cases.known) {
    // Fewer would mean that they weren't looked at.
    expect(counts.get('WireEvent')).toBeGreaterThan(50);
    expect(counts.size).toBe(10);
  }
  expect(await sdkTypes.errors()).toEqual([]);
}, 60_000);

const kindsOfObjects: { readonly [object: string]: SdkKind } = {
  response: 'WireResponse',
  'response.compaction': 'WireCompaction',
  conversation: 'Conversation',
  'chat.completion': 'WireCompletion',
  text_completion: 'Completion',
};

function kindOfEvents(path: string): SdkKind {
  if (path === '/v1/chat/completions') return 'WireChunk';
  return path === '/v1/completions' ? 'WireTextChunk' : 'WireEvent';
}

function takeTypes({ request, status, body, events }: Happened): void {
  if (!/^\/v1\/(responses|conversations|chat|completions)/.test(request.path) || status !== 200) return;
  if (events !== null) {
    for (const { data } of events) {
      // An error is in the streams of chats, and in no type.
      if (data === null || data === '[DONE]' || data.startsWith('{"error":')) continue;
      sdkTypes.take(kindOfEvents(request.path), JSON.parse(data));
    }
    return;
  }
  const object = JSON.parse(body) as Json;
  if (object['deleted'] === true) return;
  const lists = request.path.startsWith('/v1/responses') ? 'ResponseItemList' : 'ConversationItemList';
  const kind = object['object'] === 'list' ? lists : kindsOfObjects[object['object'] as string];
  if (kind !== undefined) sdkTypes.take(kind, object);
}

function asIn(twin: string | null): string {
  return `the same as in ${twin}`;
}

const creates = ({ messages }: Happened) => messages.filter((message) => message.get('type') === 'create_from_tokens');
const tokenLists = (exchange: Happened) => creates(exchange).map((create) => [...tokensOf(create)]);
const prefillsOf = (exchange: Happened) => creates(exchange).map((create) => prefillText(tokensOf(create), encoding));

/**
 * What a transcript can show of an exchange; the messages to the daemon and the wire only where it has a block for them.
 * The n-th prefill is only named by `asTwin` where it is that of the subject's first case.
 */
function outputsOf(
  { outputs }: Exchange,
  happened: Happened,
  twinPrefills: readonly string[],
  asTwin: string,
): Output[] {
  const wanted = (kind: OutputKind) => outputs.some((block) => block.kind === kind);
  const { status, headers, body, events } = happened;
  return [
    ...prefillsOf(happened).map((text, index) => ({
      kind: 'prefill' as const,
      text: text === twinPrefills[index] ? asTwin : text,
    })),
    ...(wanted('daemon') ? [{ kind: 'daemon' as const, text: daemonText(happened.messages) }] : []),
    events === null
      ? { kind: 'response', text: responseText(status, headers, body) }
      : { kind: 'stream', text: streamText(events) },
    ...(wanted('wire') ? [{ kind: 'wire' as const, text: body.replace(/\n\n$/, '\n') }] : []),
  ];
}

function compare(file: string, { request, outputs }: Exchange, actual: readonly Output[]): void {
  for (const [index, output] of actual.entries()) {
    const block = outputs[index];
    const place = `${file}:${(block ?? request).firstLine}`;
    expect(block?.kind, `${place}: the block that is to be here (UPDATE=1 writes it)`).toBe(output.kind);
    expect(output.text, `${place}: ${output.kind}`).toBe(block!.text);
  }
  const surplus = outputs[actual.length];
  if (surplus !== undefined) throw new Error(`${file}:${surplus.firstLine}: there is no such ${surplus.kind}.`);
}

function checkGrammar({ request, events }: Happened): void {
  if (events === null) return;
  if (request.path === '/v1/responses') {
    checkResponseStream(events);
  } else if (request.path === '/v1/chat/completions') {
    const data = events.flatMap((event) => (event.data === null ? [] : [event.data]));
    const broken = data.at(-1) !== '[DONE]';
    checkChatStream(data, { includeUsage: asksForUsage(request), choices: answersOf(request), broken });
  }
}

type Json = { readonly [key: string]: unknown };

const bodyOf = ({ body }: HttpRequest) => JSON.parse(body!) as Json;
const asksForUsage = (request: HttpRequest) =>
  (bodyOf(request)['stream_options'] as Json | undefined)?.['include_usage'] === true;
const answersOf = (request: HttpRequest) => (bodyOf(request)['n'] as number | undefined) ?? 1;

/** Streamed, and to its end; one after another. */
function canBeWhole({ exchanges }: Case): boolean {
  return exchanges.every(
    ({ meanwhile, request, outputs }) =>
      !meanwhile &&
      /^POST \/v1\/(responses|chat\/completions)\n/.test(request.text) &&
      /"stream": true/.test(request.text) &&
      outputs.some(
        ({ kind, text }) => kind === 'stream' && /(\[DONE\]$|^response\.(completed|incomplete)\b)/m.test(text),
      ),
  );
}

function inOnePiece(request: HttpRequest): HttpRequest {
  const { stream_options: _, ...body } = bodyOf(request);
  return { ...request, body: JSON.stringify({ ...body, stream: false }) };
}

/** Holds a stream against the same answer in one piece. */
function compareWithWhole({ request, events }: Happened, whole: Happened, where: string): void {
  expect(whole.status, where).toBe(200);
  const object = JSON.parse(whole.body) as Json;
  if (request.path === '/v1/responses') {
    expect(object, where).toEqual(checkResponseStream(events!));
    return;
  }
  const includeUsage = asksForUsage(request);
  const folded = checkChatStream(
    events!.flatMap(({ data }) => (data === null ? [] : [data])),
    { includeUsage, choices: answersOf(request) },
  );
  const choices = (object['choices'] as Json[]).map(({ message, finish_reason: finishReason }) => {
    const { content, reasoning, tool_calls: calls = [] } = message as Json;
    return { content, reasoning: reasoning ?? '', finishReason, toolCalls: (calls as Json[]).map(foldedCall) };
  });
  const streamed = folded.choices.map(({ functionCall: _, ...choice }) => choice);
  expect(choices, where).toEqual(streamed);
  if (includeUsage) expect(object['usage'], where).toEqual(folded.usage);
}

function foldedCall({ id, type, ...body }: Json) {
  const { name, arguments: json, input } = body[type as string] as Json;
  return { id, type, name, input: json ?? input };
}
