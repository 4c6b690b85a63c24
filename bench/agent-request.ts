/** What a coding agent sends: 15 tools and long instructions, 40 KB altogether. */
export function agentRequest(options: {
  readonly model: string;
  readonly salt: string;
  readonly task: string;
}): object {
  const { model, salt, task } = options;
  return {
    model,
    stream: true,
    store: false,
    parallel_tool_calls: true,
    reasoning: { effort: 'medium', summary: 'auto' },
    include: ['reasoning.encrypted_content'],
    instructions: `${salt}\n${prose(20_000)}`,
    tools: Array.from({ length: 15 }, (_, index) => tool(index)),
    input: [
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: prose(4000) }] },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: task }] },
    ],
  };
}

const sentences = [
  'You are a coding agent that works in a terminal on the machine of the person who asks.',
  'Read the files that matter before you change one, and keep to the style that you find there.',
  'When a command fails, say what it printed (exit code 1, “No such file or directory”), then try another way.',
  '- Never use `git reset --hard` or `rm -rf` unless you were asked to; never commit without being told.',
  'A patch begins with `*** Begin Patch`, names its file with `*** Update File: src/index.ts`, and ends with `*** End Patch`.',
  '## Sandbox and approvals\nThe sandbox is `workspace-write`; network access is restricted.',
];

function prose(length: number): string {
  let text = '';
  for (let index = 0; text.length < length; index += 1) {
    text += `${sentences[index % sentences.length]!} (${index}) ${index % 4 === 3 ? '\n\n' : ''}`;
  }
  return text.slice(0, length);
}

function tool(index: number): object {
  return {
    type: 'function',
    name: `tool_${index}`,
    description: `Runs a command and returns its output; it is the number ${index}. Use it when nothing else fits, with care.`,
    strict: false,
    parameters: {
      type: 'object',
      properties: {
        command: { type: 'array', items: { type: 'string' }, description: 'The command and its arguments.' },
        workdir: { type: 'string', description: 'The directory to run it in; the current one when it is left out.' },
        timeout_ms: { type: 'number', description: 'Milliseconds after which it is stopped.' },
        mode: { type: 'string', enum: ['read', 'write', `special_${index}`], description: 'What it may touch.' },
        options: {
          type: 'object',
          properties: {
            escalated: { type: ['boolean', 'null'] },
            justification: { type: 'string', description: 'One sentence that says why more rights are needed.' },
          },
          required: ['escalated'],
          additionalProperties: false,
        },
      },
      required: ['command'],
      additionalProperties: false,
    },
  };
}
