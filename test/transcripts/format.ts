/** A fenced block of a transcript. Lines count from 1. */
export type Block = {
  readonly kind: BlockKind;
  /** What stands behind the kind. */
  readonly info: string;
  readonly text: string;
  readonly firstLine: number;
  readonly lastLine: number;
};

/** What a case is given. */
const inputs = ['settings', 'request', 'script'] as const;
/** What is held against what happens. */
const outputs = ['prefill', 'daemon', 'stream', 'wire', 'response'] as const;

export type OutputKind = (typeof outputs)[number];
export type BlockKind = (typeof inputs)[number] | OutputKind;

/** A request and everything it leads to. */
export type Exchange = {
  readonly request: Block;
  /** It is sent while the one before it runs. */
  readonly meanwhile: boolean;
  /** What the model samples, session by session. */
  readonly scripts: readonly Block[];
  readonly outputs: readonly Block[];
  /** The line behind which another block may be put. */
  readonly lastLine: number;
};

/** The exchanges of one gateway, under a heading of the third level. */
export type Case = {
  readonly name: string;
  readonly line: number;
  readonly settings: string | null;
  readonly exchanges: readonly Exchange[];
};

/** Cases that say the same, each in its own dialect, under a heading of the second level. */
export type Subject = { readonly name: string; readonly line: number; readonly cases: readonly Case[] };

export type Transcript = { readonly lines: readonly string[]; readonly subjects: readonly Subject[] };

/** @throws Error naming file and line of what is out of place. */
export function readTranscript(file: string, source: string): Transcript {
  const lines = source.split('\n');
  const subjects: OpenSubject[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!;
    const number = index + 1;
    const fail = (what: string): never => {
      throw new Error(`${file}:${number}: ${what}`);
    };
    const subject = subjects.at(-1);
    const open = subject?.cases.at(-1);
    const heading = /^(##|###) (.+)$/.exec(line);
    if (heading?.[1] === '##') {
      subjects.push({ name: heading[2]!, line: number, cases: [], settings: null });
    } else if (heading?.[1] === '###') {
      if (subject === undefined) fail('a case stands under a subject');
      subject!.cases.push({ name: heading[2]!, line: number, settings: subject!.settings, exchanges: [] });
    }
    if (!line.startsWith('```')) continue;
    const block = readBlock(lines, index) ?? fail('this block is not closed, or of no known kind');
    index = block.lastLine - 1;
    if (block.kind === 'settings') {
      if (subject === undefined || open !== undefined) fail('settings stand right under a subject');
      subject!.settings = block.text;
      continue;
    }
    if (open === undefined) fail(`a ${block.kind} belongs to a case`);
    if (block.kind === 'request') {
      const meanwhile = block.info === 'meanwhile';
      if (block.info !== '' && !meanwhile) fail(`a request can't be '${block.info}'`);
      open!.exchanges.push({ request: block, meanwhile, scripts: [], outputs: [], lastLine: block.lastLine });
      continue;
    }
    const exchange = open!.exchanges.at(-1) ?? fail(`a ${block.kind} follows its request`);
    if (block.kind === 'script') exchange.scripts.push(block);
    else exchange.outputs.push(block);
    exchange.lastLine = block.lastLine;
  }
  return { lines, subjects };
}

// The same while they are being read.
type OpenSubject = Omit<Subject, 'cases'> & { readonly cases: OpenCase[]; settings: string | null };
type OpenCase = Omit<Case, 'exchanges'> & { readonly exchanges: OpenExchange[] };
type OpenExchange = Omit<Exchange, 'scripts' | 'outputs' | 'lastLine'> & {
  readonly scripts: Block[];
  readonly outputs: Block[];
  lastLine: number;
};

function readBlock(lines: readonly string[], index: number): Block | null {
  const [, fence = '', kind = '', info = ''] = /^(`{3,})(\w+) ?(.*)$/.exec(lines[index]!) ?? [];
  const end = lines.indexOf(fence, index + 1);
  if (end === -1 || ![...inputs, ...outputs].some((known) => known === kind)) return null;
  return {
    kind: kind as BlockKind,
    info,
    text: lines.slice(index + 1, end).join('\n'),
    firstLine: index + 1,
    lastLine: end + 1,
  };
}

/** A block as it is written: its fence is longer than any run of backticks in it. */
function formatBlock(kind: OutputKind, text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [fence + kind, ...text.split('\n'), fence];
}

export type Output = { readonly kind: OutputKind; readonly text: string };

/** Lines `from` to `to`, both included, are to become others; none are taken away where `to` is before `from`. */
export type Edit = { readonly from: number; readonly to: number; readonly lines: readonly string[] };

/** What makes an exchange's blocks say what happened: block by block where they are, the rest behind them. */
export function editsOf(exchange: Exchange, actual: readonly Output[]): Edit[] {
  const edits: Edit[] = exchange.outputs.map((block, index) => {
    const output = actual[index];
    const lines = output === undefined ? [] : formatBlock(output.kind, output.text);
    return { from: block.firstLine, to: block.lastLine, lines };
  });
  const more = actual.slice(exchange.outputs.length);
  if (more.length > 0) {
    const lines = more.flatMap(({ kind, text }) => ['', ...formatBlock(kind, text)]);
    edits.push({ from: exchange.lastLine + 1, to: exchange.lastLine, lines });
  }
  return edits;
}

export function applyEdits(lines: readonly string[], edits: readonly Edit[]): string {
  const changed = [...lines];
  for (const { from, to, lines: replacement } of edits.toSorted((a, b) => b.from - a.from)) {
    changed.splice(from - 1, to - from + 1, ...replacement);
  }
  return changed.join('\n');
}
