/**
 * `codexpc-gateway` as the blocks of documents find it on their path: the built program. One that serves would never
 * end, so it serves one request, on a free port of this machine alone, and is stopped.
 */
import { parseCommandLine } from '../../../dist/cli/args.js';

const { command } = parseCommandLine(process.argv.slice(2));
if (command === 'serve') process.argv.push('--host', '127.0.0.1', '--port', '0');
if (command === 'serve' || command === 'simulate') {
  whenItListens(async (address) => {
    if (command === 'serve') await askOnce(`http://127.0.0.1:${new URL(address).port}`);
    process.kill(process.pid, 'SIGTERM');
  });
}
await import('../../../dist/main.js');

/** Listens to what the program prints. */
function whenItListens(then) {
  const write = process.stdout.write.bind(process.stdout);
  let output = '';
  process.stdout.write = (text, ...rest) => {
    const before = output;
    output += text;
    const address = listening(output);
    if (address !== undefined && listening(before) === undefined) void then(address);
    return write(text, ...rest);
  };
}

function listening(output) {
  return /listens on (\S+)\n/.exec(output)?.[1];
}

/** Any answer will do: without a daemon there is an error, and one that has to be started may take its time. */
async function askOnce(origin) {
  const [key = 'none'] = (process.env.CODEXPC_GATEWAY_API_KEYS ?? '').split(',');
  const asked = fetch(`${origin}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'gpt-oss-20b', messages: [{ role: 'user', content: 'Say hello to the world' }] }),
    signal: AbortSignal.timeout(20_000),
  });
  await asked.then((answer) => answer.text()).catch(() => {});
}
