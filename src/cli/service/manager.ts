import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ServiceManager } from './definition.ts';
import { launchd } from './launchd.ts';
import { systemd } from './systemd.ts';

/** launchd unless systemd was asked for. */
export function chooseManager(wantsSystemd: boolean): ServiceManager {
  const home = homedir();
  if (wantsSystemd) return systemd({ configHome: process.env['XDG_CONFIG_HOME'] || join(home, '.config') });
  return launchd({ home, userId: process.getuid!() });
}

/** Why that manager can't be used here, with what can be done instead; null: it can. */
export function whyNotHere(command: 'install' | 'uninstall', wantsSystemd: boolean): string | null {
  if (wantsSystemd) {
    if (process.platform === 'linux') return null;
    return `systemd is a part of Linux, and this system is ${process.platform}: "${command}" without --systemd uses launchd.`;
  }
  if (process.platform !== 'darwin') {
    return `launchd is a part of macOS, and this system is ${process.platform}: "${command} --dry-run" shows what would be done on a Mac, and "${command} --systemd" uses systemd.`;
  }
  if (process.getuid!() === 0) return `A user agent belongs to the user who logs in: run "${command}" without sudo.`;
  return null;
}
