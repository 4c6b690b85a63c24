import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderPropertyList } from '../../src/cli/service/property-list.ts';
import { endWith } from '../support/cleanup.ts';
import { temporaryDirectory } from '../support/process.ts';

/**
 * Registers a daemon with launchd under a name of its own, until the file's tests have ended. A Mach service can't be
 * registered by a program that is merely started.
 *
 * @returns the service's name; launchd starts the daemon when somebody connects.
 */
export function registerDaemon(program: string, name: string, environment: Readonly<Record<string, string>>): string {
  const directory = temporaryDirectory('file');
  const service = `com.yourorg.codexpc-test.${name}.${process.pid}`;
  const file = join(directory, `${service}.plist`);
  const log = join(directory, 'daemon.log');
  writeFileSync(log, '');
  writeFileSync(
    file,
    renderPropertyList({
      Label: service,
      ProgramArguments: [program, '--service', service],
      EnvironmentVariables: environment,
      MachServices: { [service]: true },
      // Sessions without a screen, as over SSH, are of the kind Background.
      LimitLoadToSessionType: ['Aqua', 'Background'],
      ProcessType: 'Interactive',
      StandardOutPath: log,
      StandardErrorPath: log,
    }),
  );
  const domain = `${launchctl('managername').trim() === 'Aqua' ? 'gui' : 'user'}/${process.getuid!()}`;
  launchctl('bootstrap', domain, file);
  endWith('file', () => {
    // The word of a daemon that could not do its work would be lost otherwise.
    process.stderr.write(readFileSync(log, 'utf8'));
    launchctl('bootout', `${domain}/${service}`);
  });
  return service;
}

function launchctl(...args: string[]): string {
  const { error, status, stdout, stderr } = spawnSync('launchctl', args, { encoding: 'utf8' });
  // 36: it is ending, and that takes a moment.
  if (error === undefined && (status === 0 || (args[0] === 'bootout' && status === 36))) return stdout;
  throw new Error(`launchctl ${args.join(' ')}: ${error?.message ?? `${status} ${stdout}${stderr}`}`);
}
