import { GatewayError, inField } from '../core/errors.ts';
import type { TurnEvent } from '../core/event.ts';
import type { JsonSchema, ToolReference, Turn, TurnItem } from '../core/turn.ts';
import type { SchemaValidator } from './schema-validator.ts';

/**
 * What a turn demands of its answer that a model asked in words may fail to do: a tool call where the tool choice
 * requires one, only allowed tools, arguments and JSON that match a strict schema.
 */
export type AnswerCheck = {
  /** Begins to watch one attempt. */
  watch(): { see(event: TurnEvent): Verdict | Promise<Verdict> };
};

/** `open`: it can't be told yet, so nothing may be shown yet. */
export type Verdict =
  | { readonly type: 'open' }
  | { readonly type: 'good' }
  /** `what` is wrong with it; `reply` is what to show the model, so that it does better. */
  | { readonly type: 'bad'; readonly what: string; readonly reply: readonly TurnItem[] };

const open: Verdict = { type: 'open' };
const good: Verdict = { type: 'good' };

/** Whether a turn demands anything of its answer that could be missed. */
export function isDemanding(turn: Turn): boolean {
  const isRestricted = turn.toolChoice.type !== 'auto' && turn.toolChoice.type !== 'none';
  return isRestricted || strictFormat(turn) !== null || strictTools(turn).length > 0;
}

/** @throws GatewayError `invalid_value` for a strict schema that is no JSON Schema. */
export async function createAnswerCheck(turn: Turn, validator: SchemaValidator): Promise<AnswerCheck> {
  const format = strictFormat(turn);
  const parametersOf = new Map(strictTools(turn).map((tool) => [keyOf(tool), tool.parameters]));
  const checkSchema = schemaCheck(validator, turn.fields);
  if (format !== null) await checkSchema(format.schema, `the format '${format.name}'`, 'schema');
  for (const tool of strictTools(turn)) await checkSchema(tool.parameters, `the tool '${tool.name}'`, 'tools');

  return {
    watch() {
      let call: { readonly callId: string; readonly tool: ToolReference } | null = null;
      let answer = '';

      async function judgeCall(input: string): Promise<Verdict> {
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
        const parameters = parametersOf.get(keyOf(tool));
        const fault = parameters === undefined ? null : await faultOf(validator, parameters, input);
        return fault === null ? good : complain(`the arguments of '${tool.name}' do not match its schema: ${fault}`);
      }

      async function judgeAnswer(): Promise<Verdict> {
        const complain = (what: string): Verdict => ({
          type: 'bad',
          what,
          reply: [
            ...(answer === '' ? [] : [{ type: 'message', role: 'assistant', text: answer, phase: 'final' } as const]),
            { type: 'message', role: 'developer', text: `That was not valid: ${what}. Do it again, correctly.` },
          ],
        });
        if (mustCall(turn)) return complain('no function was called, and one had to be');
        const fault = format === null ? null : await faultOf(validator, format.schema, answer);
        return fault === null ? good : complain(`the answer does not match the response format: ${fault}`);
      }

      return {
        see(event) {
          switch (event.type) {
            case 'tool-call-start':
              call = event;
              return mayCall(turn, event.tool) && !parametersOf.has(keyOf(event.tool)) ? good : open;
            case 'tool-call-end':
              return judgeCall(event.input);
            case 'text-start':
              return event.phase === 'final' && !mustCall(turn) && format === null ? good : open;
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

type StrictFormat = Extract<Turn['format'], { type: 'json-schema' }>;
type StrictTool = ToolReference & { readonly parameters: JsonSchema };

function strictFormat({ format }: Turn): StrictFormat | null {
  return format.type === 'json-schema' && format.strict ? format : null;
}

function strictTools({ tools }: Turn): StrictTool[] {
  return tools.filter(
    (tool): tool is typeof tool & StrictTool => tool.type === 'function' && tool.strict && tool.parameters !== null,
  );
}

function schemaCheck(validator: SchemaValidator, fields: Turn['fields']) {
  return async (schema: JsonSchema, whose: string, field: 'schema' | 'tools'): Promise<void> => {
    const verdict = await validator.check(schema, null);
    if (verdict.type === 'good') return;
    const what = `The schema of ${whose}`;
    throw new GatewayError(
      'invalid_value',
      verdict.type === 'bad-schema'
        ? `${what} is not a valid JSON Schema: ${verdict.reason}.`
        : `${what} is too much to check answers against; make it smaller, or not strict.`,
      inField(fields?.[field]),
    );
  };
}

/** What is wrong with a JSON text, or null. */
async function faultOf(validator: SchemaValidator, schema: JsonSchema, text: string): Promise<string | null> {
  const verdict = await validator.check(schema, text);
  switch (verdict.type) {
    case 'good':
      return null;
    case 'bad':
      return verdict.fault;
    case 'bad-schema':
    case 'undecided':
      throw new GatewayError('invalid_answer', 'The answer could not be checked against its schema in time.');
  }
}
