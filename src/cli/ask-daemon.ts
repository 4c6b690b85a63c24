import type { Backend } from '../backends/backend.ts';
import type { Config } from '../config-decide.ts';
import { asGatewayError, GatewayError } from '../core/errors.ts';
import { createEncoding } from '../harmony/encoding.ts';
import { connectBackend } from './connect.ts';

/** Opens the configured backend for one question and closes it again. */
async function withBackend<Result>(config: Config, ask: (backend: Backend) => Promise<Result>): Promise<Result> {
  const backend = await connectBackend(config, createEncoding(), () => undefined);
  try {
    return await ask(backend);
  } finally {
    await backend.close();
  }
}

/** Prints that the daemon is well; throws GatewayError when it isn't. JSON is printed either way. */
export async function health(
  config: Config,
  { timeout, json }: { readonly timeout: number; readonly json: boolean },
  print: (text: string) => void,
): Promise<void> {
  const { type, service } = config.backend;
  try {
    await withBackend(config, (backend) => backend.health(AbortSignal.timeout(timeout)));
  } catch (thrown) {
    const { code, message } = asGatewayError(thrown);
    if (json) print(`${JSON.stringify({ status: 'fail', backend: type, service, error: { code, message } })}\n`);
    throw thrown;
  }
  print(json ? `${JSON.stringify({ status: 'ok', backend: type, service })}\n` : `${nameOf(config)} is well.\n`);
}

/** Prints what the daemon says of its Harmony, as JSON. */
export async function handshake(config: Config, timeout: number, print: (text: string) => void): Promise<void> {
  const answer = await withBackend(config, (backend) => backend.introduce(AbortSignal.timeout(timeout)));
  if (answer.handshake === null) {
    throw new GatewayError(
      'engine_error',
      `${nameOf(config)} is well, but ${answer.trouble ?? 'it did not say more'}.`,
    );
  }
  print(`${JSON.stringify(answer.handshake, null, 2)}\n`);
}

function nameOf({ backend }: Config): string {
  return backend.type === 'simulator' ? 'The embedded simulator' : `The codexpc daemon '${backend.service}'`;
}
