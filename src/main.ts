#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { parseCommandLine } from './cli/args.ts';
import { handshake, health } from './cli/ask-daemon.ts';
import { chat } from './cli/chat.ts';
import { codex } from './cli/codex.ts';
import { completionScript } from './cli/completions.ts';
import { configJson, configText } from './cli/config-show.ts';
import { doctor } from './cli/doctor.ts';
import { exitCodes } from './cli/exit-codes.ts';
import { watchHangUps } from './cli/hang-up.ts';
import { helpText } from './cli/help.ts';
import { install } from './cli/install.ts';
import { key } from './cli/key.ts';
import { openLogFile } from './cli/log-file.ts';
import { createTextLog } from './cli/log-text.ts';
import { readableKeys } from './cli/readable-keys.ts';
import { replay } from './cli/replay.ts';
import { serve } from './cli/serve.ts';
import { runCommand } from './cli/service/system.ts';
import { simulate } from './cli/simulate.ts';
import { createTerminalLines } from './cli/terminal-lines.ts';
import { tokens } from './cli/tokens.ts';
import { status } from './cli/status.ts';
import { uninstall } from './cli/uninstall.ts';
import { gatewayVersion } from './cli/version.ts';
import { createWaiting } from './cli/waiting.ts';
import type { ChatCommand, CommandLine, SettingFlags } from './cli/args.ts';
import { loadConfig } from './config.ts';
import type { LoadedConfig } from './config.ts';
import { configFileVariable } from './config-schema.ts';
import type { Config } from './config-decide.ts';
import { GatewayError } from './core/errors.ts';

const main = fileURLToPath(import.meta.url);
const waiting = createWaiting(process.stderr, () => performance.now());

process.exitCode = await run(parseCommandLine(process.argv.slice(2))).catch((error: unknown) => {
  note(`${describe(error)}\n`);
  return exitCodes.failed.code;
});

async function run(command: CommandLine): Promise<number> {
  switch (command.command) {
    case 'mistake':
      note(`${command.message}\n`);
      return exitCodes.misused.code;
    case 'help':
      print(`${helpText(command.topic)}\n`);
      return 0;
    case 'version':
      print(`${gatewayVersion()}\n`);
      return 0;
    case 'completions':
      print(completionScript(command.shell));
      return 0;
    case 'key':
      key(command, print);
      return 0;
    case 'uninstall':
      return uninstall(command, { print, note });
    case 'serve':
    case 'simulate':
    case 'config show':
    case 'doctor':
    case 'health':
    case 'handshake':
    case 'chat':
    case 'codex':
    case 'replay':
    case 'tokens':
    case 'install':
    case 'status':
      return withConfig(command, command.settings);
  }
}

type Configured = Extract<CommandLine, { settings: SettingFlags }>;

async function withConfig(command: Configured, { configFile, flags }: SettingFlags): Promise<number> {
  const file = configFile ?? (process.env[configFileVariable] || null);
  const load = (): LoadedConfig => {
    const found = loadConfig({
      flags,
      configFile,
      environment: process.env,
      directory: process.cwd(),
      readFile: (path) => readFileSync(path, 'utf8'),
      daemonOnly: ['simulate', 'health', 'handshake', 'tokens', 'status'].includes(command.command),
    });
    if ('problems' in found) return found;
    const warning = readableKeys(found.config, found.settings, file);
    return warning === null ? found : { ...found, warnings: [...found.warnings, warning] };
  };
  const loaded = load();
  if (command.command === 'doctor') {
    const found = 'problems' in loaded ? loaded : { ...loaded, file };
    return doctor({ ...command, nodeVersion: process.versions.node, loaded: found, print, waiting });
  }
  if ('problems' in loaded) {
    note(loaded.problems.map((problem) => `${problem}\n`).join(''));
    return exitCodes.misused.code;
  }
  const { config, settings, warnings } = loaded;
  if (command.command === 'serve') {
    const logger = createLogger(config);
    for (const warning of warnings) logger.warn(warning);
    await serve(config, settings, { logger, print, stop: stopSignal(), hangUps: watchHangUps(), load });
    return 0;
  }
  for (const warning of warnings) note(`${warning}\n`);
  switch (command.command) {
    case 'simulate':
      return simulate(config, { logger: createLogger(config), print, stop: stopSignal() });
    case 'config show':
      print(`${command.json ? configJson(settings) : configText(settings)}\n`);
      return 0;
    case 'health':
      await health(config, command, print);
      return 0;
    case 'handshake':
      await handshake(config, command.timeout, print);
      return 0;
    case 'codex':
      codex(config, command, print);
      return 0;
    case 'chat':
      await talk(config, command);
      return 0;
    case 'replay':
      return replay(config, command, { print, waiting, logger: createLogger(config, 'warn') });
    case 'tokens':
      await tokens(config, command.output, readFileSync(command.file ?? 0, 'utf8'), { print, note });
      return 0;
    case 'install':
      return install(config, settings, { ...command, configFile: file }, main, { print, note });
    case 'status':
      return status(
        config,
        command.json,
        { platform: process.platform, userId: process.getuid!(), run: runCommand },
        print,
      );
  }
}

async function talk(config: Config, command: ChatCommand): Promise<void> {
  const stop = stopSignal();
  const output = { print, note, waiting };
  const atTerminal = command.question === null && process.stdin.isTTY && !command.json;
  if (command.interactive === null && !atTerminal) {
    const question = command.question ?? readFileSync(0, 'utf8');
    return chat(config, command, { question }, output, stop);
  }
  const lines = createTerminalLines(process.stdin, process.stderr, stop);
  try {
    await chat(config, command, { lines }, output, stop);
  } finally {
    lines.close();
  }
}

function print(text: string): void {
  process.stdout.write(text);
}

function note(text: string): void {
  process.stderr.write(text);
}

function createLogger({ log }: Config, level = log.level) {
  const file = log.file === null ? null : openLogFile(log.file, log.fileBytes, note);
  const text = log.format === 'text' || (log.format === 'auto' && file === null && process.stderr.isTTY);
  const settings = { level, base: null };
  if (text) return pino(settings, createTextLog(file === null ? note : file.write));
  return pino(settings, file ?? pino.destination(2));
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

/** What a person can do something with; the stack is for faults of our own. */
function describe(error: unknown): string {
  if (error instanceof GatewayError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EADDRINUSE':
      return `The address is in use, maybe by another gateway: ${error.message}. Choose another port with --port.`;
    case 'EACCES':
      return syscall === 'listen'
        ? `Not permitted: ${error.message}. Ports below 1024 need privileges; choose another with --port.`
        : `Not permitted: ${error.message}.`;
    case 'ENOENT':
      return path === undefined ? error.message : `There is no file '${path}'.`;
    case undefined:
      return error.message;
    default:
      return error.message;
  }
}
