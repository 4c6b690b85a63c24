/**
 * Every way in which a request can fail, by the `code` that clients see.
 *
 * - `status`: of the HTTP answer, when nothing has been streamed yet.
 * - `type`: the `error.type` of OpenAI's envelope.
 * - `retryable`: whether the same request may succeed later; such answers carry `Retry-After` when a time is known.
 * - `failedCode`: the `error.code` of a Responses stream's `response.failed`, whose values are a closed list.
 */
export const failures = {
  invalid_json: { status: 400, type: 'invalid_request_error', retryable: false, failedCode: 'invalid_prompt' },
  missing_required_parameter: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    failedCode: 'invalid_prompt',
  },
  invalid_type: { status: 400, type: 'invalid_request_error', retryable: false, failedCode: 'invalid_prompt' },
  invalid_value: { status: 400, type: 'invalid_request_error', retryable: false, failedCode: 'invalid_prompt' },
  unknown_parameter: { status: 400, type: 'invalid_request_error', retryable: false, failedCode: 'invalid_prompt' },
  unsupported_parameter: { status: 400, type: 'invalid_request_error', retryable: false, failedCode: 'invalid_prompt' },
  unsupported_value: { status: 400, type: 'invalid_request_error', retryable: false, failedCode: 'invalid_prompt' },
  tool_call_not_found: { status: 400, type: 'invalid_request_error', retryable: false, failedCode: 'invalid_prompt' },
  invalid_encrypted_content: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    failedCode: 'invalid_prompt',
  },
  context_length_exceeded: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    failedCode: 'context_length_exceeded',
  },
  previous_response_not_found: {
    status: 400,
    type: 'invalid_request_error',
    retryable: false,
    failedCode: 'invalid_prompt',
  },
  invalid_api_key: { status: 401, type: 'invalid_request_error', retryable: false, failedCode: 'server_error' },
  host_not_allowed: { status: 403, type: 'invalid_request_error', retryable: false, failedCode: 'server_error' },
  model_not_found: { status: 404, type: 'invalid_request_error', retryable: false, failedCode: 'model_not_found' },
  not_found: { status: 404, type: 'invalid_request_error', retryable: false, failedCode: 'server_error' },
  unknown_url: { status: 404, type: 'invalid_request_error', retryable: false, failedCode: 'server_error' },
  method_not_allowed: { status: 405, type: 'invalid_request_error', retryable: false, failedCode: 'server_error' },
  request_timeout: { status: 408, type: 'invalid_request_error', retryable: true, failedCode: 'server_error' },
  payload_too_large: { status: 413, type: 'invalid_request_error', retryable: false, failedCode: 'server_error' },
  uri_too_long: { status: 414, type: 'invalid_request_error', retryable: false, failedCode: 'server_error' },
  unsupported_media_type: { status: 415, type: 'invalid_request_error', retryable: false, failedCode: 'server_error' },
  upgrade_required: { status: 426, type: 'invalid_request_error', retryable: false, failedCode: 'server_error' },
  rate_limit_exceeded: { status: 429, type: 'rate_limit_error', retryable: true, failedCode: 'rate_limit_exceeded' },
  headers_too_large: { status: 431, type: 'invalid_request_error', retryable: false, failedCode: 'server_error' },
  request_cancelled: { status: 499, type: 'invalid_request_error', retryable: true, failedCode: 'server_error' },
  internal_error: { status: 500, type: 'server_error', retryable: true, failedCode: 'server_error' },
  storage_failed: { status: 500, type: 'server_error', retryable: true, failedCode: 'server_error' },
  engine_error: { status: 502, type: 'server_error', retryable: true, failedCode: 'server_error' },
  invalid_answer: { status: 502, type: 'server_error', retryable: false, failedCode: 'invalid_prompt' },
  backend_lost: { status: 502, type: 'server_error', retryable: true, failedCode: 'server_error' },
  backend_unavailable: { status: 503, type: 'server_error', retryable: true, failedCode: 'server_error' },
  shutting_down: { status: 503, type: 'server_error', retryable: true, failedCode: 'server_error' },
  backend_timeout: { status: 504, type: 'server_error', retryable: true, failedCode: 'server_error' },
} as const satisfies Record<string, Failure>;

type Failure = {
  readonly status: number;
  readonly type: 'invalid_request_error' | 'rate_limit_error' | 'server_error';
  readonly retryable: boolean;
  readonly failedCode:
    | 'server_error'
    | 'rate_limit_exceeded'
    | 'invalid_prompt'
    | 'context_length_exceeded'
    | 'model_not_found';
};

export type FailureCode = keyof typeof failures;

export type FailureDetails = {
  /** Path of the request field at fault, as in `input[2].content`; absent when no field is. */
  readonly param?: string;
  /** Seconds after which a retry makes sense. */
  readonly retryAfter?: number;
  /** What made it fail; for the log, never for the client. */
  readonly cause?: unknown;
};

/** The one error of this project: everything a client may be told is in it, `cause` is for the log alone. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: FailureCode;
  readonly param: string | null;
  readonly retryAfter: number | null;

  constructor(code: FailureCode, message: string, details: FailureDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.param = details.param ?? null;
    this.retryAfter = details.retryAfter ?? null;
  }

  get status(): number {
    return failures[this.code].status;
  }
}

/** Details that name the field at fault, where its name is known. */
export function inField(param: string | undefined): FailureDetails {
  return param === undefined ? {} : { param };
}

/** OpenAI's error envelope. */
export type ErrorEnvelope = {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
};

export function errorEnvelope(error: GatewayError): ErrorEnvelope {
  return {
    error: { message: error.message, type: failures[error.code].type, param: error.param, code: error.code },
  };
}

/** Wraps anything thrown into a `GatewayError`; what is not ours becomes `internal_error` with no detail shown. */
export function asGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError('internal_error', 'The gateway failed to handle this request; its log has the reason.', {
    cause: thrown,
  });
}
