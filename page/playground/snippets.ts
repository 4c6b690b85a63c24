import type { ApiRequest } from './request.ts';

/** Where the gateway is, and whether it asks for a key. The key itself is never part of a text to copy. */
export type Place = { readonly origin: string; readonly needsKey: boolean };

export type Language = 'curl' | 'python' | 'typescript' | 'codex';

/** The environment variable that the texts take the key from. */
const keyVariable = 'CODEXPC_API_KEY';

/** A request as something to paste elsewhere. */
export function snippet(language: Language, request: ApiRequest, place: Place): string {
  switch (language) {
    case 'curl':
      return curl(request, place);
    case 'python':
      return python(request, place);
    case 'typescript':
      return typescript(request, place);
    case 'codex':
      return codex(request, place);
  }
}

/** For a POSIX shell: within single quotes nothing but the quote itself means anything. */
function curl({ path, body }: ApiRequest, { origin, needsKey }: Place): string {
  const json = JSON.stringify(body, null, 2).replaceAll(`'`, `'\\''`);
  const key = needsKey ? `  -H "Authorization: Bearer $${keyVariable}" \\\n` : '';
  return `curl -N ${origin}${path} \\\n  -H 'Content-Type: application/json' \\\n${key}  -d '${json}'\n`;
}

function python({ api, body }: ApiRequest, { origin, needsKey }: Place): string {
  const key = needsKey ? `os.environ["${keyVariable}"]` : '"unused"';
  const fields = Object.entries(body).map(([name, value]) => `    ${name}=${pythonLiteral(value, '    ')},\n`);
  const chat = api === 'chat';
  return [
    ...(needsKey ? ['import os', ''] : []),
    'from openai import OpenAI',
    '',
    `client = OpenAI(base_url="${origin}/v1", api_key=${key})`,
    `stream = client.${chat ? 'chat.completions' : 'responses'}.create(\n${fields.join('')})`,
    ...(chat
      ? [
          'for chunk in stream:',
          '    for choice in chunk.choices:',
          '        print(choice.delta.content or "", end="", flush=True)',
        ]
      : [
          'for event in stream:',
          '    if event.type == "response.output_text.delta":',
          '        print(event.delta, end="", flush=True)',
        ]),
    '',
  ].join('\n');
}

/** JSON's strings are Python's too, escapes and all. */
function pythonLiteral(value: unknown, indent: string): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return literal(value, indent, (key, inner) => `${JSON.stringify(key)}: ${inner}`, pythonLiteral);
}

function typescript({ api, body }: ApiRequest, { origin, needsKey }: Place): string {
  const key = needsKey ? `process.env.${keyVariable}` : `'unused'`;
  const chat = api === 'chat';
  return [
    `import OpenAI from 'openai';`,
    '',
    `const client = new OpenAI({ baseURL: '${origin}/v1', apiKey: ${key} });`,
    `const stream = await client.${chat ? 'chat.completions' : 'responses'}.create(${scriptLiteral(body, '')});`,
    ...(chat
      ? ['for await (const chunk of stream) {', `  process.stdout.write(chunk.choices[0]?.delta.content ?? '');`, '}']
      : [
          'for await (const event of stream) {',
          `  if (event.type === 'response.output_text.delta') process.stdout.write(event.delta);`,
          '}',
        ]),
    '',
  ].join('\n');
}

function scriptLiteral(value: unknown, indent: string): string {
  if (value === null) return 'null';
  return literal(value, indent, scriptMember, scriptLiteral);
}

function scriptMember(key: string, value: string): string {
  // Written plainly, it would be no key but what the object inherits from.
  if (key === '__proto__') return `["__proto__"]: ${value}`;
  // OpenAI's types don't know it; what is spread is not checked for such.
  if (key === 'reasoning_content') return `...{ reasoning_content: ${value} }`;
  return `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key)}: ${value}`;
}

function literal(
  value: unknown,
  indent: string,
  member: (key: string, value: string) => string,
  inner: (value: unknown, indent: string) => string,
): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const deeper = `${indent}  `;
  const [open, close, parts] = Array.isArray(value)
    ? ['[', ']', value.map((each) => inner(each, deeper))]
    : ['{', '}', Object.entries(value).map(([key, each]) => member(key, inner(each, deeper)))];
  if (parts.length === 0) return `${open}${close}`;
  return `${open}\n${parts.map((part) => `${deeper}${part},\n`).join('')}${indent}${close}`;
}

/** Codex has requests of its own; it needs to know where to send them. */
function codex({ body }: ApiRequest, { origin, needsKey }: Place): string {
  const effort = (body['reasoning'] as { effort?: unknown } | undefined)?.effort ?? body['reasoning_effort'];
  const known = ['low', 'medium', 'high'].includes(String(effort));
  return [
    '# ~/.codex/config.toml',
    `model = ${JSON.stringify(body['model'])}`,
    'model_provider = "codexpc"',
    ...(known ? [`model_reasoning_effort = "${String(effort)}"`] : []),
    'web_search = "disabled"',
    'show_raw_agent_reasoning = true',
    '',
    '[model_providers.codexpc]',
    'name = "codexpc"',
    `base_url = "${origin}/v1"`,
    'wire_api = "responses"',
    '',
    '# What this prints is sent as the key.',
    '[model_providers.codexpc.auth]',
    ...(needsKey ? ['command = "printenv"', `args = ["${keyVariable}"]`] : ['command = "echo"', 'args = ["unused"]']),
    '',
  ].join('\n');
}
