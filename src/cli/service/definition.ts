import { posix } from 'node:path';
import type { EffectiveSetting } from '../../config.ts';
import { hidden } from '../config-show.ts';
import type { Config } from '../../config-decide.ts';
import type { Step } from './step.ts';

/** The gateway as something else starts it: with what command line, in which environment. */
export type ServiceDefinition = {
  /** Node and the gateway's main file. */
  readonly program: readonly [string, string];
  /** The arguments behind these two. */
  readonly args: readonly string[];
  readonly environment: { readonly [name: string]: string };
  /** Milliseconds that it may take to end. */
  readonly stopTime: number;
};

/** What starts the gateway at login and again after a crash. */
export type ServiceManager = {
  readonly installSteps: (definition: ServiceDefinition) => readonly Step[];
  readonly uninstallSteps: readonly Step[];
  /** What to know once it is installed, a line each. */
  readonly afterwards: readonly string[];
};

/** Milliseconds on top of what running answers may take to end. */
const closingTime = 10_000;

/**
 * A service that runs by the settings in force now. What flags and variables say is written into it, what the file says
 * stays there. Secrets go into its environment, since everybody may see command lines.
 *
 * @param configFile its absolute path; null: there is none.
 * @param forcedLog a log file for a gateway whose standard error nobody keeps; used when the settings name none.
 */
export function serviceDefinition(
  config: Config,
  settings: readonly EffectiveSetting[],
  options: {
    readonly program: readonly [string, string];
    readonly configFile: string | null;
    readonly forcedLog: string | null;
    /** Has secrets replaced, for a definition that is only shown. */
    readonly hideSecrets: boolean;
  },
): ServiceDefinition {
  const { program, configFile, forcedLog, hideSecrets } = options;
  const args = ['serve', ...(configFile === null ? [] : ['--config', configFile])];
  const environment: Record<string, string> = {};
  for (const { definition, value, source } of settings) {
    const isFlag = source.startsWith('--');
    if (!isFlag && !definition.environment.includes(source)) continue;
    const text = Array.isArray(value) ? value.join(',') : String(value);
    if (definition.secret) environment[definition.environment[0]!] = hideSecrets ? hidden : text;
    else args.push('--set', `${definition.key}=${text}`);
  }
  if (config.log.file === null && forcedLog !== null) args.push('--set', `log.file=${forcedLog}`);
  return { program, args, environment, stopTime: config.server.shutdownTimeout + closingTime };
}

/** What speaks against running this very file for years; null: nothing. */
export function frailty([, main]: ServiceDefinition['program']): string | null {
  if (!main.split(posix.sep).includes('_npx')) return null;
  return 'This gateway runs from a cache of npx, which npm may empty: install it with "npm install --global codexpc-gateway" and use that one.';
}
