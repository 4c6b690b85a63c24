#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { parseCommandLine } from './cli/args.ts';
import { handshake, health } from './cli/ask-daemon.ts';
import { chat } from './cli/chat.ts';
import { configText } from './cli/config-show.ts';
import { helpText } from './cli/help.ts';
import { createTextLog } from './cli/log-text.ts';
import { serve } from './cli/serve.ts';
import { simulate } from './cli/simulate.ts';
import type { CommandLine, SettingFlags } from './cli/args.ts';
import { loadConfig } from './config.ts';
import type { Config } from './config-decide.ts';
import { GatewayError } from './core/errors.ts';

/** Exit codes: 0 done, 1 failed, 2 called or configured wrongly, 70 the simulated daemon crashed as it was told to. */
process.exitCode = await run(parseCommandLine(process.argv.slice(2))).catch((error: unknown) => {
  note(`${describe(error)}\n`);
  return 1;
});

async function run(command: CommandLine): Promise<number> {
  switch (command.command) {
    case 'mistake':
      note(`${command.message}\n`);
      return 2;
    case 'help':
      print(helpText(command.topic));
      return 0;
    case 'version':
      print(`${version()}\n`);
      return 0;
    case 'serve':
    case 'simulate':
    case 'config show':
    case 'health':
    case 'handshake':
    case 'chat':
      return withConfig(command, command.settings);
  }
}

type Configured = Extract<CommandLine, { settings: SettingFlags }>;

async function withConfig(command: Configured, { configFile, flags }: SettingFlags): Promise<number> {
  const loaded = loadConfig({
    flags,
    configFile,
    environment: process.env,
    directory: process.cwd(),
    readFile: (path) => readFileSync(path, 'utf8'),
    daemonOnly: ['simulate', 'health', 'handshake'].includes(command.command),
  });
  if ('problems' in loaded) {
    note(loaded.problems.map((problem) => `${problem}\n`).join(''));
    return 2;
  }
  const { config, settings, warnings } = loaded;
  for (const warning of warnings) note(`${warning}\n`);
  switch (command.command) {
    case 'serve':
      await serve(config, { logger: createLogger(config), print, stop: stopSignal() });
      return 0;
    case 'simulate':
      return simulate(config, { logger: createLogger(config), print, stop: stopSignal() });
    case 'config show':
      print(`${configText(settings)}\n`);
      return 0;
    case 'health':
      await health(config, command.timeout, print);
      return 0;
    case 'handshake':
      await handshake(config, command.timeout, print);
      return 0;
    case 'chat':
      await chat(config, command, command.question ?? readFileSync(0, 'utf8'), { print, note }, stopSignal());
      return 0;
  }
}

function print(text: string): void {
  process.stdout.write(text);
}

function note(text: string): void {
  process.stderr.write(text);
}

function createLogger({ log }: Config) {
  const text = log.format === 'text' || (log.format === 'auto' && process.stderr.isTTY);
  return pino({ level: log.level, base: null }, text ? createTextLog(note) : pino.destination(2));
}

/** Aborts at the first SIGINT or SIGTERM; at a second one the process ends at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(1);
      stop.abort(new GatewayError('request_cancelled', 'Stopped.'));
    });
  }
  return stop.signal;
}

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** What a person can do something with; the stack is for faults of our own. */
function describe(error: unknown): string {
  if (error instanceof GatewayError) return error.message;
  if (!(error instanceof Error)) return String(error);
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return `The address is in use, maybe by another gateway: ${error.message}. Choose another port with --port.`;
    case 'EACCES':
      return `Not permitted: ${error.message}. Ports below 1024 need privileges; choose another with --port.`;
    case undefined:
      return error.message;
    default:
      return error.message;
  }
}
