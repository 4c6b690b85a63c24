import { readdir } from 'node:fs/promises';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { noKey } from '../core/api-keys.ts';
import type { TurnObserver, TurnReport } from '../core/turn-report.ts';
import { metricTable } from './metric-table.ts';
import type { MetricDefinition, MetricName } from './metric-table.ts';
import { operationOf, servedModel, waitedUntil } from './turn-facts.ts';

export type MetricsOptions = {
  /** The id under which a model is served that a client calls by any name; null: none is. */
  readonly servedModel: (name: string) => string | null;
  /** What each engine does now, with the id of its first model. */
  readonly engines: () => readonly { readonly model: string; readonly running: number; readonly queued: number }[];
  /** Bytes that the store takes; null: there is none. */
  readonly storeBytes: (() => Promise<number>) | null;
  readonly build: { readonly version: string; readonly backend: string; readonly node: string };
};

export type Metrics = {
  /** Counts turns, at their beginning and at their end. */
  readonly turns: TurnObserver;
  /** A request has been answered, or its client has left. `route` is a pattern; null: there is no such route. */
  answered(request: {
    readonly method: string;
    readonly route: string | null;
    readonly status: number;
    readonly milliseconds: number;
  }): void;
  /** A request was answered with an error of this code. */
  refused(code: string): void;
  /** The API key of this name was refused a turn by this limit of its own. */
  limited(key: string, limit: string): void;
  readonly contentType: string;
  /** Everything in the text format of Prometheus. */
  text(): Promise<string>;
};

/**
 * The gateway's metrics. What a turn was is counted when it has ended, nothing while it runs.
 *
 * Those of the process (memory, file descriptors, the event loop's delay) are measured from the first `text()` on: the
 * event loop's delay costs a timer, which a laptop whose metrics nobody reads should be spared.
 */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  const definition = (name: MetricName) => {
    const { help, labels }: MetricDefinition = metricTable[name];
    return { name, help, labelNames: [...labels], registers: [registry] };
  };
  const counter = (name: MetricName) => new Counter(definition(name));
  const histogram = (name: MetricName) => {
    const { buckets = [] }: MetricDefinition = metricTable[name];
    return new Histogram({ ...definition(name), buckets: [...buckets] });
  };
  const gauge = (name: MetricName, collect: (gauge: Gauge) => void | Promise<void>) =>
    new Gauge({
      ...definition(name),
      collect() {
        return collect(this);
      },
    });

  const duration = histogram('gen_ai_server_request_duration_seconds');
  const firstToken = histogram('gen_ai_server_time_to_first_token_seconds');
  const perToken = histogram('gen_ai_server_time_per_output_token_seconds');
  const turns = counter('codexpc_gateway_turns_total');
  const tokens = counter('codexpc_gateway_tokens_total');
  const queueWait = histogram('codexpc_gateway_queue_wait_seconds');
  const prefill = histogram('codexpc_gateway_prefill_seconds');
  const repairs = counter('codexpc_gateway_repairs_total');
  const errors = counter('codexpc_gateway_errors_total');
  const keyRefusals = counter('codexpc_gateway_key_refusals_total');
  const requests = histogram('http_server_request_duration_seconds');
  let open = 0;

  gauge('codexpc_gateway_turns_open', (turnsOpen) => turnsOpen.set(open));
  gauge('codexpc_gateway_queue_length', (length) => {
    for (const { model, queued } of options.engines()) length.set({ gen_ai_response_model: model }, queued);
  });
  gauge('codexpc_gateway_engine_sessions', (sessions) => {
    for (const { model, running } of options.engines()) sessions.set({ gen_ai_response_model: model }, running);
  });
  gauge('codexpc_gateway_build_info', (info) => info.set(options.build, 1));
  const { storeBytes } = options;
  if (storeBytes !== null) gauge('codexpc_gateway_store_bytes', async (size) => size.set(await storeBytes()));

  function count(report: TurnReport): void {
    const { began, start, firstOutput, end, failure, position } = report;
    const ended = report.ended ?? began;
    const model = { gen_ai_response_model: servedModel(report, options.servedModel) };
    const operation = { gen_ai_operation_name: operationOf(report), ...model };
    const outcome = failure?.code ?? end?.reason ?? 'left';
    const wentWell = failure === null && end !== null;
    const key = { key: report.key ?? noKey };
    turns.inc({ ...key, http_route: report.route, ...model, outcome });
    duration.observe({ ...operation, error_type: failure?.code ?? '' }, (ended - began) / 1000);
    if (start !== null || position !== null) queueWait.observe(model, (waitedUntil(report) - began) / 1000);
    if (firstOutput !== null) {
      firstToken.observe(operation, (firstOutput - began) / 1000);
      if (start !== null) prefill.observe(model, (firstOutput - start.at) / 1000);
    }
    if (end === null) return;
    const { inputTokens, cachedTokens, outputTokens, reasoningTokens } = end.usage;
    tokens.inc({ ...key, ...model, type: 'input' }, inputTokens);
    tokens.inc({ ...key, ...model, type: 'cached' }, cachedTokens);
    tokens.inc({ ...key, ...model, type: 'output' }, outputTokens);
    tokens.inc({ ...key, ...model, type: 'reasoning' }, reasoningTokens);
    if (wentWell && firstOutput !== null && outputTokens > 1) {
      perToken.observe(operation, (ended - firstOutput) / 1000 / (outputTokens - 1));
    }
    for (const [repair, times] of Object.entries(end.repairs ?? {})) repairs.inc({ repair }, times);
  }

  let measuresProcess = false;
  function measureProcess(): void {
    if (measuresProcess) return;
    measuresProcess = true;
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
    for (const name of misnamed) registry.removeSingleMetric(name);
    // The library knows this one on Linux alone.
    if (registry.getSingleMetric('process_open_fds') !== undefined) return;
    const openFiles: Gauge = new Gauge({
      name: 'process_open_fds',
      help: 'Number of open file descriptors.',
      registers: [registry],
      collect: async () => openFiles.set((await readdir('/dev/fd')).length),
    });
  }

  return {
    turns: {
      began: () => {
        open += 1;
      },
      ended(report) {
        open -= 1;
        count(report);
      },
    },
    answered({ method, route, status, milliseconds }) {
      requests.observe(
        {
          http_request_method: knownMethods.has(method) ? method : '_OTHER',
          http_route: route ?? 'unmatched',
          http_response_status_code: status,
        },
        milliseconds / 1000,
      );
    },
    refused: (code) => errors.inc({ error_type: code }),
    limited: (key, limit) => keyRefusals.inc({ key, limit }),
    contentType: registry.contentType,
    text() {
      measureProcess();
      return registry.metrics();
    },
  };
}

/** Gauges that the library calls totals; Prometheus's own checks refuse such names. The same figures are there by type. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** Those of the conventions; any other is `_OTHER` there. */
const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']);
