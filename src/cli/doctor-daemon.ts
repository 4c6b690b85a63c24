import type { Backend } from '../backends/backend.ts';
import { handshakeDifferences } from '../backends/handshake.ts';
import { chooseInputs, inputLosses } from '../backends/codexpc/inputs.ts';
import { loadLibrary } from '../backends/codexpc/library.ts';
import type { Config } from '../config-decide.ts';
import { asGatewayError, GatewayError } from '../core/errors.ts';
import type { Encoding } from '../harmony/encoding.ts';
import { assembleGateway } from './assemble.ts';
import { answer } from './chat-answer.ts';
import { shimPath } from './connect.ts';
import { fail, ok, warn } from './doctor-check.ts';
import type { Check } from './doctor-check.ts';
import type { Serving } from './doctor-system.ts';

/** Whether the native shim is there, loads, and is of this gateway's ABI. */
export function checkShim(config: Config): Check {
  try {
    const path = shimPath(config);
    return ok('shim', `${path}, ABI version ${loadLibrary(path).abiVersion}`);
  } catch (error) {
    const advice = 'Build it with "make -C native-shim" (macOS: xcode-select --install first), or set backend.library.';
    return fail('shim', messageOf(error), advice);
  }
}

/** Whether the daemon answers, and means the same by our tokens. */
export async function checkDaemon(config: Config, backend: Backend, timeout: number): Promise<Check[]> {
  const { type, service, input } = config.backend;
  const name = type === 'simulator' ? 'the embedded simulator' : `the daemon '${service}'`;
  try {
    const introduction = await backend.introduce(AbortSignal.timeout(timeout));
    return [ok('daemon', `${name} answers`), checkHarmony(input, introduction)];
  } catch (error) {
    return [fail('daemon', messageOf(error), startAdvice(service))];
  }
}

/** A simulated daemon is at a socket; a real one is an agent of launchd. */
function startAdvice(service: string): string {
  if (service.includes('/'))
    return `A simulated daemon is started there by: codexpc-gateway simulate --service ${service}`;
  return process.platform === 'darwin'
    ? 'Start it: launchctl kickstart -k gui/$(id -u)/com.yourorg.codexpc where it is installed; or set CODEXPC_SERVICE to its name.'
    : 'The daemon runs on macOS alone. To try the gateway here, take no checkpoint and no service, or set --backend simulator.';
}

function checkHarmony(
  setting: Config['backend']['input'],
  introduction: Awaited<ReturnType<Backend['introduce']>>,
): Check {
  const { inputs, warning } = chooseInputs(setting, introduction);
  const [input] = inputs;
  const differences = introduction.handshake === null ? null : handshakeDifferences(introduction.handshake);
  if (input === 'tokens' && differences !== null && differences.length > 0) {
    const what = `prompts go as tokens (backend.input), though ${differences.join('; ')}`;
    return fail('harmony', what, 'Set backend.input to auto, or update the daemon or this gateway.');
  }
  if (warning === null) {
    const compared = differences === null ? '' : ', whose Harmony is ours';
    return ok('harmony', `prompts go as tokens to a daemon${compared}`);
  }
  const advice =
    input === 'tokens'
      ? 'Update the daemon, so that it can tell its Harmony by a handshake.'
      : `docs/daemon.md explains the forms. ${inputLosses[input].length} losses against tokens; update the daemon or this gateway, or set backend.input to auto.`;
  return warn('harmony', warning, advice);
}

/** Asks for one token: of the gateway that serves, else of the daemon itself. */
export async function checkAnswer(
  config: Config,
  backend: Backend,
  encoding: Encoding,
  serving: Serving | null,
  timeout: number,
): Promise<Check> {
  const model = config.models[0]!.id;
  const begun = performance.now();
  const took = () => `${Math.round(performance.now() - begun)} ms`;
  try {
    if (serving !== null) {
      if (config.server.apiKeys.length > 0 && plainKey(config.server.apiKeys) === null) {
        const what = 'the gateway that serves was not asked: of its API keys only hashes are configured';
        return warn('answer', what, 'Set CODEXPC_GATEWAY_API_KEYS to one of the keys, for this command.');
      }
      // Two turns at once on one engine spoil each other, and the gateway may have one running.
      await askServer(config, serving, model, timeout);
      return ok('answer', `one token from ${model}, through the gateway that serves, in ${took()}`);
    }
    const gateway = assembleGateway(config, { backend, encoding });
    const signal = withReason(timeout);
    const request = { model, store: false, reasoning: { effort: 'none' }, max_output_tokens: 1 };
    const nobody = { print: () => undefined, note: () => undefined };
    await answer(gateway, request, [{ role: 'user', content: 'Hi' }], nobody, signal);
    return ok('answer', `one token from ${model} in ${took()}`);
  } catch (error) {
    const advice = 'The log of the daemon says more: log stream --predicate \'subsystem == "com.yourorg.codexpc"\'.';
    return fail('answer', messageOf(error), advice);
  }
}

/** A signal whose reason is what a turn fails with. */
function withReason(timeout: number): AbortSignal {
  const late = new AbortController();
  const message = `No answer came within ${timeout} ms; loading a model for the first time takes long.`;
  setTimeout(() => late.abort(new GatewayError('backend_timeout', message)), timeout).unref();
  return late.signal;
}

/** A key that is known here, for a server that asks for one; null: only hashes are, or nothing. */
function plainKey(keys: Config['server']['apiKeys']): string | null {
  return keys.find(({ plain }) => plain !== null)?.plain ?? null;
}

async function askServer({ server }: Config, { url }: Serving, model: string, timeout: number): Promise<void> {
  const key = plainKey(server.apiKeys);
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({
      model,
      messages: [{ role: 'user', content: 'Hi' }],
      max_completion_tokens: 1,
      reasoning_effort: 'none',
    }),
    signal: AbortSignal.timeout(timeout),
  });
  const text = await response.text();
  if (response.status !== 200) {
    throw new GatewayError('engine_error', `The gateway at ${url} answered ${response.status}: ${text.slice(0, 300)}`);
  }
}

function messageOf(error: unknown): string {
  if (error instanceof GatewayError) return error.message;
  return error instanceof Error ? error.message : asGatewayError(error).message;
}
