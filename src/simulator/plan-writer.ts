import { control } from '../harmony/encoding.ts';
import type { Encoding } from '../harmony/encoding.ts';
import { encodeSegments, segmentsOf } from '../harmony/render.ts';
import type { Segment } from '../harmony/render.ts';
import type { ContextEnd, ReadConversation } from './conversation.ts';
import { encodeMarkers } from './markers.ts';
import type { PlanStep, Step } from './step.ts';

/** A step with everything decided: no default answer, and calls by recipient and input. */
export type PlainStep =
  | Exclude<Step, { readonly type: 'answer' } | { readonly type: 'call' }>
  /** What is said before a call: commentary that everyone may read. */
  | { readonly type: 'preamble'; readonly text: string }
  | { readonly type: 'call'; readonly recipient: string; readonly input: string };

/** The message that tells the model what a tool answered. */
export function toolMessageTokens(recipient: string, output: string, encoding: Encoding): Uint32Array {
  const message = {
    role: 'tool',
    name: recipient,
    recipient: 'assistant',
    channel: 'commentary',
    contentType: null,
    content: [{ type: 'text', text: output }],
  } as const;
  return encodeSegments(segmentsOf([message]), encoding.encode);
}

/**
 * The tokens and acts of steps, for a context that ends so. Texts that follow each other in one channel are lines of
 * one message; what is open at the end is closed, and the turn ended, by `<|return|>`.
 *
 * Written as the reference renders it, so that the next turn's prompt can begin with it token by token.
 */
export function writePlan(steps: readonly PlainStep[], end: ReadConversation['end'], encoding: Encoding): PlanStep[] {
  const plan: PlanStep[] = [];
  const encode = (segments: readonly Segment[]) => encodeSegments(segments, encoding.encode);
  let at: ContextEnd = end;
  /** Whether the message that is open was begun, or gone on with, by these steps: then a new text is a new line. */
  let spoken = false;
  const primed = end.in === 'content' && end.channel === 'final';

  function write(ids: ArrayLike<number>, times = 1): void {
    if (ids.length > 0 && times > 0) plan.push({ type: 'tokens', ids, times });
  }

  function begin(channel: 'analysis' | 'commentary' | 'final', recipient: string | null): void {
    const header: Segment[] = [];
    if (at.in === 'content') header.push(control.end);
    if (at.in !== 'header') header.push(control.start, 'assistant');
    if (recipient !== null) header.push(` to=${recipient}`);
    header.push(control.channel, channel);
    if (recipient !== null) header.push(' ', control.constrain, 'json');
    header.push(control.message);
    write(encode(header));
    at = { in: 'content', channel };
    spoken = false;
  }

  /** Comes to where a text of this channel goes on. */
  function continueIn(channel: 'analysis' | 'commentary' | 'final'): void {
    if (at.in !== 'content' || at.channel !== channel) begin(channel, null);
    else if (spoken) write(encode(['\n']));
    spoken = true;
  }

  for (const step of steps) {
    switch (step.type) {
      case 'say':
        continueIn('final');
        write(encode([step.text]));
        break;
      case 'preamble':
        continueIn('commentary');
        write(encode([step.text]));
        break;
      case 'repeat':
        continueIn('final');
        write(encode([step.text]), Math.min(1, step.times));
        write(encode([` ${step.text}`]), step.times - 1);
        break;
      case 'think':
        // Inside a final channel that the prompt has opened, there is no thinking any more.
        if (primed && plan.every((written) => written.type !== 'tokens')) break;
        continueIn('analysis');
        write(encode([step.text]));
        break;
      case 'call':
        begin('commentary', step.recipient);
        write(encode([step.input, control.call]));
        return plan;
      case 'raw':
      case 'tokens': {
        const ids = step.type === 'raw' ? encodeMarkers(step.text, encoding) : step.ids;
        write(ids);
        const last = ids.at(-1);
        if (last === control.return || last === control.call) return plan;
        at = endBehind(ids, at);
        spoken = false;
        break;
      }
      case 'prefill':
        plan.unshift(step);
        break;
      case 'fail':
      case 'crash':
      case 'hang':
      case 'play':
        plan.push(step);
        return plan;
      case 'pace':
      case 'wait':
      case 'send':
      case 'again':
        plan.push(step);
        break;
    }
  }
  write([control.return]);
  return plan;
}

/** Where tokens end that were written as they were told. What channel they are in is not looked at. */
function endBehind(ids: readonly number[], before: ContextEnd): ContextEnd {
  for (const id of ids.toReversed()) {
    switch (id) {
      case control.start:
      case control.channel:
        return { in: 'header' };
      case control.message:
        return { in: 'content', channel: null };
      case control.end:
        return { in: 'nothing' };
    }
  }
  return before;
}
