import { z } from 'zod';

const milliseconds = z.number().nonnegative();
const ids = z.array(z.int().min(0).max(0xffffffff));
const count = z.int().nonnegative();

/** What an engine said, and when: milliseconds since its session was opened. */
const sessionEvent = z.discriminatedUnion('type', [
  z.object({
    at: milliseconds,
    type: z.literal('created'),
    output: z.enum(['text', 'tokens']),
    start: z.enum(['assistant', 'final']),
  }),
  z.object({ at: milliseconds, type: z.literal('text-delta'), text: z.string() }),
  z.object({ at: milliseconds, type: z.literal('token-delta'), ids }),
  z.object({ at: milliseconds, type: z.literal('tool-call'), recipient: z.string(), input: z.string() }),
  z.object({
    at: milliseconds,
    type: z.literal('completed'),
    usage: z.object({ inputTokens: count, outputTokens: count }),
  }),
  /** The session ended by a failure, or the gateway gave it up. */
  z.object({ at: milliseconds, type: z.literal('failed'), code: z.string(), message: z.string() }),
]);

export type SessionEvent = z.infer<typeof sessionEvent>;

const session = z.object({
  /** Since the request. */
  at: milliseconds,
  model: z.string(),
  prefill: ids,
  primeFinal: z.boolean(),
  temperature: z.number(),
  maxOutputTokens: z.int().positive().nullable(),
  events: z.array(sessionEvent),
});

export type RecordedSession = z.infer<typeof session>;

const frame = z.object({ at: milliseconds, event: z.string().nullable(), data: z.string().nullable() });

export type RecordedFrame = z.infer<typeof frame>;

/** A turn from its request to its answer, as a file. Times are in milliseconds. */
const recording = z.object({
  format: z.literal('codexpc-gateway recording'),
  version: z.literal(1),
  /** Texts are replaced by others of the same shape. */
  redacted: z.boolean(),
  /** Something is left out, since the turn was larger than a recording may be. */
  truncated: z.boolean(),
  gateway: z.object({ version: z.string(), node: z.string(), platform: z.string(), backend: z.string() }),
  request: z.object({
    id: z.string(),
    /** As in `2026-01-31T12:00:00.000Z`. */
    time: z.string(),
    path: z.string(),
    body: z.unknown(),
  }),
  /** What the engine was asked and said: one session, and one more for each answer that had to be asked for again. */
  sessions: z.array(session),
  answer: z.object({
    stream: z.boolean(),
    /** Of a stream. */
    frames: z.array(frame),
    /** Of a plain answer, when it came about. */
    object: z.unknown(),
  }),
  /** null: it went well. */
  failure: z.object({ code: z.string(), message: z.string(), status: z.int() }).nullable(),
  /** Milliseconds from the request to: the engine's taking it, the first output, the end. */
  times: z.object({ start: milliseconds.nullable(), firstOutput: milliseconds.nullable(), end: milliseconds }),
  repairs: z.record(z.string(), count),
  warnings: z.array(z.string()),
});

export type TurnRecording = z.infer<typeof recording>;

/**
 * Reads a recording from the text of its file.
 *
 * @throws Error that says what is wrong with it.
 */
export function parseRecording(text: string): TurnRecording {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`it is not JSON: ${(cause as Error).message}`, { cause });
  }
  const parsed = recording.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new Error(`it is not a recording of this version: ${issue.path.join('.')}: ${issue.message}`);
}

/** Whether a value is meant to be a recording, right or wrong. */
export function isRecording(value: unknown): boolean {
  const format: z.infer<typeof recording>['format'] = 'codexpc-gateway recording';
  return typeof value === 'object' && value !== null && 'format' in value && value.format === format;
}
