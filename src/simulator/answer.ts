import { sampleJson } from './json-sample.ts';
import type { Situation } from './situation.ts';
import type { Step } from './step.ts';
import type { ToolSignature } from './tool-text.ts';

/** How much of somebody's text is quoted, in characters. */
const quoteLength = 200;

/**
 * What the simulator answers by itself, deterministically and from nothing but the prompt: it calls a tool when it
 * must or is asked to by name, reports what a tool said, answers in the format that is demanded, or describes what it
 * was given.
 */
export function answerTo(situation: Situation, temperature: number): Step[] {
  const tool = toolToCall(situation);
  if (tool !== null) {
    return [
      ...thoughts(situation, `I should call ${tool.name}.`),
      { type: 'call', name: tool.recipient, input: argumentsFor(tool, situation.userText) },
    ];
  }
  return [...thoughts(situation, 'I can answer now.'), { type: 'say', text: finalText(situation, temperature) }];
}

/** The tool that the prompt demands, or that the user names and that hasn't been called for it. */
function toolToCall({ tools, choice, calls, userText }: Situation): ToolSignature | null {
  if (choice.type === 'forbidden') return null;
  const allowed = tools.filter(({ recipient }) => choice.allowed.length === 0 || choice.allowed.includes(recipient));
  const named = userText === null ? undefined : allowed.find(({ name }) => mentions(userText, name));
  if (choice.type === 'required') return named ?? allowed[0] ?? null;
  return calls === 0 ? (named ?? null) : null;
}

function mentions(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    const around = (text[at - 1] ?? ' ') + (text[at + name.length] ?? ' ');
    if (!/[A-Za-z0-9_-]/u.test(around)) return true;
  }
  return false;
}

/** JSON arguments that the tool's described parameters accept. A tool for free text gets the user's. */
export function argumentsFor(tool: ToolSignature, userText: string | null): string {
  if (tool.parameters === null) return '{}';
  if (isFreeText(tool)) return JSON.stringify({ input: userText ?? '' });
  return JSON.stringify(sampleJson(tool.parameters, tool.name) ?? {});
}

/** A tool whose one parameter is a text called `input`. */
export function isFreeText({ parameters }: ToolSignature): boolean {
  const properties = Object.entries((parameters?.['properties'] ?? {}) as { readonly [name: string]: unknown });
  const [name, schema] = properties[0] ?? [];
  return properties.length === 1 && name === 'input' && (schema as { readonly type?: unknown }).type === 'string';
}

function thoughts({ effort, userText, tools, format }: Situation, decision: string): Step[] {
  const lines = [`The user wrote ${measure(userText ?? '')}.`];
  if (effort !== 'low') lines.push(`Tools: ${tools.length}.`);
  if (effort === 'high') {
    lines.push(
      format === null ? 'The answer may have any form.' : 'The answer has to be JSON.',
      'Let me think about that once more, slowly and from the beginning.',
      'What is asked for is clear, and what I was given is enough for it.',
      'Nothing speaks against the first idea.',
    );
  }
  return [{ type: 'think', text: [...lines, decision].join(' ') }];
}

function finalText(situation: Situation, temperature: number): string {
  const { format, result } = situation;
  if (format?.type === 'schema') return JSON.stringify(sampleJson(format.schema, 'answer') ?? {});
  if (format?.type === 'object') return JSON.stringify(describe(situation, temperature));
  if (result !== null) return `The tool ${result.tool} answered: ${quote(result.text)}`;
  const said = describe(situation, temperature);
  return [
    'This is the codexpc simulator, not a model.',
    situation.userText === null
      ? 'There is no user message.'
      : `Your message is ${said.message} and says: ${said.quote}`,
    ...(said.instructions === null ? [] : [`The instructions begin: ${said.instructions}`]),
    ...(said.tools.length === 0 ? [] : [`Tools: ${said.tools.join(', ')}.`]),
    `Temperature: ${temperature}.`,
  ].join('\n');
}

function describe({ userText, instructions, tools, result }: Situation, temperature: number) {
  return {
    message: measure(userText ?? ''),
    quote: quote(userText ?? ''),
    instructions: instructions === null ? null : quote(instructions),
    tools: tools.map(({ name }) => name),
    temperature,
    ...(result === null ? {} : { result: quote(result.text) }),
  };
}

/** As in `2 words, 11 characters`. */
function measure(text: string): string {
  const words = text.split(/\s+/u).filter((word) => word !== '').length;
  const characters = [...text].length;
  return `${words} ${words === 1 ? 'word' : 'words'}, ${characters} ${characters === 1 ? 'character' : 'characters'}`;
}

function quote(text: string): string {
  const characters = [...text];
  return characters.length <= quoteLength ? text : `${characters.slice(0, quoteLength).join('')}…`;
}
