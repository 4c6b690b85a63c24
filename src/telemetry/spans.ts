import { randomBytes } from 'node:crypto';
import type { TurnReport } from '../core/turn-report.ts';
import type { OtelSettings } from './otel-environment.ts';
import { operationOf, servedModel, waitedUntil } from './turn-facts.ts';

/** A span in OTLP's JSON form. */
export type Span = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** 1 is internal, 2 server. */
  readonly kind: 1 | 2;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status?: { readonly code: 2; readonly message: string };
};

export type Attribute = { readonly key: string; readonly value: object };

/**
 * The spans of a turn that has ended: the turn, by the GenAI conventions, and in it its queue, prefill and decode, as far
 * as it came. The client's trace is gone on with; none: it is not sampled.
 */
export function spansOf(
  report: TurnReport,
  served: (name: string) => string | null,
  sampler: OtelSettings['sampler'],
): readonly Span[] {
  const parent = parseTraceparent(report.traceparent);
  const traceId = parent?.traceId ?? randomBytes(16).toString('hex');
  if (!isSampled(traceId, parent, sampler)) return [];
  const { began, start, firstOutput, failure } = report;
  const ended = report.ended ?? began;
  const nanoseconds = (time: number) => `${Math.round((report.beganAt + time - began) * 1000)}000`;
  const span = (name: string, from: number, to: number) => ({
    traceId,
    spanId: randomBytes(8).toString('hex'),
    name,
    kind: 1 as const,
    startTimeUnixNano: nanoseconds(from),
    endTimeUnixNano: nanoseconds(to),
    attributes: [],
  });
  const operation = operationOf(report);
  const model = servedModel(report, served);
  const turn: Span = {
    ...span(`${operation} ${model}`, began, ended),
    ...(parent === null ? {} : { parentSpanId: parent.spanId }),
    kind: 2,
    attributes: attributesOf(turnFacts(report, operation, model)),
    ...(failure === null ? {} : { status: { code: 2, message: failure.code } }),
  };
  const child = (name: string, from: number, to: number): Span => ({
    ...span(name, from, to),
    parentSpanId: turn.spanId,
  });
  const spans = [turn, child('queue', began, waitedUntil(report))];
  if (start !== null) spans.push(child('prefill', start.at, firstOutput ?? ended));
  if (firstOutput !== null) spans.push(child('decode', firstOutput, ended));
  return spans;
}

/** Names are those of the GenAI and HTTP conventions, where these have one. Nothing that was said is among them. */
function turnFacts(report: TurnReport, operation: string, model: string) {
  const { end, start, failure, firstOutput, began } = report;
  return {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': 'codexpc',
    'gen_ai.response.model': model,
    'gen_ai.request.stream': report.stream,
    'gen_ai.usage.input_tokens': end?.usage.inputTokens ?? start?.inputTokens,
    'gen_ai.usage.cache_read.input_tokens': end?.usage.cachedTokens ?? start?.cachedTokens,
    'gen_ai.usage.output_tokens': end?.usage.outputTokens,
    'gen_ai.usage.reasoning.output_tokens': end?.usage.reasoningTokens,
    'gen_ai.response.finish_reasons': end === null ? undefined : [end.reason],
    'gen_ai.response.time_to_first_chunk': firstOutput === null ? undefined : (firstOutput - began) / 1000,
    'http.route': report.route,
    'error.type': failure?.code,
    'codexpc.request.id': report.id,
    'codexpc.queue.position': report.position ?? undefined,
  };
}

type AttributeValue = string | number | boolean | readonly string[];

export function attributesOf(facts: { readonly [key: string]: AttributeValue | undefined }): Attribute[] {
  return Object.entries(facts).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: valueOf(value) }]));
}

function valueOf(value: AttributeValue): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { arrayValue: { values: value.map((each) => ({ stringValue: each })) } };
}

type Parent = { readonly traceId: string; readonly spanId: string; readonly sampled: boolean };

/** W3C Trace Context, level 1: versions above 00 may say more behind it. */
function parseTraceparent(header: string | null): Parent | null {
  const [, version, traceId, spanId, flags, more] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(header ?? '') ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return null;
  if (/^0+$/.test(traceId!) || /^0+$/.test(spanId!)) return null;
  return { traceId: traceId!, spanId: spanId!, sampled: (parseInt(flags!, 16) & 1) === 1 };
}

/** Of a trace id, the last seven bytes are random. */
const idRange = 2 ** 56;

function isSampled(traceId: string, parent: Parent | null, { parentBased, ratio }: OtelSettings['sampler']): boolean {
  if (parentBased && parent !== null) return parent.sampled;
  return parseInt(traceId.slice(-14), 16) < ratio * idRange;
}
