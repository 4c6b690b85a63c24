/** What installing or uninstalling does, a thing at a time; a dry run prints the same list. */
export type Step =
  | { readonly do: 'make-directory'; readonly path: string }
  | { readonly do: 'write-file'; readonly path: string; readonly text: string }
  | { readonly do: 'remove-file'; readonly path: string }
  /** `mayFail`: what it undoes may not be there. */
  | { readonly do: 'run'; readonly command: Command; readonly mayFail: boolean }
  /** The command is run until it fails, which shows that what it asks for is gone. */
  | { readonly do: 'await-failure'; readonly command: Command };

export type Command = readonly [program: string, ...args: string[]];

/** What a command ended with; null: it could not be started. */
export type CommandResult = { readonly status: number | null; readonly output: string };

export type RunCommand = (command: Command) => CommandResult;

/** The system as the steps need it. */
export type StepTools = {
  readonly run: RunCommand;
  readonly makeDirectory: (path: string) => void;
  /** Readable by the user alone, since it may hold API keys. */
  readonly writeFile: (path: string, text: string) => void;
  /** Not being there is fine. */
  readonly removeFile: (path: string) => void;
  readonly pause: (milliseconds: number) => Promise<void>;
};

/** How often, and how many milliseconds apart, `await-failure` asks: a gateway may let its answers end first. */
const attempts = 240;
const pauseBetween = 250;

/**
 * Does the steps in their order.
 *
 * @throws Error at the first that fails, naming it.
 */
export async function perform(steps: readonly Step[], tools: StepTools): Promise<void> {
  for (const step of steps) await performStep(step, tools);
}

async function performStep(step: Step, tools: StepTools): Promise<void> {
  switch (step.do) {
    case 'make-directory':
      tools.makeDirectory(step.path);
      return;
    case 'write-file':
      tools.writeFile(step.path, step.text);
      return;
    case 'remove-file':
      tools.removeFile(step.path);
      return;
    case 'run': {
      const { status, output } = tools.run(step.command);
      if (status === null) throw new Error(`${step.command[0]} could not be started: ${output}`);
      if (status !== 0 && !step.mayFail) {
        throw new Error(`${commandText(step.command)} failed (${status}): ${output.trim()}`);
      }
      return;
    }
    case 'await-failure':
      for (let attempt = 0; attempt < attempts; attempt++) {
        if (tools.run(step.command).status !== 0) return;
        await tools.pause(pauseBetween);
      }
      throw new Error(`The old one does not end: ${commandText(step.command)} still finds it.`);
  }
}

/** What a dry run prints: the steps as sentences, a file with its text below it. */
export function describeSteps(steps: readonly Step[]): string {
  return steps.map((step) => `${describeStep(step)}\n`).join('');
}

function describeStep(step: Step): string {
  switch (step.do) {
    case 'make-directory':
      return `make the directory ${step.path}`;
    case 'write-file':
      return `write ${step.path}, readable by you alone:\n\n${step.text.trimEnd().replace(/^(?=.)/gm, '    ')}\n`;
    case 'remove-file':
      return `remove ${step.path}`;
    case 'run':
      return `run ${commandText(step.command)}${step.mayFail ? ' (which may fail)' : ''}`;
    case 'await-failure':
      return `wait until it is gone: ${commandText(step.command)}`;
  }
}

/** As it would be typed into a shell. */
function commandText(command: Command): string {
  return command.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
