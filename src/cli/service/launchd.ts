import { join } from 'node:path';
import type { ServiceDefinition, ServiceManager } from './definition.ts';
import { renderPropertyList } from './property-list.ts';
import type { RunCommand, Step } from './step.ts';

export const agentLabel = 'com.yourorg.codexpc-gateway';

/** Seconds between two starts of a gateway that can't run, such as one that is configured wrongly. */
const throttle = 30;

/** Where the gateway's log is under launchd, which keeps no log itself. */
export const agentLog = (home: string): string => join(home, 'Library', 'Logs', 'codexpc-gateway', 'gateway.log');

/** launchd's user agents, of the user with this id. */
export function launchd({ home, userId }: { readonly home: string; readonly userId: number }): ServiceManager {
  const file = join(home, 'Library', 'LaunchAgents', `${agentLabel}.plist`);
  const logs = join(home, 'Library', 'Logs', 'codexpc-gateway');
  const target = `gui/${userId}/${agentLabel}`;
  const unload: readonly Step[] = [
    { do: 'run', command: ['launchctl', 'bootout', target], mayFail: true },
    { do: 'await-failure', command: ['launchctl', 'print', target] },
  ];
  return {
    installSteps: (definition) => [
      { do: 'make-directory', path: logs },
      { do: 'make-directory', path: join(home, 'Library', 'LaunchAgents') },
      { do: 'write-file', path: file, text: agentPropertyList(definition, join(logs, 'output.log')) },
      ...unload,
      { do: 'run', command: ['launchctl', 'enable', target], mayFail: false },
      { do: 'run', command: ['launchctl', 'bootstrap', `gui/${userId}`, file], mayFail: false },
    ],
    uninstallSteps: [...unload, { do: 'remove-file', path: file }],
    afterwards: [
      `log      ${agentLog(home)}; what it prints at its start: ${join(logs, 'output.log')}`,
      `look     codexpc-gateway status`,
      `reload   launchctl kill SIGHUP ${target}`,
      `restart  launchctl kickstart -k ${target}`,
      `remove   codexpc-gateway uninstall`,
    ],
  };
}

/** After launchd.plist(5). */
export function agentPropertyList(definition: ServiceDefinition, outputFile: string): string {
  const { program, args, environment, stopTime } = definition;
  return renderPropertyList({
    Label: agentLabel,
    ProgramArguments: [...program, ...args],
    EnvironmentVariables: environment,
    RunAtLoad: true,
    // Again after a crash, but not after it was told to stop.
    KeepAlive: { SuccessfulExit: false },
    ThrottleInterval: throttle,
    ExitTimeOut: Math.ceil(stopTime / 1000),
    // Somebody waits for its answers: no throttling as of a background job.
    ProcessType: 'Interactive',
    Umask: 0o077,
    StandardOutPath: outputFile,
    StandardErrorPath: outputFile,
  });
}

/** What launchd says of a service; `absent`: it knows none of that name. */
export type AgentState =
  | { readonly state: 'absent' }
  | {
      readonly state: 'loaded';
      /** Its process; null: it isn't running now. */
      readonly processId: number | null;
      /** null: it has never ended, or launchd doesn't tell. */
      readonly lastExitCode: number | null;
      /** The Mach services that it registers. */
      readonly machServices: readonly string[];
    };

/**
 * Asks launchd for an agent of this user.
 *
 * @throws Error when there is no launchctl.
 */
export function readAgent(label: string, userId: number, run: RunCommand): AgentState {
  const { status, output } = run(['launchctl', 'print', `gui/${userId}/${label}`]);
  if (status === null) throw new Error(`launchctl could not be started: ${output}`);
  return status === 0 ? parseAgent(output) : { state: 'absent' };
}

/** `launchctl print` is for people and its form is not promised, so only what is found counts. */
export function parseAgent(output: string): AgentState {
  const field = (name: string) => new RegExp(`^\\s*${name} = (.+)$`, 'm').exec(output)?.[1];
  const number = (text: string | undefined) =>
    text !== undefined && /^-?\d+/.test(text) ? Number.parseInt(text, 10) : null;
  const endpoints = /^\s*endpoints = \{\n([\s\S]*?)^\t\}/m.exec(output)?.[1] ?? '';
  return {
    state: 'loaded',
    processId: number(field('pid')),
    lastExitCode: number(field('last exit code')),
    machServices: [...endpoints.matchAll(/^\s*"([^"]+)" = \{/gm)].map((match) => match[1]!),
  };
}
