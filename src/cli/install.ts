import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { EffectiveSetting } from '../config.ts';
import type { Config } from '../config-decide.ts';
import { frailty, serviceDefinition } from './service/definition.ts';
import { agentLog } from './service/launchd.ts';
import { chooseManager, whyNotHere } from './service/manager.ts';
import { describeSteps, perform } from './service/step.ts';
import { systemTools } from './service/system.ts';

export type InstallOptions = {
  readonly dryRun: boolean;
  readonly systemd: boolean;
  /** As it was given; null: there is none. */
  readonly configFile: string | null;
};

export type Notes = { readonly print: (text: string) => void; readonly note: (text: string) => void };

/**
 * Has the gateway started at login, with the settings in force now. Installing again replaces what was installed.
 *
 * @param main the gateway's main file, absolute.
 * @returns the exit code.
 * @throws Error when a step fails, naming it.
 */
export async function install(
  config: Config,
  settings: readonly EffectiveSetting[],
  { dryRun, systemd, configFile }: InstallOptions,
  main: string,
  { print, note }: Notes,
): Promise<number> {
  const obstacle = dryRun ? null : whyNotHere('install', systemd);
  if (obstacle !== null) {
    note(`${obstacle}\n`);
    return 2;
  }
  const definition = serviceDefinition(config, settings, {
    program: [process.execPath, main],
    configFile: configFile === null ? null : resolve(configFile),
    forcedLog: systemd ? null : agentLog(homedir()),
    hideSecrets: dryRun,
  });
  const warning = frailty(definition.program);
  if (warning !== null) note(`${warning}\n`);
  if (config.backend.type === 'simulator') {
    note('No checkpoint is configured, so the simulator would answer: give --checkpoint for the daemon.\n');
  }
  const manager = chooseManager(systemd);
  const steps = manager.installSteps(definition);
  if (dryRun) {
    print(`This would be done, and nothing has been:\n\n${describeSteps(steps)}`);
    return 0;
  }
  await perform(steps, systemTools);
  print(`Installed; it starts now, and at every login.\n\n${manager.afterwards.map((line) => `  ${line}\n`).join('')}`);
  return 0;
}
