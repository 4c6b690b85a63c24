import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/cli/runtime.ts';
import { createEncoding } from '../../src/harmony/encoding.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { call } from '../support/client.ts';
import { startGateway } from '../support/gateway.ts';
import type { TestGateway } from '../support/gateway.ts';

type Panel = {
  readonly id: number;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
};

const dashboard = JSON.parse(readFileSync(new URL('../../config/grafana-dashboard.json', import.meta.url), 'utf8')) as {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly object[] };
};

let store: Store;
let gateway: TestGateway;
beforeAll(async () => {
  const nobody = () => undefined;
  store = await openStore({ path: null, now: Date.now, lifetime: 1e9, maxBytes: 1e9, onTrouble: nobody });
  gateway = await startGateway({ encoding: createEncoding(), store, clock: systemClock });
});
afterAll(async () => {
  await gateway.close();
  await store.close();
});

/** The metrics that PromQL reads: its names that are no functions, no keywords, no labels and not between quotes. */
function metricsIn(expression: string): string[] {
  const bare = expression
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replaceAll(/\bby \([^)]*\)/g, '');
  return [...bare.matchAll(/\b([a-z_]\w*)\b(?! *\()/gi)].map(([name]) => name);
}

test('the dashboard shows metrics that the gateway has, and no others', async () => {
  await call(`${gateway.url}/v1/responses`, { body: { model: 'm', input: 'hello' } });
  const { text } = await call(`${gateway.url}/metrics`);
  const families = new Map([...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, kind]) => [name!, kind!]));
  const exists = (name: string) => {
    const series = /^(.+)_(?:bucket|sum|count)$/.exec(name)?.[1];
    return families.has(name) || (series !== undefined && families.get(series) === 'histogram');
  };
  const used = dashboard.panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => metricsIn(expr)));
  expect(used.length).toBeGreaterThan(20);
  expect(used.filter((name) => !exists(name))).toEqual([]);
  const ours = [...families.keys()].filter((name) => !/^(process|nodejs)_/.test(name));
  expect(ours.filter((name) => !used.some((other) => other.startsWith(name)))).toEqual([]);
  expect(JSON.stringify(dashboard.templating)).toContain('codexpc_gateway_engine_sessions');
});

test('no two panels lie over each other', () => {
  const { panels } = dashboard;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  for (const { gridPos: one, title } of panels) {
    const over = panels.filter(
      ({ gridPos: other }) =>
        other !== one &&
        one.x < other.x + other.w &&
        other.x < one.x + one.w &&
        one.y < other.y + other.h &&
        other.y < one.y + one.h,
    );
    expect(
      over.map((panel) => panel.title),
      title,
    ).toEqual([]);
  }
});
