import { GatewayError } from '../../core/errors.ts';
import type { Tool, ToolChoice, ToolReference } from '../../core/turn.ts';
import { itemPath } from './to-items.ts';
import type { Earlier } from './to-items.ts';
import { hostedTools } from './hosted-tools.ts';
import type { CallableTool, RequestTool, RequestToolChoice, RequestToolReference } from './schema-tools.ts';
import type { ResponsesRequest } from './schema.ts';

/**
 * What the model may call: the request's tools, and those that items of its input bring along. A tool declared again
 * takes the place of the earlier one.
 *
 * @param warn is told what was left out.
 */
export function toTools(request: ResponsesRequest, warn: (warning: string) => void, earlier: Earlier): Tool[] {
  const tools = new Map<string, Tool>();
  const declare = (tool: Tool, path: string): void => {
    const key = JSON.stringify([tool.namespace, tool.name]);
    if (tools.has(key) && path.startsWith('tools[')) warn(`${path} replaces an earlier tool of the same name`);
    tools.set(key, tool);
  };
  const declareAll = (declared: readonly RequestTool[], path: string): void => {
    for (const [index, tool] of declared.entries()) {
      const at = `${path}[${index}]`;
      switch (tool.type) {
        case 'function':
        case 'custom':
          declare(callableTool(tool, null), at);
          break;
        case 'namespace':
          for (const inner of tool.tools) declare(callableTool(inner, tool.name), at);
          break;
        case 'hosted':
          warn(`${at} is left out: ${noHosted(tool)}`);
          break;
      }
    }
  };

  declareAll(request.tools ?? [], 'tools');
  if (typeof request.input !== 'string') {
    for (const [index, item] of request.input.entries()) {
      if (item.type === 'additional_tools' || item.type === 'tool_search_output') {
        declareAll(item.tools, `${itemPath(index, earlier)}.tools`);
      }
    }
  }
  return [...tools.values()];
}

function noHosted({ hosted, family }: Extract<RequestTool, { type: 'hosted' }>): string {
  return `no '${hosted}' here; ${hostedTools[family]}`;
}

function callableTool(tool: CallableTool, namespace: string | null): Tool {
  const { name } = tool;
  const description = tool.description ?? null;
  switch (tool.type) {
    case 'function': {
      const { parameters, strict } = tool;
      return {
        type: 'function',
        name,
        namespace,
        description,
        parameters: parameters ?? null,
        // OpenAI is strict where it can be when nothing is said; here strict fails turns, so it has to be asked for.
        strict: strict ?? false,
      };
    }
    case 'custom': {
      const { format } = tool;
      const grammar = format?.type === 'grammar' ? { syntax: format.syntax, definition: format.definition } : null;
      return { type: 'custom', name, namespace, description, grammar };
    }
  }
}

/**
 * @param warn is told what was left out.
 * @throws GatewayError for a choice that names what isn't declared.
 */
export function toToolChoice(
  request: ResponsesRequest,
  tools: readonly Tool[],
  warn: (warning: string) => void,
): ToolChoice {
  const choice = request.tool_choice;
  if (choice === undefined) return { type: 'auto' };
  switch (choice.type) {
    case 'none':
    case 'auto':
      return { type: choice.type };
    case 'required':
      if (tools.length > 0) return { type: 'required' };
      if (request.tools !== undefined && request.tools.length > 0) {
        warn("tool_choice counts as 'auto': every tool has been left out");
        return { type: 'auto' };
      }
      throw new GatewayError('invalid_value', "'tool_choice' can be 'required' only where 'tools' are given.", {
        param: 'tool_choice',
      });
    case 'function':
    case 'custom':
      return { type: 'named', tool: findAmong(tools)(choice, 'tool_choice') };
    case 'allowed_tools':
      return allowedTools(choice, findAmong(tools), warn);
    case 'hosted':
      warn(`tool_choice counts as 'auto': ${noHosted(choice)}`);
      return { type: 'auto' };
  }
}

function allowedTools(
  choice: Extract<RequestToolChoice, { type: 'allowed_tools' }>,
  find: FindTool,
  warn: (warning: string) => void,
): ToolChoice {
  const allowed: ToolReference[] = [];
  for (const [index, reference] of choice.tools.entries()) {
    const path = `tool_choice.tools[${index}]`;
    if (reference.type === 'hosted') {
      warn(`${path} is left out: ${noHosted(reference)}`);
    } else {
      allowed.push(find(reference, path));
    }
  }
  return allowed.length === 0 ? { type: 'none' } : { type: 'allowed', mode: choice.mode, tools: allowed };
}

/** Finds a declared tool. @throws GatewayError naming `param`. */
type FindTool = (reference: RequestToolReference, param: string) => ToolReference;

/** OpenAI's choices name no namespace: a tool that stands alone comes first, then the first one inside any. */
function findAmong(tools: readonly Tool[]): FindTool {
  const byPlace = new Map<string, Tool>();
  const byName = new Map<string, Tool>();
  for (const tool of tools) {
    byPlace.set(JSON.stringify([tool.type, tool.name, tool.namespace]), tool);
    const name = JSON.stringify([tool.type, tool.name]);
    if (tool.namespace === null || !byName.has(name)) byName.set(name, tool);
  }
  return ({ type, name, namespace }, param) => {
    const tool =
      namespace === undefined
        ? byName.get(JSON.stringify([type, name]))
        : byPlace.get(JSON.stringify([type, name, namespace]));
    if (tool !== undefined) return { type, name, namespace: tool.namespace };
    throw new GatewayError('invalid_value', `'${param}' names the ${type} '${name}', which isn't among the tools.`, {
      param,
    });
  };
}
