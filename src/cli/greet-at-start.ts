import type { FastifyBaseLogger } from 'fastify';
import type { Backend } from '../backends/backend.ts';
import { chooseInputs } from '../backends/codexpc/inputs.ts';
import type { Config } from '../config-decide.ts';
import { asGatewayError } from '../core/errors.ts';

/**
 * Asks the daemon at start for what every connection to it asks again, so that whoever reads the log knows at once
 * whether it is there and understands our tokens. Nothing waits for it; it never rejects.
 */
export async function greetAtStart(
  { backend: { input }, limits }: Config,
  backend: Backend,
  { logger, warn, stop }: { logger: FastifyBaseLogger; warn: (what: string) => void; stop: AbortSignal },
): Promise<void> {
  const limit = new AbortController();
  const end = () => limit.abort();
  const timer = setTimeout(end, limits.greeting);
  stop.addEventListener('abort', end, { once: true });
  try {
    const introduction = await backend.introduce(limit.signal);
    const { warning } = chooseInputs(input, introduction);
    if (warning === null) logger.info('the codexpc daemon answers, and its Harmony is ours');
    else warn(warning);
  } catch (error) {
    if (stop.aborted) return;
    logger.warn(`The codexpc daemon does not answer yet: ${asGatewayError(error).message}`);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', end);
  }
}
