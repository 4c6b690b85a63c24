import { expect, test } from 'vitest';
import { readDaemonAgent } from '../../../src/cli/service/daemon-agent.ts';
import { agentPropertyList, launchd, parseAgent } from '../../../src/cli/service/launchd.ts';
import type { Command, CommandResult } from '../../../src/cli/service/step.ts';
import { status } from '../../../src/cli/status.ts';
import { loadConfig } from '../../../src/config.ts';
import { readPropertyList } from './property-list-reader.ts';

const definition = {
  program: ['/opt/homebrew/bin/node', '/opt/R&D/<gateway>/dist/main.js'],
  args: ['serve', '--set', 'checkpoint=/models/"20b" & more.bin'],
  environment: { CODEXPC_GATEWAY_API_KEYS: 'a<b,c>d' },
  stopTime: 20_500,
} as const;

test('an agent is a property list with all that launchd needs', () => {
  expect(readPropertyList(agentPropertyList(definition, '/logs/output.log'))).toEqual({
    Label: 'com.yourorg.codexpc-gateway',
    ProgramArguments: [...definition.program, ...definition.args],
    EnvironmentVariables: definition.environment,
    RunAtLoad: true,
    KeepAlive: { SuccessfulExit: false },
    ThrottleInterval: 30,
    ExitTimeOut: 21,
    ProcessType: 'Interactive',
    Umask: 0o077,
    StandardOutPath: '/logs/output.log',
    StandardErrorPath: '/logs/output.log',
  });
});

test('an installed agent takes the place of a loaded one, which has ended before', () => {
  const steps = launchd({ home: '/users/me', userId: 501 }).installSteps(definition);
  const target = 'gui/501/com.yourorg.codexpc-gateway';
  expect(steps.map((step) => ('command' in step ? [step.do, ...step.command] : [step.do, step.path]))).toEqual([
    ['make-directory', '/users/me/Library/Logs/codexpc-gateway'],
    ['make-directory', '/users/me/Library/LaunchAgents'],
    ['write-file', '/users/me/Library/LaunchAgents/com.yourorg.codexpc-gateway.plist'],
    ['run', 'launchctl', 'bootout', target],
    ['await-failure', 'launchctl', 'print', target],
    ['run', 'launchctl', 'enable', target],
    ['run', 'launchctl', 'bootstrap', 'gui/501', '/users/me/Library/LaunchAgents/com.yourorg.codexpc-gateway.plist'],
  ]);
});

/** As `launchctl print` writes it. */
const printed = (
  fields: string,
  endpoints = '\t\t"com.yourorg.codexpc" = {\n\t\t\tport = 0x2f03\n\t\t\tactive = 1\n\t\t}\n',
) =>
  `gui/501/com.yourorg.codexpc = {
\tactive count = 1
\tpath = /users/me/Library/LaunchAgents/com.yourorg.codexpc.plist
\ttype = LaunchAgent
\tstate = running

\tprogram = /usr/local/bin/codexpcd
\targuments = {
\t\t/usr/local/bin/codexpcd
\t}

\tdefault environment = {
\t\tPATH => /usr/bin:/bin
\t}

\tendpoints = {
${endpoints}\t}

\truns = 1
${fields}
\tspawn type = interactive (4)
}
`;

test('what launchctl prints is read for what counts', () => {
  expect(parseAgent(printed('\tpid = 4711\n\tlast exit code = (never exited)'))).toEqual({
    state: 'loaded',
    processId: 4711,
    lastExitCode: null,
    machServices: ['com.yourorg.codexpc'],
  });
  expect(parseAgent(printed('\tlast exit code = 78: EX_CONFIG', ''))).toEqual({
    state: 'loaded',
    processId: null,
    lastExitCode: 78,
    machServices: [],
  });
  expect(parseAgent('something else')).toMatchObject({ state: 'loaded', processId: null, machServices: [] });
});

/** A launchd that knows these, by their targets. */
function fakeLaunchd(known: Record<string, string>) {
  const run = ([program, verb, target]: Command): CommandResult => {
    expect([program, verb]).toEqual(['launchctl', 'print']);
    const output = known[target!];
    return output === undefined
      ? { status: 113, output: `Could not find service "x" in domain for user gui: 501` }
      : { status: 0, output };
  };
  return { platform: 'darwin' as NodeJS.Platform, userId: 501, run };
}

test.each([
  [{ 'gui/501/com.yourorg.codexpc': printed('\tpid = 4711') }, 'registered', 'process 4711'],
  [{ 'gui/501/com.yourorg.codexpc': printed('') }, 'registered', 'starts when it is asked'],
  [{ 'gui/501/com.yourorg.codexpc': printed('\tlast exit code = 1') }, 'registered', 'exit code 1'],
  [{ 'gui/501/com.yourorg.codexpc': printed('', '\t\t"org.other" = {\n\t\t}\n') }, 'not-registered', 'CODEXPC_SERVICE'],
  [
    { 'gui/501': '\tendpoints = {\n\t\t 0x1f203    M   A   com.yourorg.codexpc\n\t}\n' },
    'registered',
    'an agent of another name',
  ],
  [{ 'gui/501': '\t\t 0x1f203    M   A   com.yourorg.codexpc-gateway\n' }, 'not-registered', 'launchctl bootstrap'],
])('whether launchd knows the daemon: %#', (known, state, words) => {
  const agent = readDaemonAgent('com.yourorg.codexpc', fakeLaunchd(known as Record<string, string>));
  expect(agent).toMatchObject({ state, service: 'com.yourorg.codexpc' });
  expect(agent.explanation).toContain(words);
});

test('a socket, and a system without launchd, are no faults of launchd', () => {
  const nobody = { ...fakeLaunchd({}), run: () => expect.unreachable() };
  expect(readDaemonAgent('/run/daemon.sock', nobody).state).toBe('not-by-launchd');
  expect(readDaemonAgent('com.yourorg.codexpc', { ...nobody, platform: 'linux' }).state).toBe('not-by-launchd');
});

function statusOf(known: Record<string, string>, json = false) {
  const loaded = loadConfig({
    flags: [],
    configFile: null,
    environment: {},
    directory: '/',
    readFile: () => '',
    daemonOnly: true,
  });
  if ('problems' in loaded) throw new Error(loaded.problems.join('\n'));
  let text = '';
  const code = status(loaded.config, json, fakeLaunchd(known), (more) => {
    text += more;
  });
  return { code, text };
}

test('status is well when the gateway runs and the daemon is registered, and says what to do otherwise', () => {
  const gateway = 'gui/501/com.yourorg.codexpc-gateway';
  const daemon = { 'gui/501/com.yourorg.codexpc': printed('') };
  expect(statusOf({ [gateway]: '\tpid = 12', ...daemon })).toEqual({
    code: 0,
    text: "gateway  runs as process 12.\ndaemon   'com.yourorg.codexpc' is registered and starts when it is asked.\n",
  });
  expect(statusOf(daemon)).toMatchObject({ code: 1, text: expect.stringContaining('codexpc-gateway install') });
  const wrong = statusOf({ [gateway]: '\tlast exit code = 2', ...daemon });
  expect(wrong).toMatchObject({ code: 1, text: expect.stringContaining('its configuration is wrong') });
  const json = statusOf({ [gateway]: '\tpid = 12' }, true);
  expect([json.code, JSON.parse(json.text)]).toMatchObject([
    1,
    { gateway: { installed: true, processId: 12 }, daemon: { state: 'not-registered' } },
  ]);
});
