/**
 * `codexpc-gateway` as the blocks of documents find it on their path: the built program. One that serves would never
 * end, so it serves one request, on a free port of this machine alone, and is stopped.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseCommandLine } from '../../../dist/cli/args.js';

const main = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const args = process.argv.slice(2);
const { command } = parseCommandLine(args);

if (command === 'serve') await runUntilItListens([...args, '--host', '127.0.0.1', '--port', '0'], askOnce);
else if (command === 'simulate') await runUntilItListens(args, async () => {});
else await run(args, 'inherit').ended;

function run(args, stdout) {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['inherit', stdout, 'inherit'] });
  const ended = new Promise((resolve) => {
    child.once('close', (code, signal) => {
      process.exitCode = signal === null ? code : 1;
      resolve();
    });
  });
  return { child, ended };
}

async function runUntilItListens(args, then) {
  const { child, ended } = run(args, 'pipe');
  let output = '';
  let told = false;
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    process.stdout.write(text);
    if (told || !/listens on \S+\n/.test(output)) return;
    told = true;
    void then(output).finally(() => child.kill('SIGTERM'));
  });
  await ended;
}

/** Any answer will do: without a daemon there is an error, and one that has to be started may take its time. */
async function askOnce(output) {
  const [, port] = /listens on http:\S+:(\d+)\/v1/.exec(output);
  const [key = 'none'] = (process.env.CODEXPC_GATEWAY_API_KEYS ?? '').split(',');
  const asked = fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'gpt-oss-20b', messages: [{ role: 'user', content: 'Say hello to the world' }] }),
    signal: AbortSignal.timeout(20_000),
  });
  await asked.then((answer) => answer.text()).catch(() => {});
}
