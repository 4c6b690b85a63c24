import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { renderUnit } from '../../../src/cli/service/systemd.ts';
import { temporaryDirectory } from '../../support/process.ts';
import { readPropertyList } from './property-list-reader.ts';

const main = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));

/** A home without anything, and a systemctl that writes down what it is told and answers `show` with `shown`. */
function makeHome(shown = '') {
  // As a process that is started there finds itself, whatever links lead there.
  const home = realpathSync(temporaryDirectory('test'));
  const bin = join(home, 'bin');
  const record = join(home, 'systemctl.log');
  mkdirSync(bin);
  writeFileSync(join(bin, 'systemctl'), `#!/bin/sh\necho "$@" >> '${record}'\ncat <<'END'\n${shown}\nEND\n`);
  chmodSync(join(bin, 'systemctl'), 0o755);
  const run = (...args: string[]) => {
    const env = { HOME: home, PATH: `${bin}:${process.env['PATH']}`, CODEXPC_GATEWAY_API_KEYS: 'key-of-mine' };
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
      cwd: home,
      env,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };
  return { home, run, commands: () => (existsSync(record) ? readFileSync(record, 'utf8').trim().split('\n') : []) };
}

test('a dry run shows the agent and what would be done, on any system, and does nothing', () => {
  const { home, run } = makeHome();
  const { status, stdout } = run('install', '--dry-run', '--checkpoint', 'R&D/model.bin', '--port', '9000');
  expect(status).toBe(0);
  const [before, indented, after] = stdout.split(/^(?= {4}<\?xml)|(?<=^ {4}<\/plist>\n)/m);
  expect(readPropertyList(indented!.replace(/^ {4}/gm, ''))).toMatchObject({
    ProgramArguments: [
      process.execPath,
      main,
      'serve',
      '--set',
      'server.port=9000',
      '--set',
      `checkpoint=${join(home, 'R&D/model.bin')}`,
      '--set',
      `log.file=${join(home, 'Library/Logs/codexpc-gateway/gateway.log')}`,
    ],
    EnvironmentVariables: { CODEXPC_GATEWAY_API_KEYS: 'not shown' },
  });
  expect(before).toContain(`write ${home}/Library/LaunchAgents/com.yourorg.codexpc-gateway.plist`);
  expect(after).toContain('run launchctl bootstrap gui/');
  expect(stdout).not.toContain('key-of-mine');
  expect(existsSync(join(home, 'Library'))).toBe(false);
  const removal = run('uninstall', '--dry-run');
  expect([removal.status, removal.stdout]).toEqual([0, expect.stringContaining('run launchctl bootout gui/')]);
});

test('settings that could not be served are not installed', () => {
  const { status, stderr } = makeHome().run('install', '--dry-run', '--service', 'x');
  expect([status, stderr]).toEqual([2, expect.stringContaining('CODEXPC_CHECKPOINT')]);
});

describe.skipIf(process.platform !== 'linux')('on Linux', () => {
  test.each(['install', 'uninstall'])('%s without a launchd says so, and what can be done', (command) => {
    const { status, stdout, stderr } = makeHome().run(command);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('launchd is a part of macOS, and this system is linux');
    expect(stderr).toContain(`"${command} --systemd"`);
  });

  test('a systemd unit is written, started, seen and removed', () => {
    const { home, run, commands } = makeHome('LoadState=loaded\nMainPID=4711\nExecMainCode=0\nExecMainStatus=0');
    const unit = join(home, '.config/systemd/user/codexpc-gateway.service');
    expect(run('install', '--systemd', '--pace', '1').status).toBe(2);
    expect(run('install', '--systemd').status).toBe(0);
    expect(statSync(unit).mode & 0o777).toBe(0o600);
    expect(readFileSync(unit, 'utf8')).toContain('Environment="CODEXPC_GATEWAY_API_KEYS=key-of-mine"');
    expect(run('status')).toMatchObject({ status: 0, stdout: expect.stringContaining('runs as process 4711.') });
    expect(run('uninstall', '--systemd').status).toBe(0);
    expect(existsSync(unit)).toBe(false);
    expect(commands().map((line) => line.replace('--user ', ''))).toEqual([
      'daemon-reload',
      'enable codexpc-gateway.service',
      'restart codexpc-gateway.service',
      'show codexpc-gateway.service --property=LoadState,MainPID,ExecMainCode,ExecMainStatus',
      'disable --now codexpc-gateway.service',
      'daemon-reload',
    ]);
  });

  test('a unit that ended, and one that was never installed, are told apart', () => {
    const ended = makeHome('LoadState=loaded\nMainPID=0\nExecMainCode=1\nExecMainStatus=2').run('status');
    expect([ended.status, ended.stdout]).toEqual([
      1,
      expect.stringContaining('exit code 2: its configuration is wrong'),
    ]);
    const never = makeHome('LoadState=not-found\nMainPID=0').run('status', '--json');
    expect([never.status, JSON.parse(never.stdout)]).toMatchObject([1, { gateway: { installed: false } }]);
  });
});

const definition = {
  program: ['/opt/node', '/opt/a "b" c/100%/main.js'],
  args: ['serve', '--set', 'checkpoint=/m/$HOME/\\x/é.bin', '--set', 'model=a\nb'],
  environment: { KEYS: 'a"b%c$d' },
  stopTime: 1,
} as const;

test('a unit keeps every character of what it is given', () => {
  const lines = renderUnit(definition).split('\n');
  expect(lines).toContain(
    String.raw`ExecStart="/opt/node" "/opt/a \"b\" c/100%%/main.js" "serve" "--set" "checkpoint=/m/$$HOME/\\x/é.bin" "--set" "model=a\x0ab"`,
  );
  expect(lines).toContain(String.raw`Environment="KEYS=a\"b%%c$d"`);
});

const analyzes = spawnSync('systemd-analyze', ['--version']).status === 0;

test.skipIf(!analyzes)('systemd accepts the unit (where there is a systemd-analyze)', () => {
  const path = join(temporaryDirectory('test'), 'codexpc-gateway.service');
  writeFileSync(path, renderUnit({ ...definition, program: [process.execPath, definition.program[1]] }));
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
  // It speaks of the machine's own units, too.
  const ours = (stdout + stderr).split('\n').filter((line) => line.includes('codexpc-gateway'));
  expect([status, ours]).toEqual([0, []]);
});
