import { parseJson } from './declared-tools.ts';

export type ToolResult = { readonly ok: boolean; readonly output: string };

/**
 * The daemon's own tools, `echo` and `upper`, which it runs when it is allowed to (`CODEXPC_ALLOW_TOOLS=1`). One per
 * daemon: the first session that declares tools narrows what is allowed for all (quirk 9).
 */
export function createDemoTools() {
  let allowed: ReadonlySet<string> | null = null;
  return {
    /** Tools were declared by a session. */
    declared(names: readonly string[]): void {
      allowed ??= new Set(names);
    },
    run(name: string, input: string): ToolResult {
      if (allowed !== null && !allowed.has(name)) return { ok: false, output: `tool not allowed: ${name}` };
      if (name !== 'echo' && name !== 'upper') return { ok: false, output: `unsupported tool: ${name}` };
      const text = argumentOf(input);
      if (text === null) return { ok: false, output: 'invalid arguments: expected JSON with a string field' };
      return { ok: true, output: name === 'upper' ? text.toUpperCase() : text };
    },
  };
}

export type DemoTools = ReturnType<typeof createDemoTools>;

/** The first string in JSON arguments, or the input itself when it is no JSON object. */
function argumentOf(input: string): string | null {
  if (!input.trim().startsWith('{')) return input;
  const parsed = parseJson(input);
  if (typeof parsed !== 'object' || parsed === null) return null;
  return Object.values(parsed).find((value) => typeof value === 'string') ?? null;
}
