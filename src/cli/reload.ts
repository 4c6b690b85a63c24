import type { FastifyBaseLogger } from 'fastify';
import type { EffectiveSetting, LoadedConfig } from '../config.ts';
import { opennessProblems } from '../config-decide.ts';
import type { Config } from '../config-decide.ts';
import type { SettingKey } from '../config-schema.ts';
import type { Server } from '../http/server.ts';

/** What a running gateway takes over. */
const reloadable: ReadonlySet<SettingKey> = new Set([
  'server.apiKeys',
  'limits.turnsPerKey',
  'limits.requestsPerMinutePerKey',
  'log.level',
]);

/**
 * Makes what reads the configuration again, takes over what can change while the gateway runs, all of it or nothing, and
 * says in the log what has changed and what would need a restart. Never throws.
 *
 * @param settings those that the gateway was started with.
 */
export function createReload(
  config: Config,
  settings: readonly EffectiveSetting[],
  parts: {
    readonly load: () => LoadedConfig;
    readonly server: Pick<Server, 'useKeys'>;
    readonly logger: FastifyBaseLogger;
  },
): () => void {
  const { load, server, logger } = parts;
  let inForce = settings;

  function reload(): void {
    const loaded = load();
    // A server that others can reach stays so until it is started anew, whatever address the file has now.
    const problems = 'problems' in loaded ? loaded.problems : problemsHere(config, loaded.config);
    if ('problems' in loaded || problems.length > 0) {
      logger.error(`The configuration was not reloaded, and what was in force stays: ${problems.join(' ')}`);
      return;
    }
    for (const warning of loaded.warnings) logger.warn(warning);
    const changed = changes(inForce, loaded.settings);
    const { apiKeys } = loaded.config.server;
    server.useKeys(apiKeys);
    logger.level = loaded.config.log.level;
    inForce = inForce.map((setting) => {
      const { key } = setting.definition;
      return reloadable.has(key) ? loaded.settings.find(({ definition }) => definition.key === key)! : setting;
    });
    const taken = changed.filter((key) => reloadable.has(key));
    const left = changed.filter((key) => !reloadable.has(key));
    logger.info(
      { changed: taken, keys: apiKeys.map(({ name }) => name) },
      taken.length === 0 ? 'reloaded the configuration; nothing has changed' : 'reloaded the configuration',
    );
    if (left.length > 0) logger.warn(`Needs a restart: ${left.join(', ')}.`);
  }

  return () => {
    try {
      reload();
    } catch (err) {
      logger.error({ err }, 'the configuration could not be reloaded');
    }
  };
}

function problemsHere(running: Config, next: Config): string[] {
  return opennessProblems({ host: running.server.host, apiKeys: next.server.apiKeys });
}

/** The settings that differ. */
function changes(before: readonly EffectiveSetting[], after: readonly EffectiveSetting[]): SettingKey[] {
  return before
    .filter(({ value }, index) => JSON.stringify(value) !== JSON.stringify(after[index]!.value))
    .map(({ definition }) => definition.key);
}
