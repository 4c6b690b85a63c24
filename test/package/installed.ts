import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWith } from '../support/cleanup.ts';
import { createCondition } from '../support/condition.ts';
import { temporaryDirectory } from '../support/process.ts';

export const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** The package, packed and installed in an empty directory. */
export type InstalledPackage = {
  /** The files in the tarball, by their paths in the package. */
  readonly files: readonly string[];
  /** Where it was installed, as in node_modules/codexpc-gateway. */
  readonly root: string;
  /** Why the tarball brings no library for a system, as packing said it; null: nothing was left out. */
  readonly leftOut: string | null;
  /** Runs `npx codexpc-gateway` to its end. */
  npx(...args: string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string };
  /** Runs `npx codexpc-gateway serve` on a free port until the test has ended; resolves with its URL. */
  serve(): Promise<string>;
};

/** What is around this process, without what npm tells the scripts that it runs. */
function plainEnvironment(home: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|CODEXPC_)/i.test(name) && name !== 'NODE_ENV');
  return { ...Object.fromEntries(own), npm_config_update_notifier: 'false', XDG_CONFIG_HOME: home };
}

export function packAndInstall(): InstalledPackage {
  // As a program that is started there finds itself, whatever links lead there.
  const directory = realpathSync(temporaryDirectory('file'));
  const environment = plainEnvironment(directory);
  const run = (command: string, args: readonly string[], cwd: string) => {
    const result = spawnSync(command, args, { cwd, env: environment, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}\n${result.stdout}${result.stderr}`);
    return result;
  };

  const packed = run('npm', ['pack', '--loglevel=error', '--pack-destination', directory], checkout);
  const tarball = join(
    directory,
    readdirSync(directory).find((name) => name.endsWith('.tgz'))!,
  );
  const files = run('tar', ['-tzf', tarball], directory).stdout.trim().split('\n');

  const app = join(directory, 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{ "private": true }');
  // Nothing of it may need a script at installation: many people have switched them off.
  const flags = ['--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  run('npm', ['install', ...flags, tarball], app);

  return {
    files: files.map((path) => path.replace(/^package\//, '')).filter((path) => !path.endsWith('/')),
    root: join(app, 'node_modules', 'codexpc-gateway'),
    leftOut: /^prebuild: (no libraries .*)$/m.exec(packed.stderr + packed.stdout)?.[1] ?? null,
    npx: (...args) =>
      spawnSync('npx', ['--no-install', 'codexpc-gateway', ...args], { cwd: app, env: environment, encoding: 'utf8' }),
    async serve() {
      // A process group of its own: npx does not hand signals on.
      const child = spawn('npx', ['--no-install', 'codexpc-gateway', 'serve', '--port', '0'], {
        cwd: app,
        env: environment,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const exited = new Promise<void>((resolve) => {
        child.once('close', () => resolve());
      });
      endWith('test', () => {
        process.kill(-child.pid!, 'SIGTERM');
        return exited;
      });
      const record = createCondition();
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text;
          record.changed();
        });
      }
      void exited.then(() => record.closed(() => `it has ended\n${output}`));
      return (await record.until(() => /listens on (http:\/\/\S+)\/v1\n/.exec(output)))[1]!;
    },
  };
}
