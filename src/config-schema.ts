import { z } from 'zod';
import { keySchema } from './config-keys.ts';

/** The service name that the daemon registers by itself. */
export const usualService = 'com.yourorg.codexpc';

/** What setTimeout can wait, about 24 days. */
const longestTimeout = 2 ** 31 - 1;

const perKey = z.int().min(1).nullable().default(null);
const milliseconds = (usual: number) => z.int().min(1).max(longestTimeout).default(usual);
const text = z.string().min(1);
const path = text.nullable().default(null);

const modelSchema = z.strictObject({
  id: text.describe('Name by which clients ask for the model.'),
  checkpoint: text.describe('Path of the model file.'),
  contextWindow: z.int().min(1).default(131_072).describe('Most tokens of prompt and answer together.'),
  aliases: z.array(text).default([]).describe('Other names of the model.'),
  maxOutputTokens: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('Most tokens of an answer; null: what the context window leaves.'),
});

/**
 * The configuration as it is written. The descriptions are the documentation: config/gateway.example.yaml and the help
 * text are made of them.
 */
export const configSchema = z.strictObject({
  server: z.strictObject({
    host: text.default('127.0.0.1').describe('Address to listen on. One that is not a loopback address needs apiKeys.'),
    port: z.int().min(0).max(65_535).default(8642).describe('Port to listen on; 0: any free one.'),
    apiKeys: z
      .array(keySchema)
      .default([])
      .describe(
        'Keys of which a client must send one as `Authorization: Bearer KEY`; none: no key is asked for. Each is a key, the hash of one, or an entry as below.',
      ),
    allowedHosts: z
      .array(text)
      .default([])
      .describe(
        'Names, beside localhost and IP addresses, by which browsers and clients may call a server without keys.',
      ),
    bodyLimit: z.int().min(1).default(8_388_608).describe('Largest request body in bytes.'),
    headersTimeout: milliseconds(30_000).describe('Milliseconds a client may take to send its request headers.'),
    requestTimeout: milliseconds(120_000).describe('Milliseconds a client may take to send its whole request.'),
    keepAliveInterval: milliseconds(15_000).describe(
      'Milliseconds of silence on a stream before a sign of life is sent.',
    ),
    stallTimeout: milliseconds(60_000).describe('Milliseconds a client may leave unread what was streamed to it.'),
    webSockets: z
      .boolean()
      .default(true)
      .describe('Take WebSockets at /v1/responses; false: they are answered with 426, and clients use HTTP.'),
    shutdownTimeout: milliseconds(10_000).describe('Milliseconds that running answers may take to end at shutdown.'),
    chatReasoning: z
      .boolean()
      .default(true)
      .describe(
        'Send what the model thought with chat completions, as reasoning_content and reasoning; false: it is left out.',
      ),
  }),
  backend: z.strictObject({
    type: z
      .enum(['auto', 'codexpc', 'simulator'])
      .default('auto')
      .describe(
        'Who answers. codexpc: the daemon. simulator: an embedded imitation of it, without a model. auto: codexpc when a checkpoint or a service is configured, else the simulator.',
      ),
    service: text
      .nullable()
      .default(null)
      .describe(`Mach service name of the daemon, or the socket path of a simulated one; null: ${usualService}.`),
    library: path.describe(
      'Path of the native shim; null: the one that was built here, else the one that the package brings.',
    ),
    input: z
      .enum(['auto', 'tokens', 'messages', 'conversation'])
      .default('auto')
      .describe(
        'In which form prompts go to the daemon. auto: as tokens, unless its handshake shows another Harmony; messages and conversation let the daemon render, and lose what docs/daemon.md says.',
      ),
    tokenOutput: z
      .enum(['auto', 'off'])
      .default('auto')
      .describe(
        'auto: ask the daemon for token ids, which show reasoning and tool calls as they are sampled; off: text only.',
      ),
  }),
  checkpoint: path.describe('Path of the model file, when one model is served; null: those under models.'),
  model: text
    .nullable()
    .default(null)
    .describe('Name of that one model; null: the name in the path, such as gpt-oss-20b.'),
  models: z.array(modelSchema).default([]).describe('Several models, the default one first.'),
  strictModels: z
    .boolean()
    .default(false)
    .describe('Answer requests for unknown models with 404 instead of with the default model.'),
  limits: z.strictObject({
    sessionsPerEngine: z
      .int()
      .min(1)
      .max(4)
      .default(1)
      .describe(
        'Sessions on one checkpoint at the same time, of the four that the daemon has in all. More than 1 mixes up answers on a daemon whose sessions share one engine, as today’s do.',
      ),
    queueLength: z
      .int()
      .min(0)
      .default(16)
      .describe('Most turns that wait for one engine; more are answered with 429.'),
    queueTimeout: milliseconds(300_000).describe('Milliseconds a turn may wait for its engine.'),
    firstToken: milliseconds(600_000).describe(
      'Milliseconds to the first sign of life; prefill of a long prompt takes minutes.',
    ),
    idle: milliseconds(120_000).describe('Milliseconds between two signs of life after the first.'),
    total: milliseconds(3_600_000).describe('Milliseconds a turn may take altogether.'),
    cancelGrace: milliseconds(30_000).describe(
      'Milliseconds a cancelled turn may take to end before its connection is dropped. One whose prompt is still being read gets what firstToken leaves it, since the daemon hears nothing meanwhile.',
    ),
    greeting: milliseconds(60_000).describe(
      'Milliseconds the daemon may take to answer on a new connection; launchd may have to start it first.',
    ),
    turnsPerKey: perKey.describe(
      'Most turns of one API key that run or wait at the same time; more are answered with 429. null: no limit.',
    ),
    requestsPerMinutePerKey: perKey.describe(
      'Most requests for turns that one API key may make a minute, as many of them at once as it likes; more are answered with 429. null: no limit.',
    ),
  }),
  store: z.strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe(
        'Keep responses, conversations and chat completions that clients ask to be stored; false: nothing is kept.',
      ),
    path: path.describe(
      'Path of the database file; null: in this user’s state directory, and with the embedded simulator in memory alone.',
    ),
    expiryDays: z
      .number()
      .positive()
      .max(36_500)
      .default(30)
      .describe('Days that things are kept since they were used last.'),
    sealKey: path.describe(
      'Path of the file with the key that seals reasoning which clients keep (encrypted_content), made on first need; null: seal.key in this user’s state directory, and with the embedded simulator in memory alone.',
    ),
    maxBytes: z
      .int()
      .min(1)
      .default(1_073_741_824)
      .describe('Bytes that the store may take; beyond, what is oldest is removed.'),
  }),
  simulator: z.strictObject({
    output: z
      .enum(['classic', 'tokens'])
      .default('classic')
      .describe('classic: the text of final answers, as the daemon sends it today; tokens: token ids.'),
    script: path.describe('Path of a file that says what the simulated model answers; null: its own answers.'),
    pace: z.number().min(0).default(0).describe('Tokens a second; 0: as fast as possible.'),
  }),
  metrics: z.strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe('Count what happens, for Prometheus at /metrics; it asks for an API key where the API does.'),
  }),
  recording: z.strictObject({
    directory: path.describe(
      'Directory that every turn is recorded in, all that is said included; null: nothing is recorded.',
    ),
    redact: z.boolean().default(false).describe('Replace the texts in recordings by others of the same shape.'),
    maxFiles: z.int().min(1).default(100).describe('Recordings that are kept; beyond, the oldest are removed.'),
    maxBytes: z
      .int()
      .min(1)
      .default(33_554_432)
      .describe('Bytes of a turn that are recorded, about; what is more is left out.'),
  }),
  log: z.strictObject({
    level: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
      .default('info')
      .describe('The least serious lines that are logged.'),
    format: z
      .enum(['auto', 'json', 'text'])
      .default('auto')
      .describe('json: an object a line; text: for people; auto: text on a terminal, else json.'),
    file: path.describe('Path of a file to log to; null: the standard error.'),
    fileBytes: z
      .int()
      .min(1)
      .default(10_485_760)
      .describe('Size in bytes at which that file is renamed to FILE.1, over an older one, and begun anew.'),
  }),
  harmony: z.strictObject({
    attachments: z
      .enum(['placeholder', 'refuse'])
      .default('placeholder')
      .describe(
        'What becomes of images, files and audio, which the model can’t read. placeholder: a note in their place tells it so; refuse: the request is answered with 400.',
      ),
    modelIdentity: text
      .default('You are ChatGPT, a large language model trained by OpenAI.')
      .describe('First line of the system message; the models were trained on this one.'),
    knowledgeCutoff: text
      .nullable()
      .default('2024-06')
      .describe('Knowledge cutoff that the model is told; null: none.'),
    date: z
      .string()
      .regex(/^(today|\d{4}-\d{2}-\d{2})$/, "expected 'today' or a date such as 2026-01-31")
      .default('today')
      .describe(
        'Date that the model is told: today (of the day on which a conversation begins), or a fixed YYYY-MM-DD.',
      ),
  }),
});

export type WrittenConfig = z.infer<typeof configSchema>;

type Sections = 'server' | 'backend' | 'limits' | 'store' | 'simulator' | 'metrics' | 'recording' | 'log' | 'harmony';

/** The path of a setting, as in `server.port`. */
export type SettingKey =
  | Exclude<keyof WrittenConfig, Sections>
  | { [Section in Sections]: `${Section}.${string & keyof WrittenConfig[Section]}` }[Sections];

/** A setting: its place in the file, its environment variables, its documentation. */
export type SettingDefinition = {
  readonly key: SettingKey;
  readonly description: string;
  readonly default: unknown;
  /** How a text from the environment or a flag becomes a value; `entries` can't be given that way. */
  readonly kind: 'number' | 'boolean' | 'text' | 'list' | 'entries';
  /** The values of a closed choice. */
  readonly choices: readonly string[] | null;
  /** The first that is set and not empty counts. */
  readonly environment: readonly string[];
  readonly secret: boolean;
  /** Those of an entry, where the setting is a list of entries. */
  readonly fields: readonly EntryField[];
};

export type EntryField = { readonly name: string; readonly description: string; readonly default: unknown };

/** The daemon and its other clients know these by names of their own. */
const sharedVariables: Partial<Record<SettingKey, readonly string[]>> = {
  checkpoint: ['CODEXPC_CHECKPOINT', 'CODEXPC_CHECKPOINT_PATH'],
  'backend.service': ['CODEXPC_SERVICE'],
};

const secrets: ReadonlySet<SettingKey> = new Set(['server.apiKeys']);

export const environmentPrefix = 'CODEXPC_GATEWAY_';

/** Names the configuration file; no setting of its own. */
export const configFileVariable = 'CODEXPC_GATEWAY_CONFIG';

/** `limits.queueTimeout` is `CODEXPC_GATEWAY_LIMITS_QUEUE_TIMEOUT`; `server.` is left out: `CODEXPC_GATEWAY_PORT`. */
function environmentOf(key: SettingKey, kind: SettingDefinition['kind']): readonly string[] {
  if (kind === 'entries') return [];
  const words = key
    .replace(/^server\./, '')
    .replace(/[A-Z]/g, '_$&')
    .replaceAll('.', '_');
  return sharedVariables[key] ?? [environmentPrefix + words.toUpperCase()];
}

type Described = z.core.JSONSchema.JSONSchema;

/** Every setting in the order of the schema. */
export const settingDefinitions: readonly SettingDefinition[] = Object.entries(
  z.toJSONSchema(configSchema, { io: 'input' }).properties!,
).flatMap(([name, node]) => {
  const described = node as Described;
  return described.properties === undefined
    ? [definitionOf(name, described)]
    : Object.entries(described.properties).map(([leaf, inner]) => definitionOf(`${name}.${leaf}`, inner as Described));
});

function definitionOf(key: string, described: Described): SettingDefinition {
  const kind = kindOf(described);
  const settingKey = key as SettingKey;
  return {
    key: settingKey,
    description: described.description!,
    default: described.default,
    kind,
    choices: (described.enum as readonly string[] | undefined) ?? null,
    environment: environmentOf(settingKey, kind),
    secret: secrets.has(settingKey),
    fields: fieldsOf(described),
  };
}

function fieldsOf({ items }: Described): EntryField[] {
  const { anyOf, ...single } = (items ?? {}) as Described;
  const entry = [single, ...((anyOf ?? []) as Described[])].find(({ properties }) => properties !== undefined);
  return Object.entries(entry?.properties ?? {}).map(([name, node]) => {
    const { description, default: usual } = node as Described;
    return { name, description: description!, default: usual };
  });
}

function kindOf({ type, items, anyOf }: Described): SettingDefinition['kind'] {
  const [first] = (anyOf ?? []) as Described[];
  if (first !== undefined) return kindOf(first);
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'boolean') return 'boolean';
  if (type === 'array') return (items as Described).type === 'object' ? 'entries' : 'list';
  if (type === 'string') return 'text';
  throw new Error('A setting is of a kind that has no text form.');
}
