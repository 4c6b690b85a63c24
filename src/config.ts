import { dirname, join, resolve } from 'node:path';
import { readSettings } from './config-file.ts';
import type { GivenValue } from './config-file.ts';
import { suggestion } from './config-nearest.ts';
import { configFileVariable, configSchema, environmentPrefix, settingDefinitions } from './config-schema.ts';
import type { SettingDefinition, SettingKey, WrittenConfig } from './config-schema.ts';
import type { Model } from './core/models.ts';

/** The configuration as the gateway runs by it: `auto` decided, paths absolute, at least one model. */
export type Config = Omit<WrittenConfig, 'backend' | 'checkpoint' | 'model' | 'models'> & {
  readonly backend: Omit<WrittenConfig['backend'], 'type'> & {
    readonly type: 'codexpc' | 'simulator';
    /** Why it is this type, as in `CODEXPC_CHECKPOINT` or `nothing else is configured`. */
    readonly reason: string;
  };
  /** The default first; never empty. */
  readonly models: readonly Model[];
};

/** A setting that was given as a flag. */
export type FlagSetting = { readonly key: SettingKey; readonly flag: string; readonly value: string };

export type ConfigSources = {
  /** The last of a repeated one counts. */
  readonly flags: readonly FlagSetting[];
  /** The configuration file; null: the one that CODEXPC_GATEWAY_CONFIG names, else none. */
  readonly configFile: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute; relative paths in the environment and in flags are meant against it, those in a file against the file's. */
  readonly directory: string;
  /** Gives the text of a file, or throws. */
  readonly readFile: (path: string) => string;
};

/** A setting as it counts, and where it comes from: `default`, `gateway.yaml:3`, `CODEXPC_GATEWAY_PORT`, `--port`. */
export type EffectiveSetting = {
  readonly definition: SettingDefinition;
  readonly value: unknown;
  readonly source: string;
};

export type LoadedConfig =
  | { readonly config: Config; readonly settings: readonly EffectiveSetting[]; readonly warnings: readonly string[] }
  /** What is wrong, a sentence each, with the setting and where it was given. */
  | { readonly problems: readonly string[] };

/**
 * Makes the configuration of its sources: defaults, overruled by the file, by the environment, by flags. Reads nothing
 * but by `readFile`.
 */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const warnings: string[] = [];
  const file = readConfigFile(sources);
  const given = new Map(file.values);
  for (const [key, value] of environmentSettings(sources, warnings)) given.set(key, value);
  for (const [key, value] of flagSettings(sources)) given.set(key, value);
  settleModels(given, file.values, warnings);

  const { written, problems } = check(given);
  if (file.problems.length > 0 || written === null) return { problems: [...file.problems, ...problems] };
  const absolute = (key: SettingKey, path: string) => {
    const home = sources.environment['HOME'];
    return path.startsWith('~/') && home !== undefined
      ? join(home, path.slice(2))
      : resolve(given.get(key)?.directory ?? sources.directory, path);
  };
  const config = decide(written, given, absolute);
  const unusable = contradictions(config, written);
  if (unusable.length > 0) return { problems: unusable };
  return { config, settings: effectiveSettings(config, written, given), warnings };
}

function readConfigFile({ configFile, environment, directory, readFile }: ConfigSources) {
  const named = configFile ?? (environment[configFileVariable] || null);
  if (named === null) return { values: new Map<SettingKey, GivenValue>(), problems: [] };
  const path = resolve(directory, named);
  try {
    return readSettings(named, dirname(path), readFile(path));
  } catch (error) {
    const origin = configFile === null ? configFileVariable : '--config';
    const problem = `The configuration file '${named}' (${origin}) can't be read: ${(error as Error).message}`;
    return { values: new Map<SettingKey, GivenValue>(), problems: [problem] };
  }
}

function environmentSettings({ environment, directory }: ConfigSources, warnings: string[]) {
  const values = new Map<SettingKey, GivenValue>();
  const known = new Set([configFileVariable, ...settingDefinitions.flatMap((definition) => definition.environment)]);
  for (const definition of settingDefinitions) {
    const name = definition.environment.find((variable) => (environment[variable] ?? '') !== '');
    if (name === undefined) continue;
    values.set(definition.key, { value: valueOf(definition, environment[name]!), source: name, directory });
  }
  for (const name of Object.keys(environment)) {
    if (!name.startsWith(environmentPrefix) || known.has(name)) continue;
    const meant = suggestion(name, known);
    warnings.push(`The environment variable ${name} is not a setting${meant === '' ? '.' : meant}`);
  }
  return values;
}

function flagSettings({ flags, directory }: ConfigSources) {
  const definitions = new Map(settingDefinitions.map((definition) => [definition.key, definition]));
  return new Map(
    flags.map(({ key, flag, value }) => {
      const given: GivenValue = { value: valueOf(definitions.get(key)!, value), source: flag, directory };
      return [key, given] as const;
    }),
  );
}

/** A text's value; what is no number or boolean stays a text, for the schema to refuse. */
function valueOf({ kind }: SettingDefinition, text: string): unknown {
  switch (kind) {
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
    case 'boolean':
      return { true: true, '1': true, false: false, '0': false }[text.trim().toLowerCase()] ?? text;
    case 'list':
      return text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
    case 'text':
    case 'entries':
      return text;
  }
}

/** A checkpoint from the environment or a flag overrules the file's list of models, as everything given there does. */
function settleModels(
  given: Map<SettingKey, GivenValue>,
  file: ReadonlyMap<SettingKey, GivenValue>,
  warnings: string[],
): void {
  const checkpoint = given.get('checkpoint');
  const models = given.get('models');
  if (checkpoint === undefined || models === undefined || file.get('checkpoint') === checkpoint) return;
  given.delete('models');
  warnings.push(`The models of ${models.source} are not served: ${checkpoint.source} names the one that is.`);
}

function check(given: ReadonlyMap<SettingKey, GivenValue>): {
  readonly written: WrittenConfig | null;
  readonly problems: readonly string[];
} {
  const input: Record<string, unknown> = {};
  for (const { key } of settingDefinitions) {
    const [name, leaf] = key.split('.') as [string, string | undefined];
    const holder = leaf === undefined ? input : ((input[name] ??= {}) as Record<string, unknown>);
    if (given.has(key)) holder[leaf ?? name] = given.get(key)!.value;
  }
  const parsed = configSchema.safeParse(input, { reportInput: true });
  if (parsed.success) return { written: parsed.data, problems: [] };
  const problems = parsed.error.issues.map((issue) => {
    const { key, secret } = settingDefinitions.find((definition) => isUnder(issue.path, definition.key))!;
    const setting = given.get(key)!;
    const deeper = issue.path.slice(key.split('.').length);
    const source = setting.sourceOf?.(deeper) ?? setting.source;
    const value = secret || !isPlain(issue.input) ? '' : ` is ${JSON.stringify(issue.input)}`;
    return `${source}: ${pathText(issue.path)}${value}: ${whatIsWrong(issue.message)}.`;
  });
  return { written: null, problems };
}

const isUnder = (path: readonly PropertyKey[], key: string) => key.split('.').every((part, index) => path[index] === part);

const isPlain = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value) || value === null;

const pathText = (path: readonly PropertyKey[]) =>
  path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`)).join('');

/** zod's `Invalid input: expected number, received string`, without what the value itself shows. */
function whatIsWrong(message: string): string {
  return message.replace(/^(?:Invalid (?:input|option)|Too (?:big|small)): /, '').replace(/, received \w+$/, '');
}

function decide(
  written: WrittenConfig,
  given: ReadonlyMap<SettingKey, GivenValue>,
  absolute: (key: SettingKey, path: string) => string,
): Config {
  const { backend, checkpoint, model, models, simulator, ...rest } = written;
  const listed =
    models.length > 0
      ? models.map((entry) => ({ ...entry, checkpoint: absolute('models', entry.checkpoint) }))
      : [soleModel(model, checkpoint === null ? null : absolute('checkpoint', checkpoint))];
  return {
    ...rest,
    backend: {
      ...backend,
      ...backendType(backend.type, given),
      library: backend.library === null ? null : absolute('backend.library', backend.library),
    },
    models: listed,
    simulator: {
      ...simulator,
      script: simulator.script === null ? null : absolute('simulator.script', simulator.script),
    },
  };
}

function backendType(type: WrittenConfig['backend']['type'], given: ReadonlyMap<SettingKey, GivenValue>) {
  if (type !== 'auto') return { type, reason: given.get('backend.type')!.source };
  for (const key of ['checkpoint', 'models', 'backend.service'] as const) {
    const setting = given.get(key);
    const isGiven = setting !== undefined && setting.value !== null && !isEmptyList(setting.value);
    if (isGiven) return { type: 'codexpc', reason: setting.source } as const;
  }
  return { type: 'simulator', reason: 'neither a checkpoint nor a service is configured' } as const;
}

const isEmptyList = (value: unknown) => Array.isArray(value) && value.length === 0;

/** What the simulator's engine is called when nothing names one. */
const simulatedCheckpoint = 'simulated';

function soleModel(name: string | null, checkpoint: string | null): Model {
  const id = name ?? (checkpoint === null ? 'gpt-oss-20b' : nameIn(checkpoint));
  const size = /^gpt-oss-(\d+b)$/.exec(id)?.[1];
  return {
    id,
    // How Ollama and the model's publisher call it, and so clients that were set up for them.
    aliases: size === undefined ? [] : [`gpt-oss:${size}`, `openai/gpt-oss-${size}`],
    checkpoint: checkpoint ?? simulatedCheckpoint,
    contextWindow: 131_072,
    maxOutputTokens: null,
  };
}

/** `…/gpt-oss-20b/metal/model.bin` is gpt-oss-20b; where no part of the path is so called, the file's own name counts. */
function nameIn(checkpoint: string): string {
  const known = /gpt-oss-\d+b/i.exec(checkpoint);
  if (known !== null) return known[0].toLowerCase();
  const last = checkpoint.split('/').findLast((part) => part !== '') ?? checkpoint;
  return last.replace(/(?<=.)\.[^.]*$/, '');
}

/** What can't be used although each setting is right by itself. */
function contradictions({ server, backend, models }: Config, written: WrittenConfig): string[] {
  const problems: string[] = [];
  if (!isLoopback(server.host) && server.apiKeys.length === 0) {
    problems.push(
      `server.host ${server.host} can be reached from other machines, so API keys are needed: set server.apiKeys or CODEXPC_GATEWAY_API_KEYS, or listen on 127.0.0.1.`,
    );
  }
  if (written.checkpoint !== null && written.models.length > 0) {
    problems.push('Both checkpoint and models are given; one model is given by checkpoint, several by models.');
  }
  if (backend.type === 'codexpc' && written.checkpoint === null && written.models.length === 0) {
    problems.push(
      `The codexpc backend is configured (${backend.reason}), but no checkpoint: set CODEXPC_CHECKPOINT (or CODEXPC_CHECKPOINT_PATH) to the path of the model file, or use --checkpoint, or list models in the configuration file.`,
    );
  }
  const names = models.flatMap(({ id, aliases }) => [id, ...aliases]);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) problems.push(`Two models are called '${twice}'.`);
  return problems;
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);
}

function effectiveSettings(
  config: Config,
  written: WrittenConfig,
  given: ReadonlyMap<SettingKey, GivenValue>,
): EffectiveSetting[] {
  return settingDefinitions.map((definition) => {
    const { key } = definition;
    const [name, leaf] = key.split('.') as [keyof Config & keyof WrittenConfig, string | undefined];
    // The decided value where there is one; `checkpoint` and `model` have become part of `models`.
    const holder: unknown = key === 'models' ? written.models : (config[name] ?? written[name]);
    const value = leaf === undefined ? holder : (holder as Record<string, unknown>)[leaf];
    const source = given.get(key)?.source ?? 'default';
    return { definition, value, source: key === 'backend.type' ? `${source}, ${config.backend.reason}` : source };
  });
}
