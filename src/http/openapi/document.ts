import { failures } from '../../core/errors.ts';
import type { FailureCode } from '../../core/errors.ts';
import { requestSchemas } from '../../dialects/request-schemas.ts';
import { answerSchemas } from './answers.ts';
import { examples } from './examples.ts';
import { operations } from './operations.ts';
import type { Operation, QueryName } from './operations.ts';

export type DocumentOptions = {
  readonly version: string;
  /** Whether API keys are asked for. */
  readonly secured: boolean;
};

/** The server as an OpenAPI 3.1 document. Bodies are described by the very schemas that read them. */
export function openApiDocument({ version, secured }: DocumentOptions) {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    (paths[operation.path] ??= {})[operation.method] = describeOperation(operation, secured);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'codexpc gateway',
      version,
      summary: 'An OpenAI-compatible server in front of codexpc, which runs GPT-OSS on a Mac.',
      description:
        'Bodies may hold more fields than are described here: unknown ones are accepted and have no effect. Streams are events as OpenAI’s SDKs read them.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: secured ? [{ key: [] }] : [],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { ...requestSchemas(), ...answerSchemas },
      responses: Object.fromEntries(statuses().map((status) => [`Error${status}`, errorResponse(status)])),
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'One of server.apiKeys.' } },
    },
  };
}

function describeOperation(operation: Operation, secured: boolean): object {
  const { id, tag, summary, path, body, query = [], open = false } = operation;
  const parameters = [...pathParameters(path), ...query.map((name) => queryParameters[name])];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: body.required,
            content: {
              'application/json': {
                schema: body.required
                  ? reference('schemas', body.schema)
                  : { anyOf: [reference('schemas', body.schema), { type: 'null' }] },
                examples: examples[body.schema],
              },
            },
          },
        }),
    responses: {
      200: { description: 'Done.', content: answerContent(operation) },
      ...errorResponses(operation, secured),
    },
    ...(open ? { security: [] } : {}),
  };
}

function answerContent({ answer, streams = false }: Operation): object {
  const stream = streams ? { 'text/event-stream': { schema: streamEvent } } : {};
  if (answer === 'text') return { 'text/plain': { schema: { type: 'string' } } };
  if (answer === 'events') return { 'text/event-stream': { schema: streamEvent } };
  return { 'application/json': { schema: reference('schemas', answer) }, ...stream };
}

/** Those that any request can have are the first. A server without keys looks at the Host header instead. */
function errorResponses({ failures: own, path, open = false }: Operation, secured: boolean): object {
  const guards: readonly FailureCode[] = secured ? (open ? [] : ['invalid_api_key']) : ['host_not_allowed'];
  const ids: readonly FailureCode[] = path.includes('{') ? ['not_found', 'unknown_url'] : [];
  const media: readonly FailureCode[] = ['unsupported_media_type', 'payload_too_large'];
  const codes: readonly FailureCode[] = [...guards, ...media, 'internal_error', ...ids, ...own];
  const possible = new Set(codes.map((code) => failures[code].status));
  return Object.fromEntries(
    statuses()
      .filter((status) => possible.has(status))
      .map((status) => [status, reference('responses', `Error${status}`)]),
  );
}

function statuses() {
  return [...new Set(Object.values(failures).map(({ status }) => status))].toSorted((one, other) => one - other);
}

function errorResponse(status: number): object {
  const rows = Object.entries(failures).filter(([, failure]) => failure.status === status);
  const retryAfter = { 'Retry-After': { schema: { type: 'string' }, description: 'Seconds, when a time is known.' } };
  return {
    description: `One of: ${rows.map(([code]) => code).join(', ')}.`,
    ...(rows.some(([, { retryable }]) => retryable) ? { headers: retryAfter } : {}),
    content: { 'application/json': { schema: reference('schemas', 'Error') } },
  };
}

function pathParameters(path: string): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1 },
  }));
}

const text = { type: 'string' };

const queryParameters: { readonly [Name in QueryName]: object } = {
  after: { name: 'after', in: 'query', schema: text, description: 'The id that the page begins behind.' },
  limit: {
    name: 'limit',
    in: 'query',
    schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    description: 'Most entries of a page.',
  },
  order: { name: 'order', in: 'query', schema: { enum: ['asc', 'desc'] }, description: 'asc: the oldest first.' },
  model: { name: 'model', in: 'query', schema: text, description: 'Only those that asked for this model.' },
  metadata: {
    name: 'metadata',
    in: 'query',
    style: 'deepObject',
    explode: true,
    schema: { type: 'object', additionalProperties: text },
    description: 'Only those with these metadata, as in metadata[topic]=weather.',
  },
  stream: {
    name: 'stream',
    in: 'query',
    schema: {},
    description: 'true: all its events, also those that are still to come.',
  },
  include: {
    name: 'include[]',
    in: 'query',
    schema: { type: 'array', items: text },
    description: 'reasoning.encrypted_content: reasoning comes sealed, too. Other values change nothing.',
  },
  starting_after: {
    name: 'starting_after',
    in: 'query',
    schema: { type: 'integer', minimum: 0 },
    description: 'With stream: only the events behind the one of this number.',
  },
};

/** What each event of a stream is. */
const streamEvent = { type: 'object', properties: { event: text, data: text }, required: ['data'] };

function reference(kind: 'schemas' | 'responses', name: string): object {
  return { $ref: `#/components/${kind}/${name}` };
}
