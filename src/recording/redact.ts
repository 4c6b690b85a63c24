import { control, firstControlId } from '../harmony/encoding.ts';
import type { Encoding } from '../harmony/encoding.ts';
import type { RecordedSession, SessionEvent, TurnRecording } from './recording-schema.ts';

/**
 * A recording without its texts: letters become `x`, digits `1`, everything else stays, so that lines, punctuation, JSON
 * and escapes keep their shape. Every token stays one token: the control tokens and the headers as they are, others as
 * a token of the shape. What clients name things by stays: tools, their parameters, enum values, ids, models, settings.
 */
export function redact(recording: TurnRecording, encoding: Encoding): TurnRecording {
  const names = namesIn(recording.request.body);
  const text = (said: string) => shapeOf(said, names);
  const token = createTokenShapes(encoding, names);
  const ids = (prompt: readonly number[], inHeader: boolean) => redactIds(prompt, inHeader, token);
  const { request, sessions, answer, failure } = recording;
  return {
    ...recording,
    redacted: true,
    request: { ...request, body: redactValue(request.body, text, null) },
    sessions: sessions.map((session) => redactSession(session, text, ids)),
    answer: {
      ...answer,
      frames: answer.frames.map((frame) => ({ ...frame, data: redactData(frame.data, text) })),
      object: redactValue(answer.object, text, null),
    },
    // The message of a failure may quote what it complains of.
    failure: failure === null ? null : { ...failure, message: text(failure.message) },
    warnings: [],
  };
}

type Text = (said: string) => string;

/** Members whose texts say how something is meant, and not what is said. */
const keptMembers = new Set(
  `type object role phase status model name namespace effort summary_type verbosity id call_id item_id
  tool_call_id response_id previous_response_id finish_reason code tool_choice mode truncation
  service_tier include syntax format enum const required reasoning_effort event reason encoding detail
  system_fingerprint`.split(/\s+/),
);

function redactValue(value: unknown, text: Text, member: string | null): unknown {
  if (typeof value === 'string') return member !== null && keptMembers.has(member) ? value : text(value);
  if (Array.isArray(value)) return value.map((entry) => redactValue(entry, text, member));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redactValue(inner, text, key)]));
}

/** `[DONE]` is no JSON. */
function redactData(data: string | null, text: Text): string | null {
  return data?.startsWith('{') === true ? JSON.stringify(redactValue(JSON.parse(data), text, null)) : data;
}

function redactSession(
  session: RecordedSession,
  text: Text,
  ids: (ids: readonly number[], inHeader: boolean) => { ids: number[]; inHeader: boolean },
): RecordedSession {
  let inHeader = false;
  return { ...session, prefill: ids(session.prefill, false).ids, events: session.events.map(redactEvent) };

  function redactEvent(event: SessionEvent): SessionEvent {
    switch (event.type) {
      case 'text-delta':
        return { ...event, text: text(event.text) };
      case 'tool-call':
        return { ...event, input: text(event.input) };
      case 'token-delta': {
        const redacted = ids(event.ids, inHeader);
        inHeader = redacted.inHeader;
        return { ...event, ids: redacted.ids };
      }
      case 'failed':
        return { ...event, message: text(event.message) };
      case 'created':
        inHeader = event.start === 'assistant';
        return event;
      case 'completed':
        return event;
    }
  }
}

function redactIds(ids: readonly number[], from: boolean, token: (id: number) => number) {
  let inHeader = from;
  const redacted = ids.map((id) => {
    if (id === control.start || id === control.channel) inHeader = true;
    else if (id === control.message) inHeader = false;
    return id >= firstControlId || inHeader ? id : token(id);
  });
  return { ids: redacted, inHeader };
}

/** Words of JSON, escapes, and what stands for one character. */
const pieces = /\\u[0-9a-fA-F]{4}|\\.|\b(?:true|false|null)\b|[\p{L}\p{N}_-]+|[^]/gu;

function shapeOf(said: string, names: ReadonlySet<string>): string {
  return said.replaceAll(pieces, (piece) => {
    if (piece.startsWith('\\') || /^(?:true|false|null)$/.test(piece) || names.has(piece)) return piece;
    return piece.replaceAll(/\p{L}/gu, (letter) => 'x'.repeat(letter.length)).replaceAll(/\p{N}/gu, '1');
  });
}

/** Gives for each ordinary token one that looks like its shape. */
function createTokenShapes(encoding: Encoding, names: ReadonlySet<string>): (id: number) => number {
  const kept = new Set([...names].flatMap((name) => [...encoding.encode(name), ...encoding.encode(` ${name}`)]));
  const known = new Map<number, number>();
  return (id) => {
    if (kept.has(id)) return id;
    let shape = known.get(id);
    if (shape === undefined) {
      const text = encoding.decode([id]);
      const [only, ...more] = encoding.encode(shapeOf(text, names));
      const [word] = encoding.encode(text.startsWith(' ') ? ' x' : 'x');
      shape = only !== undefined && more.length === 0 ? only : word!;
      known.set(id, shape);
    }
    return shape;
  };
}

/** What a request calls its tools, their parameters and the values of enums. */
function namesIn(body: unknown): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (value: unknown, member: string | null): void => {
    if (typeof value === 'string' && (member === 'name' || member === 'enum' || member === 'const')) names.add(value);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (member === 'properties') names.add(key);
      visit(inner, Array.isArray(value) ? member : key);
    }
  };
  visit((body as { readonly tools?: unknown } | null)?.tools, 'tools');
  visit((body as { readonly text?: unknown } | null)?.text, 'text');
  visit((body as { readonly response_format?: unknown } | null)?.response_format, 'response_format');
  return names;
}
