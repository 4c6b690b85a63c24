import { GatewayError } from '../../core/errors.ts';
import type { FunctionTool, Tool, ToolChoice, ToolReference } from '../../core/turn.ts';
import type { ChatRequest } from './schema.ts';
import type { ChatTool, FunctionDefinition, ToolName } from './tool-schema.ts';

export type ChatTools = {
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice;
  readonly parallelToolCalls: boolean;
  /** The request speaks of `functions`, so calls are answered as `function_call`: one at most. */
  readonly legacyFunctions: boolean;
};

/**
 * What the model may call.
 *
 * @throws GatewayError for a mixture of the new names and the old, and for a choice of what isn't declared.
 */
export function toTools(request: ChatRequest): ChatTools {
  const functions = request.functions ?? [];
  const declaredTools = request.tools ?? [];
  if (functions.length === 0) {
    if (declaredTools.length > 0 && request.function_call !== undefined) throw mixed('function_call', 'tools');
    const tools = declaredTools.map(toTool);
    return {
      tools,
      toolChoice:
        request.function_call === undefined
          ? toToolChoice(request.tool_choice, tools)
          : toFunctionChoice(request.function_call, tools),
      parallelToolCalls: request.parallel_tool_calls ?? true,
      legacyFunctions: false,
    };
  }
  if (declaredTools.length > 0) throw mixed('functions', 'tools');
  if (request.tool_choice !== undefined) throw mixed('tool_choice', 'functions');
  const tools = functions.map((definition) => functionTool({ ...definition, strict: false }));
  return {
    tools,
    toolChoice: toFunctionChoice(request.function_call, tools),
    parallelToolCalls: false,
    legacyFunctions: true,
  };
}

function mixed(param: string, other: string): GatewayError {
  const message = `'${param}' can't be used with '${other}': tools and tool_choice replace functions and function_call.`;
  return new GatewayError('invalid_value', message, { param });
}

function toTool(tool: ChatTool): Tool {
  switch (tool.type) {
    case 'function':
      return functionTool(tool.function);
    case 'custom': {
      const { name, description, format } = tool.custom;
      return {
        type: 'custom',
        name,
        namespace: null,
        description: description ?? null,
        grammar: format?.type === 'grammar' ? format.grammar : null,
      };
    }
  }
}

function functionTool(definition: FunctionDefinition): FunctionTool {
  return {
    type: 'function',
    name: definition.name,
    namespace: null,
    description: definition.description ?? null,
    parameters: definition.parameters ?? null,
    strict: definition.strict ?? false,
  };
}

function toToolChoice(choice: ChatRequest['tool_choice'], tools: readonly Tool[]): ToolChoice {
  if (choice === undefined) return { type: 'auto' };
  switch (choice.type) {
    case 'none':
    case 'auto':
      return { type: choice.type };
    case 'required':
      if (tools.length === 0) {
        throw new GatewayError('invalid_value', "'tool_choice' can be 'required' only where 'tools' are given.", {
          param: 'tool_choice',
        });
      }
      return { type: 'required' };
    case 'function':
    case 'custom':
      return {
        type: 'named',
        tool: declared(reference(choice), membershipIn(tools), `tool_choice.${choice.type}.name`),
      };
    case 'allowed_tools': {
      const allowed = choice.allowed_tools;
      const isDeclared = membershipIn(tools);
      return {
        type: 'allowed',
        mode: allowed.mode,
        tools: allowed.tools.map((name, index) =>
          declared(reference(name), isDeclared, `tool_choice.allowed_tools.tools[${index}].${name.type}.name`),
        ),
      };
    }
  }
}

function toFunctionChoice(choice: ChatRequest['function_call'], tools: readonly Tool[]): ToolChoice {
  if (choice === undefined) return { type: 'auto' };
  if (typeof choice === 'string') return { type: choice };
  const tool: ToolReference = { type: 'function', name: choice.name, namespace: null };
  return { type: 'named', tool: declared(tool, membershipIn(tools), 'function_call.name') };
}

function reference(name: ToolName): ToolReference {
  switch (name.type) {
    case 'function':
      return { type: 'function', name: name.function.name, namespace: null };
    case 'custom':
      return { type: 'custom', name: name.custom.name, namespace: null };
  }
}

function membershipIn(tools: readonly Tool[]): (tool: ToolReference) => boolean {
  const keyOf = ({ type, name }: ToolReference) => JSON.stringify([type, name]);
  const keys = new Set(tools.map(keyOf));
  return (tool) => keys.has(keyOf(tool));
}

function declared(tool: ToolReference, isDeclared: (tool: ToolReference) => boolean, param: string): ToolReference {
  if (isDeclared(tool)) return tool;
  throw new GatewayError('invalid_value', `'${param}' names the ${tool.type} '${tool.name}', which isn't declared.`, {
    param,
  });
}
