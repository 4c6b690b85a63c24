import type { Step } from './step.ts';

/** What can be told to the simulator in a line, as `/sim WORD …` in a prompt and as `WORD …` in a script. */
export const directiveForms = [
  'say TEXT',
  'think TEXT',
  'repeat N TEXT',
  'call NAME {json}',
  'raw HARMONY-TEXT',
  'answer',
  'pace TOKENS_PER_SECOND',
  'prefill MS',
  'wait MS',
  'fail CODE MESSAGE',
  'crash',
  'hang',
  'again',
] as const;

const lineForm = /^[ \t]*\/sim(?:[ \t]+(.*?))?\r?$/u;
/** More tokens than any context has; what is repeated more often is an endless answer. */
const mostTimes = 10_000_000;

/**
 * The directives in a message, in their order; null: it has none. One that can't be understood becomes a `say` that
 * names the forms there are.
 */
export function readDirectives(message: string): Step[] | null {
  const steps: Step[] = [];
  for (const line of message.split('\n')) {
    const match = lineForm.exec(line);
    if (match === null) continue;
    const directive = match[1] ?? '';
    steps.push(parseDirective(directive) ?? { type: 'say', text: explain(directive) });
  }
  return steps.length === 0 ? null : steps;
}

/** Null: it isn't one. */
export function parseDirective(directive: string): Step | null {
  const [, word = '', rest = ''] = /^(\S*)(?:[ \t](.*))?$/su.exec(directive) ?? [];
  switch (word) {
    case 'say':
    case 'think':
    case 'raw':
      return rest === '' ? null : { type: word, text: rest };
    case 'repeat': {
      const [, times = '', text = ''] = /^(\d+)[ \t](.+)$/su.exec(rest) ?? [];
      return text === '' ? null : { type: 'repeat', times: Math.min(mostTimes, Number(times)), text };
    }
    case 'call': {
      const [, name = '', input = ''] = /^[ \t]*(\S+)[ \t]*(.*)$/su.exec(rest) ?? [];
      return name === '' ? null : { type: 'call', name, input: input === '' ? null : input };
    }
    case 'pace': {
      const tokensPerSecond = numberOf(rest);
      return tokensPerSecond === null || tokensPerSecond === 0 ? null : { type: 'pace', tokensPerSecond };
    }
    case 'prefill':
    case 'wait': {
      const milliseconds = numberOf(rest);
      return milliseconds === null ? null : { type: word, milliseconds };
    }
    case 'fail': {
      const [, code = '', message = ''] = /^[ \t]*(\S+)[ \t]*(.*)$/su.exec(rest) ?? [];
      return code === '' ? null : { type: 'fail', code, message: message === '' ? failMessage(code) : message };
    }
    case 'answer':
    case 'crash':
    case 'hang':
    case 'again':
      return rest.trim() === '' ? { type: word } : null;
    default:
      return null;
  }
}

export function failMessage(code: string): string {
  return code === 'over_capacity' ? 'too many concurrent sessions' : 'the simulator was told to fail';
}

function explain(directive: string): string {
  const forms = directiveForms.map((form) => `/sim ${form}`).join(', ');
  return `The simulator does not understand "/sim ${directive}". It knows: ${forms}.`;
}

function numberOf(text: string): number | null {
  return /^\s*\d+(?:\.\d+)?\s*$/u.test(text) ? Number(text) : null;
}
