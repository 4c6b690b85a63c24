import type { TurnObserver } from '../core/turn-report.ts';
import type { OtelSettings } from './otel-environment.ts';
import { attributesOf, spansOf } from './spans.ts';
import type { Span } from './spans.ts';

export type TracesOptions = {
  readonly settings: OtelSettings;
  readonly version: string;
  /** The id under which a model is served that a client calls by any name; null: none is. */
  readonly servedModel: (name: string) => string | null;
  /** Is told when spans are lost, and why. */
  readonly onTrouble: (message: string) => void;
};

export type Traces = {
  readonly turns: TurnObserver;
  /** Sends what is left; resolves when that is done or has failed. */
  close(): Promise<void>;
};

/** Answers of a collector after which the same export may succeed, and the milliseconds to wait before each new try. */
const passingStatuses = new Set([429, 502, 503, 504]);
const retryDelays = [1000, 2000];

/** Sends each turn as a trace to an OpenTelemetry collector, in OTLP's JSON form, some turns at a time. */
export function createTraces({ settings, version, servedModel, onTrouble }: TracesOptions): Traces {
  const { batch } = settings;
  const resource = { attributes: attributesOf({ ...settings.resource, 'service.version': version }) };
  const closing = new AbortController();
  let waiting: Span[] = [];
  let dropped = 0;
  let timer: NodeJS.Timeout | null = null;
  let sending = Promise.resolve();

  function add(spans: readonly Span[]): void {
    if (waiting.length + spans.length > batch.queue) {
      dropped += spans.length;
      return;
    }
    waiting.push(...spans);
    if (waiting.length >= batch.size) flush();
    else timer ??= setTimeout(flush, batch.delay).unref();
  }

  function flush(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    sending = sending.then(async () => {
      while (waiting.length > 0) {
        const spans = waiting.slice(0, batch.size);
        const problem = await send(spans);
        waiting = waiting.slice(spans.length);
        if (problem !== null) dropped += spans.length;
        if (dropped > 0) onTrouble(`${dropped} spans were lost: ${problem ?? 'too many were waiting'}.`);
        dropped = 0;
      }
    });
  }

  /** null: they have arrived. */
  async function send(spans: readonly Span[]): Promise<string | null> {
    const scopeSpans = [{ scope: { name: 'codexpc-gateway', version }, spans }];
    const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] });
    for (const delay of [...retryDelays, null]) {
      const { problem, passing } = await post(body);
      if (problem === null || !passing || delay === null || closing.signal.aborted) return problem;
      await pause(delay, closing.signal);
    }
    return null;
  }

  async function post(body: string): Promise<{ readonly problem: string | null; readonly passing: boolean }> {
    try {
      const response = await fetch(settings.endpoint, {
        method: 'POST',
        headers: { ...settings.headers, 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(settings.timeout),
      });
      await response.arrayBuffer();
      if (response.ok) return { problem: null, passing: false };
      return { problem: `the collector answered ${response.status}`, passing: passingStatuses.has(response.status) };
    } catch (error) {
      const { message, cause } = error as Error;
      return { problem: cause instanceof Error ? `${message} (${cause.message})` : message, passing: true };
    }
  }

  return {
    turns: {
      began: () => undefined,
      ended: (report) => add(spansOf(report, servedModel, settings.sampler)),
    },
    close() {
      closing.abort();
      flush();
      return sending;
    },
  };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds).unref();
    signal.addEventListener('abort', done);
  });
}
