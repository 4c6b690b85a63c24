import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { readOtelEnvironment } from '../../src/telemetry/otel-environment.ts';
import type { Span } from '../../src/telemetry/spans.ts';
import { endWith } from '../support/cleanup.ts';
import { call } from '../support/client.ts';
import { createCondition } from '../support/condition.ts';
import { startGateway } from '../support/process.ts';

type Export = {
  readonly path: string;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly resource: { readonly [key: string]: unknown };
  readonly spans: readonly Span[];
};

/** A collector that takes OTLP over HTTP as JSON; `statuses` are what it answers first, 200 comes then. */
async function startCollector(...statuses: number[]) {
  const exports: Export[] = [];
  const record = createCondition();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const [{ resource, scopeSpans }] = (JSON.parse(body) as { resourceSpans: [ResourceSpans] }).resourceSpans;
      const status = statuses.shift() ?? 200;
      response.writeHead(status).end('{}');
      if (status === 200) {
        const spans = scopeSpans.flatMap((scope) => scope.spans);
        exports.push({ path: request.url!, headers: request.headers, resource: factsOf(resource.attributes), spans });
      }
      record.changed();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  endWith('test', () => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exports,
    /** All spans, once there are so many. */
    spans: (count: number) =>
      record.until(() => {
        const spans = exports.flatMap((each) => each.spans);
        return spans.length >= count && spans;
      }),
  };
}

type ResourceSpans = {
  readonly resource: { readonly attributes: Span['attributes'] };
  readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
};

/** Attributes as an object, each with its one value. */
function factsOf(attributes: Span['attributes']): { readonly [key: string]: unknown } {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0] as unknown]));
}

const soon = { OTEL_BSP_SCHEDULE_DELAY: '20' };

test('a turn is a span with its queue, prefill and decode in it', async () => {
  const collector = await startCollector();
  const environment = {
    ...soon,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-token=a%20b',
    OTEL_SERVICE_NAME: 'my-gateway',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test',
  };
  const gateway = await startGateway({ environment, config: { simulator: { output: 'tokens' } } });
  const body = { model: 'walrus', input: '/sim think well\n/sim say walrus' };
  const answer = await call(`${gateway.origin}/v1/responses`, { body });
  const [turn, ...parts] = await collector.spans(4);
  const { usage } = answer.json() as { usage: { input_tokens: number; output_tokens: number } };
  expect(turn).toMatchObject({ name: 'chat gpt-oss-20b', kind: 2 });
  expect(turn).not.toHaveProperty('parentSpanId');
  expect(factsOf(turn!.attributes)).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.response.model': 'gpt-oss-20b',
    'gen_ai.usage.input_tokens': String(usage.input_tokens),
    'gen_ai.usage.output_tokens': String(usage.output_tokens),
    'gen_ai.response.finish_reasons': { values: [{ stringValue: 'stop' }] },
    'http.route': '/v1/responses',
    'codexpc.request.id': answer.headers['x-request-id'],
  });
  expect(parts.map(({ name }) => name)).toEqual(['queue', 'prefill', 'decode']);
  const times = parts.flatMap(({ startTimeUnixNano, endTimeUnixNano }) => [startTimeUnixNano, endTimeUnixNano]);
  expect(times).toEqual(times.toSorted());
  expect(times[0]).toBe(turn!.startTimeUnixNano);
  expect(times.at(-1)).toBe(turn!.endTimeUnixNano);
  for (const part of parts) expect(part).toMatchObject({ traceId: turn!.traceId, parentSpanId: turn!.spanId });
  const [sent] = collector.exports;
  expect(sent).toMatchObject({ path: '/v1/traces', headers: { 'x-token': 'a b' } });
  expect(sent!.resource).toMatchObject({ 'service.name': 'my-gateway', 'deployment.environment': 'test' });
  expect(JSON.stringify(collector.exports)).not.toContain('walrus');
});

test('the trace of a client is gone on with, and not when the client does not keep it', async () => {
  const collector = await startCollector();
  const environment = { ...soon, OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/` };
  const gateway = await startGateway({ environment });
  const ask = (traceparent: string) =>
    call(`${gateway.origin}/v1/responses`, { body: { model: 'm', input: 'hello' }, headers: { traceparent } });
  const [trace, parent] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
  await ask(`00-${trace}-${parent}-00`);
  await ask(`00-${trace}-${parent}-01`);
  const [turn] = await collector.spans(4);
  expect(turn).toMatchObject({ traceId: trace, parentSpanId: parent });
  for (const odd of ['walrus', `00-${'0'.repeat(32)}-${parent}-01`, `ff-${trace}-${parent}-01`]) await ask(odd);
  const spans = await collector.spans(16);
  expect(spans).toHaveLength(16);
  expect(spans.slice(4).filter(({ traceId }) => traceId === trace)).toEqual([]);
});

test('a turn that fails says so, by its code', async () => {
  const collector = await startCollector();
  const environment = { ...soon, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/own/path` };
  const gateway = await startGateway({ environment });
  await call(`${gateway.origin}/v1/responses`, { body: { model: 'm', input: '/sim fail engine_error walrus' } });
  const [turn] = await collector.spans(1);
  expect(turn).toMatchObject({ status: { code: 2, message: 'engine_error' } });
  expect(factsOf(turn!.attributes)).toMatchObject({ 'error.type': 'engine_error' });
  expect(collector.exports[0]!.path).toBe('/own/path');
});

test('what a busy collector refuses is sent again, and what is left is sent at the end', async () => {
  const collector = await startCollector(503);
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '4' };
  const gateway = await startGateway({ environment });
  const body = { model: 'm', input: 'hello' };
  await call(`${gateway.origin}/v1/responses`, { body });
  await collector.spans(4);
  await call(`${gateway.origin}/v1/responses`, { body: { model: 'm', input: '/sim fail engine_error' } });
  gateway.kill('SIGTERM');
  await gateway.exited;
  // The failed turn has no decode, so it didn't fill a batch.
  expect(collector.exports.flatMap(({ spans }) => spans)).toHaveLength(7);
});

test('a collector that is not there costs no answer, and the log says that spans were lost', async () => {
  const environment = { ...soon, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
  const gateway = await startGateway({ environment });
  const { status } = await call(`${gateway.origin}/v1/responses`, { body: { model: 'm', input: 'hello' } });
  expect(status).toBe(200);
  await gateway.untilLogged(({ msg }) => msg.startsWith('4 spans were lost: '));
});

describe('the environment', () => {
  test('asks for nothing unless it names an endpoint', () => {
    expect(readOtelEnvironment({})).toBeNull();
    expect(readOtelEnvironment({ OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER: 'always_on' })).toBeNull();
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
    expect(readOtelEnvironment({ ...endpoint, OTEL_SDK_DISABLED: 'TRUE' })).toBeNull();
    expect(readOtelEnvironment({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' })).toBeNull();
    expect(readOtelEnvironment(endpoint)?.endpoint.href).toBe('http://collector:4318/v1/traces');
  });

  test.each([
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector'],
    ['OTEL_TRACES_SAMPLER', 'sometimes'],
    ['OTEL_BSP_SCHEDULE_DELAY', 'soon'],
  ])('is refused where %s is %s', (name, value) => {
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', [name]: value };
    expect(() => readOtelEnvironment(environment)).toThrow(name);
  });

  test('chooses the share of traces', () => {
    const sampler = (name: string, argument?: string) =>
      readOtelEnvironment({
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
        OTEL_TRACES_SAMPLER: name,
        OTEL_TRACES_SAMPLER_ARG: argument,
      })?.sampler;
    expect(sampler('always_off')).toEqual({ parentBased: false, ratio: 0 });
    expect(sampler('parentbased_always_on')).toEqual({ parentBased: true, ratio: 1 });
    expect(sampler('traceidratio', '0.25')).toEqual({ parentBased: false, ratio: 0.25 });
  });
});
