import type { z } from 'zod';
import { cautions, contradictions, decide, isLoopback, withAbsolutePaths } from './config-decide.ts';
import type { Config } from './config-decide.ts';
import { gather } from './config-given.ts';
import type { ConfigSources, Given } from './config-given.ts';
import { keyWarnings } from './config-keys.ts';
import { suggestion } from './config-nearest.ts';
import { configSchema, settingDefinitions } from './config-schema.ts';
import type { SettingDefinition, WrittenConfig } from './config-schema.ts';

export type { Config } from './config-decide.ts';

/** A setting as it counts, and where it comes from: `default`, `gateway.yaml:3`, `CODEXPC_GATEWAY_PORT`, `--port`. */
export type EffectiveSetting = {
  readonly definition: SettingDefinition;
  readonly value: unknown;
  readonly source: string;
};

export type LoadedConfig =
  | { readonly config: Config; readonly settings: readonly EffectiveSetting[]; readonly warnings: readonly string[] }
  /** What is wrong, a sentence each that names the setting and where it was given. */
  | { readonly problems: readonly string[] };

/**
 * Makes the configuration of its sources: defaults, overruled by the file, by the environment, by flags. Reads nothing
 * but by `readFile`.
 */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const { daemonOnly = false } = sources;
  const { given, inFile, warnings, problems } = gather(sources);
  const checked = check(given);
  if (problems.length > 0 || 'problems' in checked) {
    return { problems: [...problems, ...('problems' in checked ? checked.problems : [])] };
  }
  const written = withAbsolutePaths(checked.written, given);
  const config = decide(written, given, daemonOnly);
  const unusable = contradictions(config, written, daemonOnly);
  if (unusable.length > 0) return { problems: unusable };
  const odd = keyWarnings(config.server.apiKeys, config.limits, {
    isReachable: !isLoopback(config.server.host),
    given: given.get('server.apiKeys'),
    inFile: inFile.get('server.apiKeys'),
  });
  return {
    config,
    settings: effectiveSettings(written, config, given),
    warnings: [...warnings, ...cautions(config), ...odd],
  };
}

function check(given: Given): { readonly written: WrittenConfig } | { readonly problems: readonly string[] } {
  const input: Record<string, unknown> = {};
  for (const { key } of settingDefinitions) {
    const [section, leaf] = key.split('.') as [string, string | undefined];
    const holder = leaf === undefined ? input : ((input[section] ??= {}) as Record<string, unknown>);
    if (given.has(key)) holder[leaf ?? section] = given.get(key)!.value;
  }
  const parsed = configSchema.safeParse(input, { reportInput: true });
  if (parsed.success) return { written: parsed.data };
  return { problems: parsed.error.issues.flatMap(ofItsForm).map((issue) => problemOf(issue, given)) };
}

/** What is wrong with a value that may have several forms, in the form that it has. */
function ofItsForm(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const form = issue.errors.find((inner) =>
    inner.every(({ code, path }) => code !== 'invalid_type' || path.length > 0),
  );
  return form?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) ?? [issue];
}

/** `gateway.yaml:3: server.port: expected number, received "x".` */
function problemOf(issue: z.core.$ZodIssue, given: Given): string {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]!] : issue.path;
  const { key, secret, fields } = settingDefinitions.find((definition) => isUnder(path, definition.key))!;
  const setting = given.get(key)!;
  const source = setting.sourceOf?.(path.slice(key.split('.').length)) ?? setting.source;
  const place = `${source}: ${pathText(path)}`;
  if (issue.code === 'unrecognized_keys') {
    const names = fields.map(({ name }) => name);
    const meant = suggestion(issue.keys[0]!, names);
    // What stands where a name should may be the secret itself.
    if (secret && meant === '') return `${source}: ${pathText(issue.path)} has more than ${names.join(', ')}.`;
    return `${place} is not a setting${meant}.`;
  }
  if (issue.input === undefined) return `${place} is missing.`;
  const received = secret || typeof issue.input === 'object' ? '' : `, received ${JSON.stringify(issue.input)}`;
  return `${place}: ${whatIsWrong(issue.message)}${received}.`;
}

function isUnder(path: readonly PropertyKey[], key: string): boolean {
  return key.split('.').every((part, index) => path[index] === part);
}

/** `['models', 0, 'id']` is `models[0].id`. */
function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .slice(1);
}

/** zod's `Invalid input: expected number, received string` without what is said better. */
function whatIsWrong(message: string): string {
  return message.replace(/^(Invalid (input|option)|Too (big|small)): /, '').replace(/, received \w+$/, '');
}

function effectiveSettings(written: WrittenConfig, config: Config, given: Given): EffectiveSetting[] {
  return settingDefinitions.map((definition) => {
    const { key } = definition;
    const source = given.get(key)?.source ?? 'default';
    if (key === 'backend.type') return { definition, value: config.backend.type, source: typeSource(source, config) };
    const [section, leaf] = key.split('.') as [keyof WrittenConfig, string | undefined];
    const holder: unknown = written[section];
    return { definition, value: leaf === undefined ? holder : (holder as Record<string, unknown>)[leaf], source };
  });
}

/** `auto` is followed by what decided it. */
function typeSource(source: string, { backend }: Config): string {
  return source === backend.reason ? source : `${source} (auto: ${backend.reason})`;
}
