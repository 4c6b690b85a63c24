/** An import as a file writes it: `./link.ts`, `node:fs`, `zod`. */
export type Import = {
  readonly specifier: string;
  /** Gone when the file runs. */
  readonly typeOnly: boolean;
};

/**
 * What a TypeScript file imports: by import and export statements, by `import()` in code and in types, by `require`.
 *
 * Statements begin a line, as the formatter writes them; comments are not looked into.
 */
export function importsOf(source: string): Import[] {
  const code = withoutComments(source);
  const statements = code.matchAll(
    /^(?:import|export)(\s+type\b)?(?:\s+(?:[\w$*]+\s*,?\s*)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^{}'"]*\})?\s*from)?\s*(['"])([^'"\n]+)\2/gm,
  );
  const calls = code.matchAll(
    /(\btypeof\s+)?\b(?:import|require|createRequire\([^()]*\))\s*(?:\.resolve\s*)?\(\s*(['"])([^'"\n]+)\2\s*\)/g,
  );
  return [...statements, ...calls].map(([, type, , specifier]) => ({
    specifier: specifier!,
    typeOnly: type !== undefined,
  }));
}

/** Blanks out comments, and keeps the line breaks. Strings are passed over, so that a URL in one is no comment. */
export function withoutComments(source: string): string {
  const parts = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`/g;
  return source.replace(parts, (part) =>
    part.startsWith('/*') || part.startsWith('//') ? part.replace(/[^\n]/g, ' ') : part,
  );
}
