import { statSync } from 'node:fs';
import type { EffectiveSetting } from '../config.ts';
import type { Config } from '../config-decide.ts';

/**
 * What is wrong with a configuration file that others on this machine can read although keys are in it; null: nothing.
 *
 * @param file its path; null: there is none.
 */
export function readableKeys(
  config: Config,
  settings: readonly EffectiveSetting[],
  file: string | null,
): string | null {
  const source = settings.find(({ definition }) => definition.key === 'server.apiKeys')!.source;
  if (file === null || !source.startsWith(`${file}:`)) return null;
  const plain = config.server.apiKeys.filter(({ plain }) => plain !== null).map(({ name }) => name);
  if (plain.length === 0 || ((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) === 0) return null;
  return `Others on this machine may read the API keys in ${file} (${plain.join(', ')}): chmod 600 it, or put hashes there; codexpc-gateway key makes some.`;
}
