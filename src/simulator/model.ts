import { control } from '../harmony/encoding.ts';
import type { Encoding } from '../harmony/encoding.ts';
import { answerTo, argumentsFor, isFreeText } from './answer.ts';
import { createConversationReader } from './conversation.ts';
import type { Tokens } from './conversation.ts';
import { parseJson } from './declared-tools.ts';
import { readDirectives } from './directives.ts';
import type { Sampling } from './engine.ts';
import { writePlan } from './plan-writer.ts';
import type { PlainStep } from './plan-writer.ts';
import { followScript } from './script.ts';
import type { SimulatorScript } from './script.ts';
import { readSituation } from './situation.ts';
import type { Situation } from './situation.ts';
import type { PlanStep, Step } from './step.ts';

/** What stands in for GPT-OSS: from a context's tokens alone it decides what is sampled next. */
export type Model = {
  goOn(context: Tokens, sampling: Sampling): PlanStep[];
  /** Whether a prompt asks to be turned away for want of capacity, which a daemon does before it takes a session. */
  isTurnedAway(prompt: Tokens, session: number): boolean;
};

/** The script comes first, then directives in the last user message, then an answer of the simulator's own. */
export function createModel(options: { readonly encoding: Encoding; readonly script: SimulatorScript | null }): Model {
  const { encoding } = options;
  const reader = createConversationReader(encoding);
  const script = followScript(options.script ?? { rules: [] });

  function told(userText: string | null, calls: number, session: number): readonly Step[] | null {
    return (
      script.stepsFor({ userText: userText ?? '', calls, session }) ??
      (userText === null ? null : readDirectives(userText))
    );
  }

  return {
    goOn(context, sampling) {
      const conversation = reader.read(context);
      const situation = readSituation(conversation);
      const answer = () => answerTo(situation, sampling.temperature);
      const steps = told(situation.userText, situation.calls, sampling.session);
      // What is played is one session, whatever was called before it.
      const isPlayed = steps?.[0]?.type === 'play';
      const part = steps === null || isPlayed ? steps : partBehindCalls(steps, situation.calls);
      const chosen = part === null || (part.length === 0 && situation.calls > 0) ? answer() : part;
      const expanded = chosen.flatMap((step, index) => {
        if (step.type !== 'answer') return [step];
        // Behind something said, the answer goes on with it: thoughts would end that message.
        const said = chosen.slice(0, index).some(({ type }) => type === 'say' || type === 'repeat');
        return said ? answer().filter(({ type }) => type !== 'think') : answer();
      });
      return writePlan(decide(expanded, situation), conversation.end, encoding);
    },
    isTurnedAway(prompt, session) {
      const user = reader.read(prompt).messages.findLast(({ role }) => role === 'user');
      const first = told(user?.text ?? null, 0, session)?.[0];
      return first?.type === 'fail' && first.code === 'over_capacity';
    },
  };
}

/**
 * What is told for after so many calls: the steps behind that many `call` steps, up to the next one; nothing, when
 * more tools were called than was told. So a call that was answered isn't made again.
 */
function partBehindCalls(steps: readonly Step[], calls: number): readonly Step[] {
  const parts: Step[][] = [[]];
  for (const step of steps) {
    parts.at(-1)!.push(step);
    if (endsInCall(step)) parts.push([]);
  }
  return parts[calls] ?? [];
}

function endsInCall(step: Step): boolean {
  if (step.type === 'raw') return step.text.trimEnd().endsWith('<|call|>');
  if (step.type === 'tokens') return step.ids.at(-1) === control.call;
  return step.type === 'call';
}

/** Decides what is open in steps: recipients, arguments, and that text before a call is no final answer. */
function decide(steps: readonly Step[], situation: Situation): PlainStep[] {
  const callAt = steps.findIndex((step) => step.type === 'call');
  return steps.flatMap((step, index): PlainStep[] => {
    if (step.type === 'answer') return [];
    if (step.type === 'call') return [decideCall(step.name, step.input, situation)];
    if (step.type === 'say' && index < callAt) return [{ type: 'preamble', text: step.text }];
    return [step];
  });
}

function decideCall(name: string, input: string | null, { tools, userText }: Situation): PlainStep {
  const tool = tools.find((each) => each.recipient === name) ?? tools.find((each) => each.name === name);
  const recipient = tool?.recipient ?? (name.includes('.') ? name : `functions.${name}`);
  if (input === null)
    return { type: 'call', recipient, input: tool === undefined ? '{}' : argumentsFor(tool, userText) };
  const parsed = parseJson(input);
  const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  const wrapped = tool !== undefined && isFreeText(tool) && !isObject;
  return { type: 'call', recipient, input: wrapped ? JSON.stringify({ input }) : input };
}
