import { GatewayError } from '../../core/errors.ts';

/** What is to be gone on with: a text as it stands, which may be empty, or token ids, control tokens among them. */
export type Prompt = string | readonly number[];

/** Last id that GPT-OSS has an embedding for. */
const lastTokenId = 201_087;

/**
 * The prompts of a request: a text, token ids, or a list of either. None is an empty text.
 *
 * @throws GatewayError naming the place at fault.
 */
export function readPrompts(value: unknown): readonly Prompt[] {
  if (value === undefined || value === null) return [''];
  if (!Array.isArray(value) || typeof value[0] === 'number') return [readPrompt(value, 'prompt')];
  if (value.length === 0) throw invalid('prompt', 'expected at least one prompt');
  return value.map((each, index) => readPrompt(each, `prompt[${index}]`));
}

function readPrompt(value: unknown, place: string): Prompt {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) throw invalid(place, 'expected a string or an array of token ids');
  if (value.length === 0) throw invalid(place, 'expected at least one token id');
  const fault = value.findIndex((id) => !isTokenId(id));
  if (fault !== -1) throw invalid(`${place}[${fault}]`, `expected a token id from 0 to ${lastTokenId}`);
  return value as readonly number[];
}

function isTokenId(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= lastTokenId;
}

function invalid(param: string, what: string): GatewayError {
  return new GatewayError('invalid_value', `Invalid value for '${param}': ${what}.`, { param });
}
