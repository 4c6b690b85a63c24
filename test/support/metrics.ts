import { call } from './client.ts';

/** One reading of /metrics. */
export type MetricsReading = {
  readonly names: ReadonlySet<string>;
  /** The sum over all samples of this name that have these labels, among others; 0: there are none. */
  value(name: string, labels: { readonly [label: string]: string }): number;
};

type Sample = { readonly name: string; readonly labels: ReadonlyMap<string, string>; readonly value: number };

export async function readMetrics(
  url: string,
  headers: { readonly [name: string]: string } = {},
): Promise<MetricsReading> {
  const samples = (await call(`${url}/metrics`, { headers })).text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(parseSample);
  return {
    names: new Set(samples.map(({ name }) => name)),
    value: (name, labels) =>
      samples
        .filter((sample) => sample.name === name)
        .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels.get(label) === value))
        .reduce((sum, { value }) => sum + value, 0),
  };
}

/** `name{label="value",…} 7`; values here hold no quotes. */
function parseSample(line: string): Sample {
  const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line)!;
  const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, text]) => [label!, text!] as const);
  return { name: name!, labels: new Map(pairs), value: Number(value) };
}
