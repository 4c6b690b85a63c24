import type { RecordedSession, SessionEvent, TurnRecording } from '../recording/recording-schema.ts';
import type { SimulatorScript } from '../simulator/script.ts';
import type { Act, PlayedEvent, Step } from '../simulator/step.ts';

/**
 * A script that has the simulator say what the engine said when a turn was recorded, at the same pace or, without
 * `pauses`, as fast as possible. The first sessions play the recorded ones in order, all later ones the last.
 */
export function scriptOfRecording(
  { sessions }: TurnRecording,
  { pauses }: { readonly pauses: boolean },
): SimulatorScript {
  if (sessions.length === 0) throw new Error('the recorded turn never came to the engine');
  const tokens = sessions.some(({ events }) =>
    events.some((event) => event.type === 'created' && event.output === 'tokens'),
  );
  return {
    output: tokens ? 'tokens' : 'classic',
    rules: sessions.map((session, index) => ({
      when: index === sessions.length - 1 ? {} : { session: index + 1 },
      do: [stepOf(session, pauses)],
    })),
  };
}

function stepOf({ events }: RecordedSession, pauses: boolean): Step {
  const [first] = events;
  if (first?.type === 'failed' && first.code === 'rate_limit_exceeded') {
    return { type: 'fail', code: 'over_capacity', message: first.message };
  }
  let last = 0;
  const played = events.flatMap((event): PlayedEvent[] => {
    const after = pauses ? Math.max(0, event.at - last) : 0;
    last = event.at;
    if (event.type === 'token-delta') return [{ after, ids: event.ids }];
    const act = actOf(event);
    return act === null ? [] : [{ after, act }];
  });
  // The client left, or the turn was over without the engine's last word.
  const isOpen = !events.some(({ type }) => type === 'completed' || type === 'failed');
  return { type: 'play', events: isOpen ? [...played, { after: 0, act: completed(0, 0) }] : played };
}

/** null: the simulator says that by itself. */
function actOf(event: Exclude<SessionEvent, { type: 'token-delta' }>): Act | null {
  switch (event.type) {
    case 'created':
      return null;
    case 'text-delta':
      return send({ type: 'output_text.delta', text: event.text });
    case 'tool-call': {
      const item = { type: 'tool_call', status: 'completed', name: event.recipient, input: event.input };
      return send({ type: 'output_item.done', item });
    }
    case 'completed':
      return completed(event.usage.inputTokens, event.usage.outputTokens);
    case 'failed':
      return failure(event);
  }
}

function failure({ code, message }: Extract<SessionEvent, { type: 'failed' }>): Act {
  switch (code) {
    case 'engine_error': {
      const reported = /^The codexpc daemon reported (\w+): (.*)$/s.exec(message);
      return { type: 'fail', code: reported?.[1] ?? code, message: reported?.[2] ?? message };
    }
    case 'backend_lost':
    case 'backend_unavailable':
      return { type: 'crash' };
    case 'request_cancelled':
    case 'shutting_down':
      return completed(0, 0);
    default:
      // The gateway gave the session up: the engine was silent, or said what nobody could read.
      return { type: 'hang' };
  }
}

const send = (fields: Extract<Act, { type: 'send' }>['fields']): Act => ({ type: 'send', fields });

function completed(input: number, output: number): Act {
  const usage = { input_tokens: input, output_tokens: output, total_tokens: input + output };
  return send({ type: 'completed', response_id: '', token_usage: usage });
}
