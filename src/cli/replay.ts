import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config-decide.ts';
import { createEncoding } from '../harmony/encoding.ts';
import type { Encoding } from '../harmony/encoding.ts';
import { compareAnswers, comparePrefills } from '../recording/compare.ts';
import type { GivenAnswer } from '../recording/compare.ts';
import { createRecorder } from '../recording/recorder.ts';
import { parseRecording } from '../recording/recording-schema.ts';
import type { TurnRecording } from '../recording/recording-schema.ts';
import type { ReplayCommand } from './args.ts';
import { assembleServer } from './assemble.ts';
import { connectBackend } from './connect.ts';
import { scriptOfRecording } from './recorded-script.ts';
import { systemClock } from './runtime.ts';
import type { Waiting } from './waiting.ts';

type ReplayParts = {
  readonly logger: FastifyBaseLogger;
  /** Absent: one of its own. */
  readonly encoding?: Encoding;
};

/**
 * Sends a recorded turn once more and prints what is different now.
 *
 * @returns the exit code: 0 when nothing that matters is, else 1.
 */
export async function replay(
  config: Config,
  command: ReplayCommand,
  parts: ReplayParts & { readonly print: (text: string) => void; readonly waiting: Waiting },
): Promise<number> {
  const recording = readRecording(command.file);
  const waited = parts.waiting('asking once more');
  const repeated = await repeat(config, command, recording, parts).finally(waited);
  const prefill = repeated.recording === null ? null : comparePrefills(recording, repeated.recording);
  const answer = compareAnswers(recording, repeated.answer);
  const isSame = answer.length === 0 && (prefill ?? []).length === 0;
  if (command.json) {
    parts.print(`${JSON.stringify({ same: isSame, prefill, answer }, null, 2)}\n`);
  } else {
    const { request, gateway } = recording;
    const notes = notesOn(recording);
    const note = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
    parts.print(`POST ${request.path} of ${request.time}, by ${gateway.backend}, version ${gateway.version}${note}\n`);
    if (prefill !== null) parts.print(outcome('prefill', prefill));
    parts.print(outcome('answer', answer));
  }
  return isSame ? 0 : 1;
}

async function repeat(config: Config, command: ReplayCommand, recording: TurnRecording, parts: ReplayParts) {
  if (command.url === null) return askHere(config, command, recording, parts);
  return { answer: await ask(command.url, command.apiKey, recording), recording: null };
}

/** Why a difference may be none of the gateway's. */
function notesOn({ redacted, truncated, failure }: TurnRecording): string[] {
  return [
    ...(redacted ? ['redacted: the form alone is compared'] : []),
    ...(truncated ? ['not whole'] : []),
    ...(failure?.code === 'request_cancelled' ? ['its client left before the end'] : []),
  ];
}

function outcome(what: string, differences: readonly string[]): string {
  if (differences.length === 0) return `${what}: the same\n`;
  return `${what}: recorded and now\n${differences.map((line) => `  ${line}\n`).join('')}`;
}

function readRecording(file: string): TurnRecording {
  try {
    return parseRecording(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${file} can't be replayed: ${(cause as Error).message}.`, { cause });
  }
}

/** Asks a gateway of this process, whose engine says what the recorded one said; gives its own recording as well. */
async function askHere(
  config: Config,
  { pauses }: ReplayCommand,
  recorded: TurnRecording,
  { logger, encoding = createEncoding() }: ReplayParts,
): Promise<{ readonly answer: GivenAnswer; readonly recording: TurnRecording | null }> {
  const here = asThen(config, recorded, encoding);
  const script = recorded.sessions.length === 0 ? null : scriptOfRecording(recorded, { pauses });
  const backend = await connectBackend(here, encoding, (what) => logger.debug(what), undefined, script);
  let recording: TurnRecording | null = null;
  const recorder = createRecorder({
    clock: systemClock,
    gateway: recorded.gateway,
    maxBytes: Infinity,
    save: (turn) => {
      recording = turn;
    },
  });
  const server = await assembleServer(here, { backend, encoding, logger, recorder });
  try {
    await server.fastify.listen({ host: '127.0.0.1', port: 0 });
    const { port } = server.fastify.server.address() as AddressInfo;
    const answer = await ask(new URL(`http://127.0.0.1:${port}`), null, recorded);
    // The client has its answer before the turn is told to have ended.
    await server.shutDown(here.server.shutdownTimeout);
    return { answer, recording };
  } finally {
    await server.shutDown(0);
    await backend.close();
  }
}

/** The configuration, with what the recording tells of the one then: the simulator for an engine, the date of the prompt. */
function asThen(config: Config, { sessions }: TurnRecording, encoding: Encoding): Config {
  const prompt = encoding.decode(sessions[0]?.prefill ?? []);
  const date = /^Current date: (\d{4}-\d{2}-\d{2})$/m.exec(prompt)?.[1];
  return {
    ...config,
    backend: { ...config.backend, type: 'simulator', reason: 'a turn is replayed' },
    harmony: { ...config.harmony, ...(date === undefined ? {} : { date }) },
    server: { ...config.server, apiKeys: [] },
    metrics: { enabled: false },
  };
}

async function ask(origin: URL, apiKey: string | null, { request, answer }: TurnRecording): Promise<GivenAnswer> {
  const response = await fetch(new URL(request.path, origin), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify(request.body),
  });
  const text = await response.text();
  const { status } = response;
  if (answer.stream && status === 200) return { status, frames: framesOf(text), object: null };
  return { status, frames: [], object: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The events of a stream's text; a comment has no data. */
function framesOf(text: string): GivenAnswer['frames'] {
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => ({ event: field(block, 'event'), data: field(block, 'data') }));
}

function field(block: string, name: string): string | null {
  return new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1] ?? null;
}
