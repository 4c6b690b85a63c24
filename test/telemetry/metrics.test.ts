import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/cli/runtime.ts';
import { createEncoding } from '../../src/harmony/encoding.ts';
import { metricTable } from '../../src/telemetry/metric-table.ts';
import { call, openStream } from '../support/client.ts';
import { startGateway } from '../support/gateway.ts';
import type { TestGateway } from '../support/gateway.ts';
import { readMetrics } from '../support/metrics.ts';

const encoding = createEncoding();
const tokens = `
simulator: { output: tokens }
models:
  - { id: small, checkpoint: /models/small.bin, aliases: [tiny] }
  - { id: large, checkpoint: /models/large.bin }
`;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ encoding, settings: tokens, clock: systemClock });
});
afterAll(() => gateway.close());

const ask = (body: object, path = '/v1/responses') => call(gateway.url + path, { body });

test('a turn is counted by its route, the model that answered and how it ended', async () => {
  const before = await readMetrics(gateway.url);
  await ask({ model: 'tiny', input: '/sim say one two three' });
  const after = await readMetrics(gateway.url);
  const grown = (name: string, labels: Record<string, string>) =>
    after.value(name, labels) - before.value(name, labels);
  const model = { gen_ai_response_model: 'small' };
  expect(grown('codexpc_gateway_turns_total', { ...model, http_route: '/v1/responses', outcome: 'stop' })).toBe(1);
  const operation = { ...model, gen_ai_operation_name: 'chat' };
  expect(grown('gen_ai_server_request_duration_seconds_count', { ...operation, error_type: '' })).toBe(1);
  expect(grown('gen_ai_server_time_to_first_token_seconds_count', operation)).toBe(1);
  expect(grown('gen_ai_server_time_per_output_token_seconds_count', operation)).toBe(1);
  expect(grown('codexpc_gateway_queue_wait_seconds_count', model)).toBe(1);
  expect(grown('codexpc_gateway_prefill_seconds_count', model)).toBe(1);
});

test('tokens are counted as the usage of the answer says', async () => {
  const before = await readMetrics(gateway.url);
  type Usage = {
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly input_tokens_details: { readonly cached_tokens: number };
    readonly output_tokens_details: { readonly reasoning_tokens: number };
  };
  const usages: Usage[] = [];
  for (const input of ['/sim think well\n/sim say yes', '/sim think well\n/sim say yes']) {
    const { usage } = (await ask({ model: 'large', input })).json() as { usage: Usage };
    usages.push(usage);
  }
  const after = await readMetrics(gateway.url);
  const grown = (type: string) => {
    const labels = { gen_ai_response_model: 'large', type };
    return after.value('codexpc_gateway_tokens_total', labels) - before.value('codexpc_gateway_tokens_total', labels);
  };
  const sum = (of: (usage: Usage) => number) => usages.reduce((total, usage) => total + of(usage), 0);
  expect(grown('input')).toBe(sum((usage) => usage.input_tokens));
  expect(grown('output')).toBe(sum((usage) => usage.output_tokens));
  expect(grown('cached')).toBe(sum((usage) => usage.input_tokens_details.cached_tokens));
  expect(grown('reasoning')).toBe(sum((usage) => usage.output_tokens_details.reasoning_tokens));
  expect(grown('cached')).toBeGreaterThan(0);
  expect(grown('reasoning')).toBeGreaterThan(0);
});

test('what had to be mended in the model’s output is counted by its name', async () => {
  await ask({ model: 'small', input: '/sim raw <|message|>no channel<|return|>' });
  const metrics = await readMetrics(gateway.url);
  expect(metrics.value('codexpc_gateway_repairs_total', { repair: 'missing-channel' })).toBe(1);
});

test('a fault is counted by its code, in the turns and in the answers', async () => {
  await ask({ model: 'small', input: '/sim fail engine_error broken' });
  await ask({ model: 'small', input: 7 });
  const metrics = await readMetrics(gateway.url);
  const model = { gen_ai_response_model: 'small' };
  expect(metrics.value('codexpc_gateway_turns_total', { ...model, outcome: 'engine_error' })).toBe(1);
  expect(metrics.value('codexpc_gateway_errors_total', { error_type: 'engine_error' })).toBe(1);
  expect(metrics.value('codexpc_gateway_errors_total', { error_type: 'invalid_type' })).toBe(1);
  const requests = { http_route: '/v1/responses', http_request_method: 'POST' };
  for (const http_response_status_code of ['502', '400']) {
    const labels = { ...requests, http_response_status_code };
    expect(metrics.value('http_server_request_duration_seconds_count', labels)).toBe(1);
  }
});

test('a turn that waits is in the queue, and one that is left is counted as cancelled', async () => {
  const first = await openStream(`${gateway.url}/v1/responses`, {
    model: 'large',
    input: '/sim say x\n/sim pace 20\n/sim repeat 200 and',
    stream: true,
  });
  await first.event('response.output_text.delta');
  const second = await openStream(`${gateway.url}/v1/responses`, { model: 'large', input: 'hello', stream: true });
  const large = { gen_ai_response_model: 'large' };
  const busy = await readMetrics(gateway.url);
  expect(busy.value('codexpc_gateway_engine_sessions', large)).toBe(1);
  expect(busy.value('codexpc_gateway_queue_length', large)).toBe(1);
  expect(busy.value('codexpc_gateway_turns_open', {})).toBe(2);
  first.leave();
  await second.ended;
  const after = await readMetrics(gateway.url);
  expect(after.value('codexpc_gateway_turns_total', { ...large, outcome: 'request_cancelled' })).toBe(1);
  expect(after.value('codexpc_gateway_turns_open', {})).toBe(0);
  const left = { http_route: '/v1/responses', http_response_status_code: '499' };
  expect(after.value('http_server_request_duration_seconds_count', left)).toBe(1);
});

test('nothing that a client types becomes a label', async () => {
  const typed = 'walrus"}\n# TYPE walrus counter';
  await ask({ model: typed, input: `/sim say ${typed}` });
  await call(`${gateway.url}/walrus/${encodeURIComponent(typed)}`);
  await call(`${gateway.url}/v1/models/walrus`);
  await call(`${gateway.url}/v1/responses/walrus`);
  await call(`${gateway.url}/v1/responses`, { method: 'PROPFIND' });
  const { text } = await call(`${gateway.url}/metrics`);
  expect(text).not.toContain('walrus');
  expect(text).not.toContain('PROPFIND');
});

test('every metric of the table is shown, with its own figures of the process beside', async () => {
  const { status, headers, text } = await call(`${gateway.url}/metrics`);
  expect(status).toBe(200);
  expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  // There is no store here.
  const expected = Object.keys(metricTable).filter((name) => name !== 'codexpc_gateway_store_bytes');
  const usual = ['process_resident_memory_bytes', 'process_open_fds', 'nodejs_eventloop_lag_p99_seconds'];
  for (const name of [...expected, ...usual]) expect(text).toMatch(new RegExp(`^# TYPE ${name} `, 'm'));
  const metrics = await readMetrics(gateway.url);
  expect(metrics.value('codexpc_gateway_build_info', { backend: 'codexpc', node: process.version })).toBe(1);
});

/** What is in the text format of Prometheus, and in its order: https://prometheus.io/docs/instrumenting/exposition_formats/ */
function faultsOf(text: string): string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  let family = { name: '', kind: '' };
  if (!text.endsWith('\n')) faults.push('no line feed at the end');
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, name, help] = /^# HELP ([a-z][a-z0-9_]*) (.+)$/.exec(line) ?? [];
    const [, typed, kind] = /^# TYPE ([a-z][a-z0-9_]*) (counter|gauge|histogram|summary)$/.exec(line) ?? [];
    // prom-client writes `Nan`, which Prometheus reads: the event loop's delays, where there was none since the last scrape.
    const sample =
      /^([a-z][a-z0-9_]*)(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (?:[-+]?[\d.]+(?:e[-+]?\d+)?|NaN|Nan|[-+]Inf)$/;
    const [, series] = sample.exec(line) ?? [];
    if (name !== undefined && help !== undefined) {
      if (seen.has(name)) faults.push(`${name} comes twice`);
      seen.add(name);
      family = { name, kind: '' };
    } else if (typed !== undefined && kind !== undefined) {
      if (typed !== family.name || family.kind !== '') faults.push(`not behind its HELP: ${line}`);
      if ((kind === 'counter') !== typed.endsWith('_total')) faults.push(`a ${kind} is called ${typed}`);
      family = { name: typed, kind };
    } else {
      const suffix = series?.startsWith(family.name) === true ? series.slice(family.name.length) : null;
      const suffixes = {
        counter: [''],
        gauge: [''],
        histogram: ['_bucket', '_sum', '_count'],
        summary: ['', '_sum', '_count'],
      };
      const allowed = suffixes[family.kind as keyof typeof suffixes] ?? [];
      if (suffix === null || !allowed.includes(suffix)) faults.push(`not of ${family.name}: ${line}`);
    }
  }
  return faults;
}

test('what is shown is in the format of Prometheus, and named by its rules', async () => {
  await ask({ model: 'small', input: '/sim say hello' });
  await ask({ model: 'small', input: '/sim fail engine_error broken' });
  const { text } = await call(`${gateway.url}/metrics`);
  expect(faultsOf(text)).toEqual([]);
  expect(faultsOf(text.replace('# TYPE codexpc_gateway_turns_open gauge', ''))).not.toEqual([]);
});

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

test.skipIf(!hasPromtool)('promtool, where it is, finds no fault', async () => {
  const { text } = await call(`${gateway.url}/metrics`);
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  expect([status, stdout, stderr]).toEqual([0, '', '']);
});

test('a server with keys asks for one at /metrics too', async () => {
  const locked = await startGateway({ encoding, daemon: 'none', settings: 'server: { apiKeys: [secret] }' });
  expect((await call(`${locked.url}/metrics`)).status).toBe(401);
  const { status } = await call(`${locked.url}/metrics`, { headers: { authorization: 'Bearer secret' } });
  expect(status).toBe(200);
  await locked.close();
});

test('a page of another site is not let in by its name', async () => {
  const { status } = await call(`${gateway.url}/metrics`, { headers: { host: 'evil.example' } });
  expect(status).toBe(403);
});

test('a server whose metrics are off has no such page', async () => {
  const silent = await startGateway({ encoding, daemon: 'none', settings: 'metrics: { enabled: false }' });
  expect((await call(`${silent.url}/metrics`)).status).toBe(404);
  await silent.close();
});
