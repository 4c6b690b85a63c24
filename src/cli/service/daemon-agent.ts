import { readAgent } from './launchd.ts';
import type { RunCommand } from './step.ts';

/** Whether launchd knows the codexpc daemon, so that a connection to its service can come to something. */
export type DaemonAgent = {
  /** `not-by-launchd`: a socket's path, or a system without launchd. */
  readonly state: 'registered' | 'not-registered' | 'not-by-launchd';
  readonly service: string;
  /** null: it isn't running; launchd starts it when somebody connects. */
  readonly processId: number | null;
  /** A sentence, with what to do where something is to be done. */
  readonly explanation: string;
};

/**
 * Asks launchd for the service of this name, whatever its agent is called.
 *
 * @throws Error when this is a Mac without launchctl.
 */
export function readDaemonAgent(
  service: string,
  { platform, userId, run }: { readonly platform: NodeJS.Platform; readonly userId: number; readonly run: RunCommand },
): DaemonAgent {
  const answer = (state: DaemonAgent['state'], explanation: string, processId: number | null = null): DaemonAgent => ({
    state,
    service,
    processId,
    explanation,
  });
  if (service.startsWith('/')) return answer('not-by-launchd', `${service} is a socket, which launchd does not know.`);
  if (platform !== 'darwin') {
    return answer('not-by-launchd', `launchd is a part of macOS: on ${platform} there is no codexpc daemon.`);
  }
  const agent = readAgent(service, userId, run);
  if (agent.state === 'loaded') {
    const { processId, lastExitCode, machServices } = agent;
    if (machServices.length > 0 && !machServices.includes(service)) {
      return answer(
        'not-registered',
        `launchd has an agent '${service}', but it registers ${machServices.join(', ')}: set CODEXPC_SERVICE to that name.`,
        processId,
      );
    }
    if (processId !== null) return answer('registered', `'${service}' runs as process ${processId}.`, processId);
    const crashed = lastExitCode !== null && lastExitCode !== 0;
    const past = crashed ? ` Last time it ended with exit code ${lastExitCode}: see its log.` : '';
    return answer('registered', `'${service}' is registered and starts when it is asked.${past}`);
  }
  // An agent of another name may register the service.
  const { output } = run(['launchctl', 'print', `gui/${userId}`]);
  const listed = output.split('\n').some((line) => line.trim().split(/\s+/).includes(service));
  if (listed) return answer('registered', `'${service}' is registered by an agent of another name.`);
  return answer(
    'not-registered',
    `launchd does not know '${service}': load the daemon's agent ("launchctl bootstrap gui/${userId} ~/Library/LaunchAgents/${service}.plist"), or set CODEXPC_SERVICE to the name it runs under.`,
  );
}
