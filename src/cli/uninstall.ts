import type { Notes } from './install.ts';
import { chooseManager, whyNotHere } from './service/manager.ts';
import { describeSteps, perform } from './service/step.ts';
import { systemTools } from './service/system.ts';

/**
 * Ends the installed gateway and takes it from what starts at login. Its settings and logs stay. It is no error when
 * nothing is installed.
 *
 * @returns the exit code.
 * @throws Error when a step fails, naming it.
 */
export async function uninstall(
  { dryRun, systemd }: { readonly dryRun: boolean; readonly systemd: boolean },
  { print, note }: Notes,
): Promise<number> {
  const obstacle = dryRun ? null : whyNotHere('uninstall', systemd);
  if (obstacle !== null) {
    note(`${obstacle}\n`);
    return 2;
  }
  const steps = chooseManager(systemd).uninstallSteps;
  if (dryRun) {
    print(`This would be done, and nothing has been:\n\n${describeSteps(steps)}`);
    return 0;
  }
  await perform(steps, systemTools);
  print('Uninstalled.\n');
  return 0;
}
