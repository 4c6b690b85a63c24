import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createResponsesClient } from '../test/harmony/api-clients.ts';
import type { Step } from '../test/harmony/conversations.ts';
import type { Random } from '../test/harmony/random.ts';
import type { Said } from '../test/harmony/scripted-engine.ts';

/**
 * A conversation of a coding agent, thirty requests and sixty thousand tokens long: a base prompt, fifteen tools, now
 * and then a question, and in between commands and patches with their outputs. Sizes are those of Codex.
 */
export const agentClients = () => [createResponsesClient({ thoughts: true, phases: true })];

const requests = 30;
/** Requests from one question to the next. */
const perQuestion = 6;

export function agentSteps(random: Random): Step[] {
  const source = texts();
  const piece = (length: number): string => {
    const from = random.below(source.length - length);
    return source.slice(from, from + length);
  };
  const fields = {
    tools: tools(piece),
    tool_choice: 'auto',
    parallel_tool_calls: true,
    reasoning: { effort: 'medium', summary: 'auto' },
    prompt_cache_key: 'thread-1',
  };
  const prompt = piece(16_000);
  return Array.from({ length: requests }, (_, index) => {
    const asks = index % perQuestion === 0;
    const answers = (index + 1) % perQuestion === 0;
    const [question, output] = [piece(600), piece(2000 + random.below(9500))];
    const thought: Said = { channel: 'analysis', text: piece(100 + random.below(800)) };
    return {
      before(client) {
        if (index === 0) {
          client.say('developer', prompt);
          client.say('user', '<environment_context>\n  <cwd>/home/you</cwd>\n</environment_context>');
        }
        if (asks) client.say('user', question);
        else client.answerCalls(output);
      },
      fields,
      scripts: [[thought, answers ? { channel: 'final', text: piece(1200) } : agentCall(random, piece)]],
    };
  });
}

/** Two commands to a patch. */
function agentCall(random: Random, piece: (length: number) => string): Said {
  if (random.chance(2 / 3)) {
    const input = JSON.stringify({ cmd: piece(40 + random.below(120)), workdir: '/home/you' });
    return { recipient: 'functions.exec_command', input };
  }
  const patch = `*** Begin Patch\n${piece(400 + random.below(3000))}\n*** End Patch`;
  return { recipient: 'functions.apply_patch', input: JSON.stringify({ input: patch }) };
}

function tools(piece: (length: number) => string): object[] {
  const named = Array.from({ length: 13 }, (_, index) => functionTool(`tool_${index}`, piece));
  const patch = { type: 'custom', name: 'apply_patch', description: piece(900), format: { type: 'text' } };
  return [functionTool('exec_command', piece), patch, ...named];
}

function functionTool(name: string, piece: (length: number) => string): object {
  const names = ['cmd', 'workdir', 'timeout_ms', 'justification'];
  const properties = Object.fromEntries(names.map((each) => [each, { type: 'string', description: piece(90) }]));
  const parameters = { type: 'object', properties, required: ['cmd'], additionalProperties: false };
  return { type: 'function', name, description: piece(350), parameters, strict: false };
}

/** English and program text, of a package that is there anyway. */
function texts(): string {
  const fastify = dirname(createRequire(import.meta.url).resolve('fastify'));
  const below = (folder: string, ending: string) =>
    readdirSync(join(fastify, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith(ending))
      .toSorted()
      .map((name) => readFileSync(join(fastify, folder, name), 'utf8'));
  return [...below('docs', '.md'), ...below('lib', '.js')].join('');
}
