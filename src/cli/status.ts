import type { Config } from '../config-decide.ts';
import { readDaemonAgent } from './service/daemon-agent.ts';
import type { DaemonAgent } from './service/daemon-agent.ts';
import { agentLabel, readAgent } from './service/launchd.ts';
import type { RunCommand } from './service/step.ts';
import { readUnit } from './service/systemd.ts';

/** How the installed gateway is. */
export type InstalledGateway = {
  readonly installed: boolean;
  /** null: it isn't running. */
  readonly processId: number | null;
  readonly lastExitCode: number | null;
};

export type Status = { readonly gateway: InstalledGateway; readonly daemon: DaemonAgent };

export type StatusTools = {
  readonly platform: NodeJS.Platform;
  readonly userId: number;
  readonly run: RunCommand;
};

/**
 * Prints how the installed gateway is, and whether launchd knows the daemon.
 *
 * @returns the exit code: 0 when the gateway runs and, on a Mac, the daemon's service is registered; else 1.
 */
export function status(config: Config, json: boolean, tools: StatusTools, print: (text: string) => void): number {
  const found: Status = { gateway: readGateway(tools), daemon: readDaemonAgent(config.backend.service, tools) };
  if (json) print(`${JSON.stringify(found, null, 2)}\n`);
  else print(`gateway  ${gatewayText(found.gateway, tools.platform)}\ndaemon   ${found.daemon.explanation}\n`);
  const daemonIsWell = found.daemon.state === 'registered' || found.daemon.state === 'not-by-launchd';
  return found.gateway.processId !== null && daemonIsWell ? 0 : 1;
}

function readGateway({ platform, userId, run }: StatusTools): InstalledGateway {
  if (platform !== 'darwin') return readUnit(run);
  const agent = readAgent(agentLabel, userId, run);
  if (agent.state === 'absent') return { installed: false, processId: null, lastExitCode: null };
  return { installed: true, processId: agent.processId, lastExitCode: agent.lastExitCode };
}

function gatewayText({ installed, processId, lastExitCode }: InstalledGateway, platform: NodeJS.Platform): string {
  const flag = platform === 'darwin' ? '' : ' --systemd';
  if (!installed) return `is not installed: "codexpc-gateway install${flag}" has it started at login.`;
  if (processId !== null) return `runs as process ${processId}.`;
  if (lastExitCode === null || lastExitCode === 0) return 'is installed and does not run.';
  const why = lastExitCode === 2 ? ': its configuration is wrong' : '';
  return `is installed and does not run; it ended with exit code ${lastExitCode}${why}. Its log says more.`;
}
