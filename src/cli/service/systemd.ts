import { join } from 'node:path';
import type { ServiceDefinition, ServiceManager } from './definition.ts';
import type { RunCommand } from './step.ts';

const unitName = 'codexpc-gateway.service';

/** The exit code of a wrong command line or configuration, which no restart mends. */
const wronglyConfigured = 2;

/** systemd's services of a user; `configHome` is XDG_CONFIG_HOME. Its journal keeps the log, and bounds it. */
export function systemd({ configHome }: { readonly configHome: string }): ServiceManager {
  const directory = join(configHome, 'systemd', 'user');
  const file = join(directory, unitName);
  return {
    installSteps: (definition) => [
      { do: 'make-directory', path: directory },
      { do: 'write-file', path: file, text: renderUnit(definition) },
      { do: 'run', command: ['systemctl', '--user', 'daemon-reload'], mayFail: false },
      { do: 'run', command: ['systemctl', '--user', 'enable', unitName], mayFail: false },
      { do: 'run', command: ['systemctl', '--user', 'restart', unitName], mayFail: false },
    ],
    uninstallSteps: [
      { do: 'run', command: ['systemctl', '--user', 'disable', '--now', unitName], mayFail: true },
      { do: 'remove-file', path: file },
      { do: 'run', command: ['systemctl', '--user', 'daemon-reload'], mayFail: false },
    ],
    afterwards: [
      `log      journalctl --user --unit ${unitName} --follow`,
      `look     codexpc-gateway status`,
      `reload   systemctl --user reload ${unitName}`,
      `restart  systemctl --user restart ${unitName}`,
      `remove   codexpc-gateway uninstall --systemd`,
      `         It runs while you are logged in; loginctl enable-linger keeps it running.`,
    ],
  };
}

/** After systemd.service(5) and systemd.syntax(7). */
export function renderUnit({ program, args, environment, stopTime }: ServiceDefinition): string {
  return [
    '[Unit]',
    'Description=codexpc-gateway, an OpenAI-compatible server',
    'After=network.target',
    '',
    '[Service]',
    `ExecStart=${[quote(program[0]), ...[program[1], ...args].map(quoteArgument)].join(' ')}`,
    // It reads its configuration file again.
    'ExecReload=kill -HUP $MAINPID',
    ...Object.entries(environment).map(([name, value]) => `Environment=${quote(`${name}=${value}`)}`),
    'Restart=on-failure',
    'RestartSec=5',
    `RestartPreventExitStatus=${wronglyConfigured}`,
    `TimeoutStopSec=${Math.ceil(stopTime / 1000)}`,
    'NoNewPrivileges=yes',
    'UMask=0077',
    '',
    '[Install]',
    'WantedBy=default.target',
    '',
  ].join('\n');
}

/** Behind the program, `$` begins a variable. */
const quoteArgument = (text: string): string => quote(text).replaceAll('$', () => '$$');

/** In quotes, with what is special in them escaped; `%` begins a specifier everywhere in a unit. */
function quote(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is to be escaped
  const escaped = text.replace(/["\\]|[\u0000-\u001f\u007f]/g, (character) => {
    const isControl = character < ' ' || character === '\u007f';
    return isControl ? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}` : `\\${character}`;
  });
  return `"${escaped.replaceAll('%', '%%')}"`;
}

/** What systemd says of the unit; one that was never installed is no error, and neither is a system without systemd. */
export function readUnit(run: RunCommand): {
  installed: boolean;
  processId: number | null;
  lastExitCode: number | null;
} {
  const properties = 'LoadState,MainPID,ExecMainCode,ExecMainStatus';
  const { status, output } = run(['systemctl', '--user', 'show', unitName, `--property=${properties}`]);
  const field = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(output)?.[1];
  if (status !== 0 || field('LoadState') !== 'loaded') return { installed: false, processId: null, lastExitCode: null };
  // Code 0: it has never ended.
  const ended = Number(field('ExecMainCode')) !== 0;
  return {
    installed: true,
    processId: Number(field('MainPID')) || null,
    lastExitCode: ended ? Number(field('ExecMainStatus')) : null,
  };
}
