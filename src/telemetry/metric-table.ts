/**
 * Every metric of the gateway's own, as /metrics shows it and docs/metrics.md prints it.
 *
 * Names and labels are those of OpenTelemetry's semantic conventions (GenAI model server, HTTP server) in the form that
 * Prometheus gives them, where these have one. No label takes what a client typed: models are the served ids, routes
 * are patterns, outcomes and codes closed lists.
 */
export type MetricDefinition = {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Of a histogram: the upper bounds. */
  readonly buckets?: readonly number[];
};

/** From a cached prompt on a large Mac to a full context window on a small one. */
const seconds = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640];

export const metricTable = {
  gen_ai_server_request_duration_seconds: {
    kind: 'histogram',
    help: 'Seconds from the request of a turn to the end of its answer, waiting included. error_type is the error code, empty when it went well.',
    labels: ['gen_ai_operation_name', 'gen_ai_response_model', 'error_type'],
    buckets: seconds,
  },
  gen_ai_server_time_to_first_token_seconds: {
    kind: 'histogram',
    help: 'Seconds from the request of a turn to the first of its output, waiting included. A daemon that sends text does not show thinking: there it is the time to the answer.',
    labels: ['gen_ai_operation_name', 'gen_ai_response_model'],
    buckets: seconds,
  },
  gen_ai_server_time_per_output_token_seconds: {
    kind: 'histogram',
    help: 'Seconds for each token behind the first, on the average of a turn that went well.',
    labels: ['gen_ai_operation_name', 'gen_ai_response_model'],
    buckets: [0.002, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5],
  },
  codexpc_gateway_turns_total: {
    kind: 'counter',
    help: 'Turns that have ended. The outcome is how the answer ended (stop, stop-text, length, tool-calls), left (the client did not wait for it), or an error code; request_cancelled is a client that left or cancelled. key is the API key by its name in the configuration, none where no key is asked for.',
    labels: ['key', 'http_route', 'gen_ai_response_model', 'outcome'],
  },
  codexpc_gateway_tokens_total: {
    kind: 'counter',
    help: 'Tokens of turns that came to their end. cached is a part of input, reasoning a part of output: cached / input is how much of prefill the engine was spared.',
    labels: ['key', 'gen_ai_response_model', 'type'],
  },
  codexpc_gateway_queue_wait_seconds: {
    kind: 'histogram',
    help: 'Seconds from the request of a turn until the engine took it, or until it was given up in the queue. Rendering and tokenising are in it.',
    labels: ['gen_ai_response_model'],
    buckets: seconds,
  },
  codexpc_gateway_prefill_seconds: {
    kind: 'histogram',
    help: 'Seconds from the moment that the engine took a turn to the first of its output.',
    labels: ['gen_ai_response_model'],
    buckets: seconds,
  },
  codexpc_gateway_repairs_total: {
    kind: 'counter',
    help: 'Faults in the form of what the model wrote that were mended, by the names of docs/harmony.md.',
    labels: ['repair'],
  },
  codexpc_gateway_queue_length: {
    kind: 'gauge',
    help: 'Turns that wait for the engine now.',
    labels: ['gen_ai_response_model'],
  },
  codexpc_gateway_engine_sessions: {
    kind: 'gauge',
    help: 'Sessions that hold the engine now, also those that are cancelled and have not ended yet.',
    labels: ['gen_ai_response_model'],
  },
  codexpc_gateway_turns_open: {
    kind: 'gauge',
    help: 'Turns between their request and the end of their answer now.',
    labels: [],
  },
  codexpc_gateway_errors_total: {
    kind: 'counter',
    help: 'Requests that were answered with an error, by its code. Streams that fail on the way are not among them; codexpc_gateway_turns_total has these.',
    labels: ['error_type'],
  },
  codexpc_gateway_key_refusals_total: {
    kind: 'counter',
    help: 'Turns that an API key was refused because it had its share: turns (too many at a time) or requests (too many a minute).',
    labels: ['key', 'limit'],
  },
  http_server_request_duration_seconds: {
    kind: 'histogram',
    help: 'Seconds from the headers of a request to the end of its answer, of every route. Status 499: the client left before.',
    labels: ['http_request_method', 'http_route', 'http_response_status_code'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  },
  codexpc_gateway_store_bytes: {
    kind: 'gauge',
    help: 'Bytes that the store takes; absent when nothing is stored.',
    labels: [],
  },
  codexpc_gateway_build_info: {
    kind: 'gauge',
    help: 'Always 1; the labels say what runs.',
    labels: ['version', 'backend', 'node'],
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof metricTable;
