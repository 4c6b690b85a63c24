import type { TurnRecording } from './recording-schema.ts';

/** An answer as a client got it: HTTP status, and the frames of a stream or an object. */
export type GivenAnswer = {
  readonly status: number;
  readonly frames: readonly { readonly event: string | null; readonly data: string | null }[];
  readonly object: unknown;
};

/** What is different, a line each, the recorded value first; empty: nothing that matters. */
export type Differences = readonly string[];

const mostLines = 20;

/**
 * Compares an answer with the recorded one.
 *
 * Ids and times are never the same, what was cached depends on the turn before, and nothing is stored: they don't count. Nor does what a
 * stream says of waiting, and into how many deltas a text is cut. Of a redacted recording, the form alone is compared.
 */
export function compareAnswers(recording: TurnRecording, given: GivenAnswer): Differences {
  const { answer, failure, redacted } = recording;
  const begun = answer.stream && answer.frames.length > 0;
  const expected = failure !== null && !begun ? { status: failure.status, code: failure.code } : { status: 200 };
  const lines = differences('status', expected.status, given.status, false);
  if (lines.length > 0 || expected.status !== 200) {
    const code = (given.object as { readonly error?: { readonly code?: unknown } } | null)?.error?.code;
    return 'code' in expected ? [...lines, ...differences('error.code', expected.code, code, false)] : lines;
  }
  const comparable = answer.stream
    ? ([eventsOf(answer.frames), eventsOf(given.frames)] as const)
    : ([answer.object, given.object] as const);
  const names = [createNames(), createNames()] as const;
  return differences(
    answer.stream ? 'events' : '',
    normalise(comparable[0], names[0]),
    normalise(comparable[1], names[1]),
    redacted,
  ).slice(0, mostLines);
}

/** Compares the tokens that the engine is given. */
export function comparePrefills(recorded: TurnRecording, repeated: TurnRecording): Differences {
  const lines: string[] = [];
  for (const [index, { prefill }] of recorded.sessions.entries()) {
    const other = repeated.sessions[index]?.prefill;
    if (other === undefined) return [...lines, `session ${index + 1}: it was not opened again`];
    if (recorded.redacted) continue;
    const at = prefill.findIndex((id, place) => other[place] !== id);
    if (at !== -1 || other.length > prefill.length) {
      const place = at === -1 ? prefill.length : at;
      lines.push(
        `session ${index + 1}: ${prefill.length} and ${other.length} tokens, different from token ${place} on`,
      );
    }
  }
  return lines;
}

type Names = (id: string) => string;

/** Ids in the order in which they come: `resp 1`, `msg 1`, `msg 2`. */
function createNames(): Names {
  const known = new Map<string, string>();
  const counts = new Map<string, number>();
  return (id) => {
    let name = known.get(id);
    if (name === undefined) {
      const prefix = id.split('_', 1)[0]!;
      const count = (counts.get(prefix) ?? 0) + 1;
      counts.set(prefix, count);
      known.set(id, (name = `${prefix} ${count}`));
    }
    return name;
  };
}

const idPattern = /\b(?:resp|msg|rs|fc|ctc|call|chatcmpl|cmpl|conv|req)_[0-9a-zA-Z]+\b/g;
const passing = new Set(['store', 'created_at', 'completed_at', 'created', 'cached_tokens', 'sequence_number']);

function normalise(value: unknown, names: Names): unknown {
  if (typeof value === 'string') return value.replaceAll(idPattern, names);
  if (Array.isArray(value)) return value.map((entry) => normalise(entry, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, passing.has(key) ? null : normalise(inner, names)]),
  );
}

/** The events that say something, with deltas that follow each other joined. */
function eventsOf(frames: GivenAnswer['frames']): unknown[] {
  const events: unknown[] = [];
  for (const { event, data } of frames) {
    if (data === null || event === 'response.queued' || event === 'keepalive') continue;
    const said: unknown = data.startsWith('{') ? JSON.parse(data) : data;
    const joined = events.length === 0 ? undefined : join(events.at(-1), said, null);
    if (joined === undefined) events.push(said);
    else events[events.length - 1] = joined;
  }
  return events;
}

const deltas = new Set(['delta', 'content', 'reasoning_content', 'reasoning', 'arguments', 'input', 'text']);

/** Two events that differ in nothing but the text of a delta, as one; undefined: they are two. */
function join(one: unknown, other: unknown, member: string | null): unknown {
  if (member !== null && passing.has(member)) return other;
  if (typeof one === 'string' && typeof other === 'string' && member !== null && deltas.has(member)) return one + other;
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null) {
    return one === other ? one : undefined;
  }
  if ('type' in one && !String(one.type).endsWith('.delta') && member === null) return undefined;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length || Array.isArray(one) !== Array.isArray(other)) return undefined;
  const result: Record<string, unknown> = {};
  for (const key of keys) {
    if (!(key in other)) return undefined;
    const joined = join((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key], key);
    if (joined === undefined) return undefined;
    result[key] = joined;
  }
  return Array.isArray(one) ? Object.values(result) : result;
}

function differences(path: string, one: unknown, other: unknown, formOnly: boolean): string[] {
  if (typeof one === 'object' && one !== null && typeof other === 'object' && other !== null) {
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...keys].flatMap((key) => {
      const inner = Array.isArray(one) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
      return differences(
        inner,
        (one as Record<string, unknown>)[key],
        (other as Record<string, unknown>)[key],
        formOnly,
      );
    });
  }
  if (one === other || (formOnly && typeof one === typeof other)) return [];
  return [`${path}: ${brief(one)} and ${brief(other)}`];
}

function brief(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
