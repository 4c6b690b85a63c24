import { Ajv2020 } from 'ajv/dist/2020.js';
import { GatewayError } from '../core/errors.ts';
import type { TurnEvent } from '../core/event.ts';
import type { JsonSchema, Tool, ToolReference, Turn, TurnItem } from '../core/turn.ts';

/**
 * What a turn demands of its answer that a model asked in words may fail to do: a tool call where the tool choice
 * requires one, only allowed tools, arguments and JSON that match a strict schema.
 */
export type AnswerCheck = {
  /** Begins to watch one attempt. */
  watch(): { see(event: TurnEvent): Verdict };
};

/** `open`: it can't be told yet, so nothing may be shown yet. */
export type Verdict =
  | { readonly type: 'open' }
  | { readonly type: 'good' }
  /** `what` is wrong with it; `reply` is what to show the model, so that it does better. */
  | { readonly type: 'bad'; readonly what: string; readonly reply: readonly TurnItem[] };

const open: Verdict = { type: 'open' };
const good: Verdict = { type: 'good' };

/**
 * Makes the check of a turn's answer; null when the turn demands nothing that could be missed.
 *
 * @throws GatewayError `invalid_value` for a strict schema that is no JSON Schema.
 */
export type AnswerChecks = (turn: Turn) => AnswerCheck | null;

/** One Ajv serves all turns: making one takes longer than other streams should wait. */
export function createAnswerChecks(): AnswerChecks {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false, addUsedSchema: false });
  return (turn) => checkOf(turn, ajv);
}

function checkOf(turn: Turn, ajv: Ajv2020): AnswerCheck | null {
  const format = turn.format.type === 'json-schema' && turn.format.strict ? turn.format : null;
  const strictTools = turn.tools.filter((tool) => tool.type === 'function' && tool.strict && tool.parameters !== null);
  const isRestricted = turn.toolChoice.type !== 'auto' && turn.toolChoice.type !== 'none';
  if (format === null && strictTools.length === 0 && !isRestricted) return null;

  const validateFormat = format === null ? null : compile(ajv, format.schema, `the format '${format.name}'`);
  const validateArguments = new Map(
    strictTools.map((tool) => [
      keyOf(tool),
      compile(ajv, (tool as Tool & { parameters: JsonSchema }).parameters, `the tool '${tool.name}'`),
    ]),
  );

  return {
    watch() {
      let call: { readonly callId: string; readonly tool: ToolReference } | null = null;
      let answer = '';

      function judgeCall(input: string): Verdict {
        const { callId, tool } = call!;
        const complain = (what: string): Verdict => ({
          type: 'bad',
          what,
          reply: [
            { type: 'tool-call', callId, tool, input },
            { type: 'tool-output', callId, text: `Error: ${what}. Nothing was done. Try again.` },
          ],
        });
        if (!mayCall(turn, tool)) return complain(`the tool '${tool.name}' may not be called now`);
        const fault = validateArguments.get(keyOf(tool))?.(input) ?? null;
        return fault === null ? good : complain(`the arguments of '${tool.name}' do not match its schema: ${fault}`);
      }

      function judgeAnswer(): Verdict {
        const complain = (what: string): Verdict => ({
          type: 'bad',
          what,
          reply: [
            ...(answer === '' ? [] : [{ type: 'message', role: 'assistant', text: answer, phase: 'final' } as const]),
            { type: 'message', role: 'developer', text: `That was not valid: ${what}. Do it again, correctly.` },
          ],
        });
        if (mustCall(turn)) return complain('no function was called, and one had to be');
        const fault = validateFormat?.(answer) ?? null;
        return fault === null ? good : complain(`the answer does not match the response format: ${fault}`);
      }

      return {
        see(event) {
          switch (event.type) {
            case 'tool-call-start':
              call = event;
              return mayCall(turn, event.tool) && !validateArguments.has(keyOf(event.tool)) ? good : open;
            case 'tool-call-end':
              return judgeCall(event.input);
            case 'text-start':
              return event.phase === 'final' && !mustCall(turn) && validateFormat === null ? good : open;
            case 'text-end':
              answer = event.text;
              return open;
            case 'turn-end':
              // What was cut off by the token limit is reported as such; the client knows what to make of it.
              return event.reason === 'length' || call !== null ? good : judgeAnswer();
            case 'turn-queued':
            case 'turn-start':
            case 'reasoning-start':
            case 'reasoning-delta':
            case 'reasoning-end':
            case 'text-delta':
            case 'tool-call-delta':
              return open;
          }
        },
      };
    },
  };
}

const keyOf = ({ type, name, namespace }: ToolReference) => JSON.stringify([type, namespace, name]);

function mustCall({ toolChoice: choice }: Turn): boolean {
  return (
    choice.type === 'required' || choice.type === 'named' || (choice.type === 'allowed' && choice.mode === 'required')
  );
}

function mayCall({ toolChoice: choice, tools }: Turn, tool: ToolReference): boolean {
  const key = keyOf(tool);
  const among = (references: readonly ToolReference[]) => references.some((reference) => keyOf(reference) === key);
  switch (choice.type) {
    case 'none':
      return false;
    case 'auto':
      return true;
    case 'required':
      return among(tools);
    case 'named':
      return among([choice.tool]);
    case 'allowed':
      return among(choice.tools);
  }
}

/** Says what is wrong with a JSON text, or null. */
type Validate = (text: string) => string | null;

function compile(ajv: Ajv2020, schema: JsonSchema, whose: string): Validate {
  // Which draft a schema claims makes no difference here, and Ajv refuses those that it wasn't given.
  const { $schema: _, ...rest } = schema;
  let validate;
  try {
    validate = ajv.compile(rest);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new GatewayError('invalid_value', `The schema of ${whose} is not a valid JSON Schema: ${reason}.`, { cause });
  } finally {
    // Ajv would keep every schema it has seen.
    ajv.removeSchema(rest);
  }
  return (text) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return 'it is not JSON';
    }
    if (validate(value)) return null;
    const [error] = validate.errors ?? [];
    return `${error?.instancePath === '' ? 'it' : (error?.instancePath ?? 'it')} ${error?.message ?? 'is wrong'}`;
  };
}
