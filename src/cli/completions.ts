import { commands } from './flags.ts';
import type { CommandDefinition, Flag } from './flags.ts';
import { program } from './program.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A script that makes the shell complete commands, flags and the values of flags, made of the table of flags. */
export function completionScript(shell: Shell): string {
  switch (shell) {
    case 'bash':
      return bash();
    case 'zsh':
      return zsh();
    case 'fish':
      return fish();
  }
}

/** `config show` is completed word by word. */
const firstWords = [...new Set(commands.map(({ name }) => name.split(' ')[0]!)), 'help', 'version'];
const serve = commands.find(({ name }) => name === 'serve')!;

/** The values of a closed choice; null: it is open. */
function choicesOf({ value }: Flag): readonly string[] | null {
  return value?.includes('|') === true ? value.split('|') : null;
}

const takesFile = ({ value }: Flag) => value === 'FILE' || value === 'PATH';

function words(definition: CommandDefinition): readonly string[] {
  if (definition.name === 'completions') return shells;
  return definition.name === 'config show' ? ['show'] : [];
}

function bash(): string {
  const cases = commands.map((definition) => {
    const flags = [...definition.flags.map(({ name }) => `--${name}`), '--help', ...words(definition)];
    return `    ${definition.name.split(' ')[0]!}) words="${flags.join(' ')}" ;;`;
  });
  const values = allFlags().flatMap((flag) => {
    if (takesFile(flag)) return [`    --${flag.name}) COMPREPLY=($(compgen -f -- "$current")); return ;;`];
    const choices = choicesOf(flag);
    if (choices !== null)
      return [`    --${flag.name}) COMPREPLY=($(compgen -W "${choices.join(' ')}" -- "$current")); return ;;`];
    return flag.value === null ? [] : [`    --${flag.name}) return ;;`];
  });
  return `# bash completion of ${program}
_codexpc_gateway() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}" words
  COMPREPLY=()
  case "$previous" in
${values.join('\n')}
  esac
  case "$command" in
${cases.join('\n')}
    help) words="${firstWords.join(' ')}" ;;
    *) words="${serve.flags.map(({ name }) => `--${name}`).join(' ')} --help --version" ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="${firstWords.join(' ')} $words"; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  case "$command" in tokens) COMPREPLY+=($(compgen -f -- "$current")) ;; esac
}
complete -F _codexpc_gateway ${program}
`;
}

/** Every flag once; where commands have one of the same name, its value is of the same kind. */
function allFlags(): readonly Flag[] {
  return [...new Map(commands.flatMap(({ flags }) => flags).map((flag) => [flag.name, flag])).values()];
}

function zsh(): string {
  const quoted = (text: string) => text.replaceAll("'", "'\\''");
  const escaped = (text: string) => quoted(text).replace(/[[\]:\\]/g, '\\$&');
  const argumentsOf = (definition: CommandDefinition) =>
    definition.flags.map((flag) => {
      const choices = choicesOf(flag);
      const action = takesFile(flag) ? '_files' : choices === null ? ' ' : `(${choices.join(' ')})`;
      const value = flag.value === null ? '' : `:${choices === null ? flag.value : flag.name}:${action}`;
      return `      '--${flag.name}[${escaped(flag.help)}]${value}'`;
    });
  const cases = commands.map((definition) => {
    const first = definition.name.split(' ')[0]!;
    const more = words(definition);
    const rest = first === 'tokens' ? `'*:file:_files'` : more.length > 0 ? `'1:word:(${more.join(' ')})'` : '';
    const lines = [
      ...argumentsOf(definition),
      `      '--help[This command]'`,
      ...(rest === '' ? [] : [`      ${rest}`]),
    ];
    return `    ${first})\n      _arguments \\\n${lines.join(' \\\n')}\n      ;;`;
  });
  const described = commands.map(({ name, summary }) => `    '${name.split(' ')[0]!}:${escaped(summary)}'`);
  return `#compdef ${program}
_codexpc_gateway() {
  local -a commands
  commands=(
${described.join('\n')}
    'help:What a command does'
    'version:The version'
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
  fi
  local command=$words[2]
  if [[ $command == -* ]]; then command=serve; else shift words; (( CURRENT-- )); fi
  case $command in
${cases.join('\n')}
  esac
}
_codexpc_gateway "$@"
`;
}

function fish(): string {
  const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const lines = commands.flatMap((definition) => {
    const first = definition.name.split(' ')[0]!;
    const used = `-n '__fish_seen_subcommand_from ${first}'`;
    const flags = definition.flags.map((flag) => {
      const choices = choicesOf(flag);
      const value =
        flag.value === null ? '' : choices !== null ? ` -xa '${choices.join(' ')}'` : takesFile(flag) ? ' -rF' : ' -x';
      return `complete -c ${program} ${used} -l ${flag.name}${value} -d ${quoted(flag.help)}`;
    });
    const more = words(definition).map((word) => `complete -c ${program} ${used} -a ${word}`);
    const files = first === 'tokens' ? [`complete -c ${program} ${used} -F`] : [];
    return [
      `complete -c ${program} -n __fish_use_subcommand -a ${first} -d ${quoted(definition.summary)}`,
      ...flags,
      ...more,
      ...files,
    ];
  });
  return [`# fish completion of ${program}`, `complete -c ${program} -f`, ...lines, ''].join('\n');
}
