import type { AnswerEvent, AnswerReader } from './answer.ts';

type Call = {
  readonly id?: string;
  readonly type?: 'function' | 'custom';
  readonly function?: { readonly name?: string; readonly arguments?: string };
  readonly custom?: { readonly name?: string; readonly input?: string };
};

type Chunk = {
  readonly error?: { readonly message: string };
  readonly choices?: readonly {
    readonly delta: {
      readonly reasoning_content?: string | null;
      readonly content?: string | null;
      readonly tool_calls?: readonly Call[];
    };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly prompt_tokens_details?: { readonly cached_tokens?: number };
    readonly completion_tokens: number;
    readonly completion_tokens_details?: { readonly reasoning_tokens?: number };
  } | null;
};

/** Reads the chunks of Chat Completions, which don't say where something begins. */
export function createChatReader(): AnswerReader {
  let open: 'reasoning' | 'text' | 'call' | null = null;
  let reason = 'stop';
  let begun = false;

  function speak(type: 'reasoning' | 'text', text: string | null | undefined): AnswerEvent[] {
    if (text === undefined || text === null || text === '') return [];
    const events: AnswerEvent[] = [{ type: 'delta', text }];
    if (open === type) return events;
    open = type;
    const entry =
      type === 'reasoning' ? ({ type, id: null, text: '' } as const) : ({ type, phase: null, text: '' } as const);
    return [{ type: 'begin', entry: { ...entry } }, ...events];
  }

  function call({ id, type = 'function', function: made, custom }: Call): AnswerEvent[] {
    const events: AnswerEvent[] = [];
    if (id !== undefined) {
      open = 'call';
      const name = made?.name ?? custom?.name ?? '';
      events.push({ type: 'begin', entry: { type: 'call', callId: id, kind: type, name, text: '' } });
    }
    const text = made?.arguments ?? custom?.input ?? '';
    if (text !== '') events.push({ type: 'delta', text });
    return events;
  }

  return (data) => {
    if (data === '[DONE]') return [{ type: 'end', reason }];
    const chunk = JSON.parse(data) as Chunk;
    if (chunk.error !== undefined) return [{ type: 'failed', message: chunk.error.message }];
    const events: AnswerEvent[] = begun ? [] : [{ type: 'stage', stage: 'running' }];
    begun = true;
    for (const { delta, finish_reason: finished } of chunk.choices ?? []) {
      events.push(...speak('reasoning', delta.reasoning_content), ...speak('text', delta.content));
      for (const made of delta.tool_calls ?? []) events.push(...call(made));
      if (finished !== null) reason = finished;
    }
    const { usage } = chunk;
    if (usage !== undefined && usage !== null) {
      const read = {
        input: usage.prompt_tokens,
        cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
        output: usage.completion_tokens,
        reasoning: usage.completion_tokens_details?.reasoning_tokens ?? 0,
      };
      events.push({ type: 'usage', usage: read });
    }
    return events;
  };
}
