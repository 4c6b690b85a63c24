const runsNoTools = 'OpenAI’s servers run this tool, and the gateway runs none';
const ownForm = 'the client runs this tool, but its calls have a form of their own that GPT-OSS has never seen';

/**
 * Types of tools that OpenAI runs, or whose calls have a form of their own, each with the reason why it is left out. They
 * are families, known by how their names begin: `web_search_2025_08_26` is one of `web_search`, and there will be others.
 */
export const hostedTools = {
  web_search: `${runsNoTools}; a function that searches does the same`,
  file_search: `${runsNoTools}; there are no vector stores here`,
  code_interpreter: runsNoTools,
  mcp: `${runsNoTools}; have the client connect to the server and declare its tools`,
  image_generation: `${runsNoTools}; the model writes text only`,
  computer: 'the model reads text only, no screens',
  local_shell: `${ownForm}; declare a function that takes a command`,
  shell: `${ownForm}; declare a function that takes a command`,
  apply_patch: `${ownForm}; declare a custom tool, as Codex does`,
  tool_search:
    'the model is told of every tool of the request at once, deferred ones too; what only a client’s own search knows, it can’t find',
  programmatic_tool_calling: `${runsNoTools}, nor the programs that would call them`,
} as const satisfies { readonly [family: string]: string };

export type HostedFamily = keyof typeof hostedTools;
