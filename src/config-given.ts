import { dirname, join, resolve } from 'node:path';
import { readSettings } from './config-file.ts';
import { suggestion } from './config-nearest.ts';
import { configFileVariable, environmentPrefix, settingDefinitions } from './config-schema.ts';
import type { SettingDefinition, SettingKey } from './config-schema.ts';

/** A setting as it was given, before it is checked. */
export type GivenValue = {
  readonly value: unknown;
  /** Who gave it: `gateway.yaml:3`, `CODEXPC_GATEWAY_PORT`, `--port`. */
  readonly source: string;
  /** Where a part of it was given, when that can be told more exactly; the path begins behind the setting's own. */
  readonly sourceOf?: (path: readonly PropertyKey[]) => string;
  /** Makes a path in it absolute. */
  readonly absolute: (path: string) => string;
};

export type Given = ReadonlyMap<SettingKey, GivenValue>;

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
  /** For commands that ask the daemon itself and run no model: `auto` is codexpc then, and needs no checkpoint. */
  readonly daemonOnly?: boolean;
};

/** What the sources say, one overruling the other, with everything that is wrong with how they say it. */
export function gather(sources: ConfigSources): {
  readonly given: Given;
  /** What the file says of it, whether it counts or not. */
  readonly inFile: Given;
  readonly warnings: readonly string[];
  readonly problems: readonly string[];
} {
  const file = fileSettings(sources);
  const environment = environmentSettings(sources);
  const given = new Map([...file.values, ...environment.values, ...flagSettings(sources)]);
  const warnings = [...environment.warnings];
  // A checkpoint overrules the file's list of models, as everything does that is given nearer than the file.
  const checkpoint = given.get('checkpoint');
  const models = given.get('models');
  if (checkpoint !== undefined && models !== undefined && checkpoint !== file.values.get('checkpoint')) {
    given.delete('models');
    warnings.push(`The models of ${models.source} are not served: ${checkpoint.source} names the one that is.`);
  }
  return { given, inFile: file.values, warnings, problems: file.problems };
}

function fileSettings(sources: ConfigSources) {
  const named = sources.configFile ?? (sources.environment[configFileVariable] || null);
  if (named === null) return { values: new Map<SettingKey, GivenValue>(), problems: [] };
  const path = absoluteFrom(sources, sources.directory)(named);
  let text: string;
  try {
    text = sources.readFile(path);
  } catch (error) {
    const origin = sources.configFile === null ? configFileVariable : '--config';
    const problem = `The configuration file '${named}' (${origin}) can't be read: ${(error as Error).message}.`;
    return { values: new Map<SettingKey, GivenValue>(), problems: [problem] };
  }
  const { settings, problems } = readSettings(named, text);
  const absolute = absoluteFrom(sources, dirname(path));
  return { values: new Map(settings.map(({ key, ...rest }) => [key, { ...rest, absolute }] as const)), problems };
}

function environmentSettings(sources: ConfigSources) {
  const { environment, directory } = sources;
  const absolute = absoluteFrom(sources, directory);
  const values = new Map<SettingKey, GivenValue>();
  for (const definition of settingDefinitions) {
    const name = definition.environment.find((variable) => (environment[variable] ?? '') !== '');
    if (name === undefined) continue;
    values.set(definition.key, { value: valueOf(definition, environment[name]!), source: name, absolute });
  }
  const known = new Set([configFileVariable, ...settingDefinitions.flatMap((definition) => definition.environment)]);
  const warnings = Object.keys(environment)
    .filter((name) => name.startsWith(environmentPrefix) && !known.has(name))
    .map((name) => `The environment variable ${name} is not a setting${suggestion(name, known)}.`);
  return { values, warnings };
}

function flagSettings(sources: ConfigSources) {
  const definitions = new Map(settingDefinitions.map((definition) => [definition.key, definition]));
  const absolute = absoluteFrom(sources, sources.directory);
  return sources.flags.map(({ key, flag, value }) => {
    return [key, { value: valueOf(definitions.get(key)!, value), source: flag, absolute }] as const;
  });
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

function absoluteFrom({ environment }: ConfigSources, directory: string): (path: string) => string {
  const home = environment['HOME'];
  return (path) => (path.startsWith('~/') && home !== undefined ? join(home, path.slice(2)) : resolve(directory, path));
}
