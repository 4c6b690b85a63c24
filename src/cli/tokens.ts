import { setImmediate } from 'node:timers/promises';
import type { Config } from '../config-decide.ts';
import type { Exchange } from '../core/dialect.ts';
import { GatewayError } from '../core/errors.ts';
import { openChat } from '../dialects/chat/index.ts';
import { openCompletion } from '../dialects/completions/index.ts';
import { openResponse } from '../dialects/responses/index.ts';
import { createEncoding } from '../harmony/encoding.ts';
import { createFrozenDates } from '../harmony/frozen-dates.ts';
import { createPrefiller } from '../harmony/prefill.ts';
import type { TokensCommand } from './args.ts';
import { localDate, randomIds, systemClock } from './runtime.ts';
import { configuredSeals } from './seal-key.ts';

type Api = 'responses' | 'chat' | 'completions';

/**
 * Renders the body of a request of any dialect and prints what the engine would be given. Nothing is asked but the
 * vocabulary.
 *
 * @throws GatewayError for a body that the server would refuse, too.
 */
export async function tokens(
  config: Config,
  output: TokensCommand['output'],
  text: string,
  { print, note }: { readonly print: (text: string) => void; readonly note: (text: string) => void },
): Promise<void> {
  const body = parseBody(text);
  const api = apiOf(body);
  const { turn, warnings } = open(api, body, config, note);
  const encoding = createEncoding();
  const { date, knowledgeCutoff, modelIdentity } = config.harmony;
  const prefiller = createPrefiller({
    encodeSteps: encoding.encodeSteps,
    settings: { knowledgeCutoff, modelIdentity },
    dates: createFrozenDates({ today: () => (date === 'today' ? localDate(systemClock) : date), limit: 1 }),
    elapsed: systemClock.elapsed,
    pause: setImmediate,
  });
  const prefill = await prefiller.prefill(turn);
  if (output !== 'json') for (const warning of warnings) note(`${warning}\n`);
  const ids = [...prefill.tokens];
  switch (output) {
    case 'text':
      return print(`${encoding.decode(ids)}\n`);
    case 'ids':
      return print(`${ids.join(' ')}\n`);
    case 'count':
      return print(`${ids.length}\n`);
    case 'json': {
      const { primeFinal } = prefill;
      const shown = { api, count: ids.length, prime_final: primeFinal, warnings, text: encoding.decode(ids), ids };
      return print(`${JSON.stringify(shown)}\n`);
    }
  }
}

function parseBody(text: string): object {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new GatewayError('invalid_json', `The request is not JSON: ${(cause as Error).message}.`, { cause });
  }
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  throw new GatewayError('invalid_type', 'The request is not a JSON object.');
}

function apiOf(body: object): Api {
  if ('messages' in body) return 'chat';
  return 'prompt' in body && !('input' in body) ? 'completions' : 'responses';
}

function open(api: Api, body: object, config: Config, warn: (warning: string) => void): Exchange {
  // What a model is called changes nothing in a prompt.
  const whole = { model: 'gpt-oss', ...body };
  const { attachments } = config.harmony;
  const seals = configuredSeals(config, () => warn('The key that seals reasoning could not be read.\n'));
  const context = { ids: randomIds, clock: systemClock, attachments, seals };
  switch (api) {
    case 'responses':
      return openResponse(whole, context);
    case 'chat':
      return openChat(whole, context);
    case 'completions':
      // What would be echoed is no part of the prompt.
      return openCompletion(whole, { ...context, textOf: () => '' });
  }
}
