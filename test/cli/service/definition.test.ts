import { expect, test } from 'vitest';
import { parseCommandLine } from '../../../src/cli/args.ts';
import { frailty, serviceDefinition } from '../../../src/cli/service/definition.ts';
import { loadConfig } from '../../../src/config.ts';

const program = ['/opt/node', '/opt/gateway/dist/main.js'] as const;
const file = 'limits:\n  idle: 5000\nsimulator:\n  script: answers.yaml\n';

function load(args: readonly string[], environment: Record<string, string>, directory: string) {
  const command = parseCommandLine(args);
  if (command.command !== 'serve' && command.command !== 'install') throw new Error(JSON.stringify(command));
  const loaded = loadConfig({ ...command.settings, environment, directory, readFile: () => file });
  if ('problems' in loaded) throw new Error(loaded.problems.join('\n'));
  return loaded;
}

const define = ({ config, settings }: ReturnType<typeof load>, forcedLog: string | null = null, hideSecrets = false) =>
  serviceDefinition(config, settings, { program, configFile: '/etc/gateway.yaml', forcedLog, hideSecrets });

const flags = '--port 9000 --strict-models --set server.allowedHosts=one,two --checkpoint models/a=b,c.bin';
const environment = {
  HOME: '/users/me',
  CODEXPC_SERVICE: 'org.example.codexpc',
  CODEXPC_GATEWAY_API_KEYS: 'first,second',
  CODEXPC_GATEWAY_LOG_LEVEL: 'debug',
};

test('a service serves with the settings that were in force, wherever and with whatever variables it is started', () => {
  const now = load(['install', '--config', '/etc/gateway.yaml', ...flags.split(' ')], environment, '/users/me/here');
  const { args, environment: variables } = define(now);
  const then = load(args, variables, '/');
  const { reason: _now, ...backend } = now.config.backend;
  const { reason: _then, ...backendThen } = then.config.backend;
  expect({ ...then.config, backend: backendThen }).toEqual({ ...now.config, backend });
  expect(then.config.models[0]!.checkpoint).toBe('/users/me/here/models/a=b,c.bin');
  expect(then.config.simulator.script).toBe('/etc/answers.yaml');
  expect(then.config.server.apiKeys.map(({ plain }) => plain)).toEqual(['first', 'second']);
});

test('keys stand in no command line, and in nothing that is shown', () => {
  const loaded = load(['install', ...flags.split(' ')], environment, '/');
  expect(define(loaded).args.join(' ')).not.toContain('second');
  expect(define(loaded).environment).toEqual({ CODEXPC_GATEWAY_API_KEYS: 'first,second' });
  expect(JSON.stringify(define(loaded, null, true))).not.toContain('second');
});

test('what nobody set is left to the version that serves', () => {
  const loaded = load(['install'], { HOME: '/users/me' }, '/');
  expect(define(loaded).args).toEqual(['serve', '--config', '/etc/gateway.yaml']);
});

test('a log file is set where nobody keeps the standard error, unless the settings name one', () => {
  const log = '/users/me/Library/Logs/gateway.log';
  expect(define(load(['install'], {}, '/'), log).args).toContain(`log.file=${log}`);
  const named = load(['install', '--log-file', 'own.log'], {}, '/var/log');
  expect(define(named, log).args.filter((word) => word.startsWith('log.'))).toEqual(['log.file=/var/log/own.log']);
});

test('a gateway in a cache of npx is not to be relied on', () => {
  expect(frailty(['/opt/node', '/users/me/.npm/_npx/0a1b/node_modules/codexpc-gateway/dist/main.js'])).toContain('npx');
  expect(frailty(program)).toBeNull();
});
