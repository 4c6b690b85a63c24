import type { Step } from './step.ts';

/** Rules that make the simulator say anything and misbehave on purpose; the first one that fits is followed. */
export type SimulatorScript = {
  readonly rules: readonly ScriptRule[];
  /** What kind of daemon it is written for; absent: any. */
  readonly output?: 'classic' | 'tokens';
};

type ScriptRule = {
  /** All of it must hold; an empty one always does. */
  readonly when: {
    /** The last user message holds this text. */
    readonly contains?: string | undefined;
    /** The last user message matches this regular expression. */
    readonly matches?: string | undefined;
    /** Number of the request for a session since the simulator began, from 1. */
    readonly session?: number | undefined;
    /** How many tools have been called since the last user message. */
    readonly calls?: number | undefined;
  };
  /** How many user messages the rule is followed for; then it fits no more. Absent: any number. */
  readonly times?: number | undefined;
  readonly do: readonly Step[];
};

type ScriptSituation = { readonly userText: string; readonly session: number; readonly calls: number };

/** A script being followed by one daemon: it remembers how often each rule was. */
export type ScriptFollower = {
  /** Null: no rule fits. */
  stepsFor(situation: ScriptSituation): readonly Step[] | null;
};

export function followScript(script: SimulatorScript): ScriptFollower {
  const followed = new Map<ScriptRule, Set<string>>();

  /** Following a rule behind a tool's result is no new time. */
  function hasTimesLeft(rule: ScriptRule, { userText, session, calls }: ScriptSituation): boolean {
    if (rule.times === undefined) return true;
    let times = followed.get(rule);
    if (times === undefined) followed.set(rule, (times = new Set()));
    const key = calls === 0 ? `${session}` : `behind ${userText}`;
    if (times.has(key)) return true;
    const used = [...times].filter((each) => !each.startsWith('behind ')).length;
    if (calls > 0 || used >= rule.times) return false;
    times.add(key);
    times.add(`behind ${userText}`);
    return true;
  }

  return {
    stepsFor(situation) {
      const { userText, session, calls } = situation;
      const rule = script.rules.find(
        (each) =>
          (each.when.contains === undefined || userText.includes(each.when.contains)) &&
          (each.when.matches === undefined || new RegExp(each.when.matches, 'su').test(userText)) &&
          (each.when.session === undefined || each.when.session === session) &&
          (each.when.calls === undefined || each.when.calls === calls) &&
          hasTimesLeft(each, situation),
      );
      return rule?.do ?? null;
    },
  };
}
