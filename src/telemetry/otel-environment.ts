/** Where traces go and how, as OpenTelemetry's environment variables say it. */
export type OtelSettings = {
  readonly endpoint: URL;
  readonly headers: { readonly [name: string]: string };
  /** Milliseconds that an export may take. */
  readonly timeout: number;
  readonly resource: { readonly [attribute: string]: string };
  /** Whether a parent's decision counts, and the share of traces that is kept where there is none. */
  readonly sampler: { readonly parentBased: boolean; readonly ratio: number };
  /** Milliseconds between exports, spans that wait at most, spans of one export. */
  readonly batch: { readonly delay: number; readonly queue: number; readonly size: number };
};

export type Environment = { readonly [name: string]: string | undefined };

/**
 * Reads the OTEL_… variables; null: no traces are wanted. Only those that name an endpoint turn them on.
 *
 * @throws Error that names the variable which can't be honoured.
 */
export function readOtelEnvironment(environment: Environment): OtelSettings | null {
  const read = (name: string) => environment[name]?.trim() || null;
  const ofTraces = (name: string) => read(`OTEL_EXPORTER_OTLP_TRACES_${name}`) ?? read(`OTEL_EXPORTER_OTLP_${name}`);
  const own = read('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  const shared = read('OTEL_EXPORTER_OTLP_ENDPOINT');
  if (own === null && shared === null) return null;
  if (read('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || read('OTEL_TRACES_EXPORTER') === 'none') return null;
  const protocol = ofTraces('PROTOCOL') ?? 'http/json';
  // Collectors take JSON where they take protobuf, told apart by the content type.
  if (!['http/json', 'http/protobuf'].includes(protocol)) {
    throw new Error(`OTEL_EXPORTER_OTLP_PROTOCOL: '${protocol}' is not spoken here, http/json is.`);
  }
  const address = own ?? `${shared!.replace(/\/+$/, '')}/v1/traces`;
  if (!URL.canParse(address) || !/^https?:/.test(address)) {
    throw new Error(`OTEL_EXPORTER_OTLP_ENDPOINT: '${address}' is not an http address.`);
  }
  const number = (name: string, usual: number): number => {
    const value = Number(read(name) ?? usual);
    if (Number.isFinite(value) && value > 0) return value;
    throw new Error(`${name} is a number above 0, not '${read(name)}'.`);
  };
  const timeout = read('OTEL_EXPORTER_OTLP_TRACES_TIMEOUT') === null ? '' : 'TRACES_';
  return {
    endpoint: new URL(address),
    headers: pairs(ofTraces('HEADERS')),
    timeout: number(`OTEL_EXPORTER_OTLP_${timeout}TIMEOUT`, 10_000),
    resource: {
      'service.name': 'codexpc-gateway',
      ...pairs(read('OTEL_RESOURCE_ATTRIBUTES')),
      ...(read('OTEL_SERVICE_NAME') === null ? {} : { 'service.name': read('OTEL_SERVICE_NAME')! }),
    },
    sampler: samplerOf(read('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on', read('OTEL_TRACES_SAMPLER_ARG')),
    batch: {
      delay: number('OTEL_BSP_SCHEDULE_DELAY', 5000),
      queue: number('OTEL_BSP_MAX_QUEUE_SIZE', 2048),
      size: number('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512),
    },
  };
}

function samplerOf(name: string, argument: string | null): OtelSettings['sampler'] {
  const [, parent, kind] = /^(parentbased_)?(always_on|always_off|traceidratio)$/.exec(name) ?? [];
  const ratio = kind === 'traceidratio' ? Number(argument ?? 1) : kind === 'always_on' ? 1 : 0;
  if (kind === undefined || !(ratio >= 0 && ratio <= 1)) {
    throw new Error(`OTEL_TRACES_SAMPLER: '${name}' with '${argument ?? ''}' is not a sampler that is known here.`);
  }
  return { parentBased: parent !== undefined, ratio };
}

/** `key=value,key=value`, percent-encoded. */
function pairs(text: string | null): { readonly [key: string]: string } {
  return Object.fromEntries(
    (text ?? '').split(',').flatMap((pair) => {
      const [, key, value] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
      return key === undefined ? [] : [[key, decoded(value!)]];
    }),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
