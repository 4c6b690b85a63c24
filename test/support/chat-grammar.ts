/**
 * The grammar of a Chat Completions stream, as api.openai.com keeps it and clients rely on it:
 *
 *     stream   = choice+ usage? "[DONE]"   |   chunk* error
 *     choice   = role delta* finish
 *
 * Give it the `data` of every event in order (comments left out). It throws at the first offence, naming the event.
 */
export type ChatGrammarOptions = {
  /** The request asked for usage. */
  readonly includeUsage?: boolean;
  /** The stream broke off: it ends with an error and without `[DONE]`. */
  readonly broken?: boolean;
  /** How many answers were asked for. */
  readonly choices?: number;
};

/** What the deltas of a stream add up to. */
export type FoldedStream = {
  readonly choices: readonly FoldedChoice[];
  readonly usage: unknown;
  readonly error: unknown;
};

export type FoldedChoice = {
  content: string | null;
  reasoning: string;
  toolCalls: FoldedCall[];
  functionCall: { name: string; arguments: string } | null;
  finishReason: string | null;
};

export type FoldedCall = { id: string; type: string; name: string; input: string };

type Json = { [key: string]: unknown };

const finishReasons = ['stop', 'length', 'tool_calls', 'function_call'];

export function checkChatStream(data: readonly string[], options: ChatGrammarOptions = {}): FoldedStream {
  const includeUsage = options.includeUsage ?? false;
  const choices: FoldedChoice[] = [];
  let usage: unknown = null;
  let error: unknown = null;
  let shared: string | null = null;
  let ended = false;

  for (const [at, text] of data.entries()) {
    const where = `event ${at} (${text.slice(0, 120)})`;
    const must = (holds: boolean, rule: string): void => {
      if (!holds) throw new Error(`${where}: ${rule}`);
    };
    must(!ended, 'nothing may follow the end of the stream');
    must(text.split(/[\n\r\u0085\u2028\u2029]/).length === 1, 'data must be one line to every reader of lines');
    if (text === '[DONE]') {
      must(choices.length === (options.choices ?? 1), 'every choice must come before [DONE]');
      must(
        choices.every(({ finishReason }) => finishReason !== null),
        'every choice must be finished before [DONE]',
      );
      must((usage !== null) === includeUsage, 'usage must be told if, and only if, it was asked for');
      ended = true;
      continue;
    }
    const chunk = JSON.parse(text) as Json;
    if ('error' in chunk) {
      const envelope = chunk['error'] as Json;
      must(
        typeof envelope['message'] === 'string' && typeof envelope['type'] === 'string',
        'an error must say what it is',
      );
      must(
        ['param', 'code'].every((key) => key in envelope),
        'an error must have param and code, if null',
      );
      error = envelope;
      ended = true;
      continue;
    }
    must(usage === null, 'only [DONE] may follow the usage');
    must(chunk['object'] === 'chat.completion.chunk', 'object must be chat.completion.chunk');
    const { choices: chunkChoices, usage: chunkUsage, ...rest } = chunk;
    must(
      ['id', 'created', 'model'].every((key) => key in rest),
      'a chunk must have id, created and model',
    );
    must(Number.isInteger(rest['created']), 'created must be whole seconds');
    shared ??= JSON.stringify(rest);
    must(JSON.stringify(rest) === shared, 'all chunks of a stream must share id, created, model and the like');
    must('usage' in chunk === includeUsage, 'chunks must have usage, if null, exactly when it was asked for');
    must(Array.isArray(chunkChoices), 'choices must be an array');
    if ((chunkChoices as Json[]).length === 0) {
      must(typeof chunkUsage === 'object' && chunkUsage !== null, 'a chunk without choices must be the usage');
      usage = checkUsage(chunkUsage as Json, must);
      continue;
    }
    must((chunkUsage ?? null) === null, 'usage must be null beside choices');
    for (const choice of chunkChoices as Json[]) foldChoice(choice, choices, must);
  }
  if (!ended) throw new Error('the stream must end with [DONE] or an error');
  if ((error !== null) !== (options.broken ?? false)) {
    throw new Error(
      error === null ? 'the stream was to end with an error' : `the stream broke: ${JSON.stringify(error)}`,
    );
  }
  return { choices, usage, error };
}

type Must = (holds: boolean, rule: string) => void;

function foldChoice(choice: Json, choices: FoldedChoice[], must: Must): void {
  const {
    index,
    delta,
    finish_reason: finishReason,
  } = choice as { index: number; delta: Json; finish_reason: unknown };
  must('finish_reason' in choice && 'index' in choice && 'delta' in choice, 'a choice has index, delta, finish_reason');
  let folded = choices[index];
  if (folded === undefined) {
    must(index === choices.length, 'choices must begin in order');
    must(delta['role'] === 'assistant', "a choice's first chunk must carry the role");
    folded = { content: null, reasoning: '', toolCalls: [], functionCall: null, finishReason: null };
    choices.push(folded);
  } else {
    must(!('role' in delta), 'the role must come once');
  }
  must(folded.finishReason === null, 'nothing may follow a finish_reason');
  if (finishReason !== null) {
    must(Object.keys(delta).length === 0, 'delta must be {} beside a finish_reason');
    must(finishReasons.includes(finishReason as string), 'finish_reason must be one of the known');
    must(finishReason !== 'tool_calls' || folded.toolCalls.length > 0, 'tool_calls is no reason without a call');
    must(finishReason !== 'function_call' || folded.functionCall !== null, 'function_call is no reason without a call');
    must(
      folded.content !== null || folded.toolCalls.length > 0 || folded.functionCall !== null,
      'content may stay null only where something is called',
    );
    folded.finishReason = finishReason as string;
    return;
  }
  const known = ['role', 'content', 'refusal', 'reasoning_content', 'reasoning', 'tool_calls', 'function_call'];
  must(Object.keys(delta).length > 0, 'a delta must not be empty before the finish');
  must(
    Object.keys(delta).every((key) => known.includes(key)),
    'a delta must have no other keys than the known',
  );
  if (typeof delta['content'] === 'string') folded.content = (folded.content ?? '') + delta['content'];
  must(delta['reasoning'] === delta['reasoning_content'], 'reasoning must be told under both names');
  if (typeof delta['reasoning'] === 'string') folded.reasoning += delta['reasoning'];
  if ('function_call' in delta) foldFunctionCall(delta['function_call'] as Json, folded, must);
  if ('tool_calls' in delta) {
    for (const call of delta['tool_calls'] as Json[]) foldToolCall(call, folded.toolCalls, must);
  }
}

function foldFunctionCall(call: Json, folded: FoldedChoice, must: Must): void {
  must(typeof call['arguments'] === 'string', 'function_call must have arguments');
  if (folded.functionCall === null) {
    must(typeof call['name'] === 'string' && call['name'] !== '', "function_call's first delta must have the name");
    folded.functionCall = { name: call['name'] as string, arguments: '' };
  } else {
    must(!('name' in call), "function_call's later deltas must not repeat the name");
  }
  folded.functionCall.arguments += call['arguments'] as string;
}

function foldToolCall(call: Json, calls: FoldedCall[], must: Must): void {
  const index = call['index'] as number;
  const known = calls[index];
  if (known === undefined) {
    const { id, type } = call as { id: string; type: string };
    must(index === calls.length, 'tool calls must begin in order');
    must(typeof id === 'string' && id !== '', "a call's first delta must have its id");
    must(type === 'function' || type === 'custom', "a call's first delta must have its type");
    const body = call[type] as Json | undefined;
    must(typeof body?.['name'] === 'string' && body['name'] !== '', "a call's first delta must have its name");
    must(
      calls.every((other) => other.id !== id),
      'ids of calls must differ',
    );
    calls.push({ id, type, name: body!['name'] as string, input: inputOf(type, body!, must) });
    return;
  }
  must(index === calls.length - 1, 'a call must not go on after the next has begun');
  must(!('id' in call) && !('type' in call), "a call's later deltas must not repeat id or type");
  const body = call[known.type] as Json | undefined;
  must(body !== undefined && !('name' in body), "a call's later deltas must not repeat the name");
  known.input += inputOf(known.type, body!, must);
}

function inputOf(type: string, body: Json, must: Must): string {
  const input = body[type === 'function' ? 'arguments' : 'input'];
  must(typeof input === 'string', "a call's delta must have a string of input");
  return input as string;
}

function checkUsage(usage: Json, must: Must): Json {
  const counts = ['prompt_tokens', 'completion_tokens', 'total_tokens'].map((key) => usage[key]);
  must(
    counts.every((count) => Number.isInteger(count) && (count as number) >= 0),
    'usage must be whole numbers',
  );
  const [prompt, completion, total] = counts as [number, number, number];
  must(total === prompt + completion, 'total_tokens must be the sum');
  const cached = (usage['prompt_tokens_details'] as Json | undefined)?.['cached_tokens'] as number;
  const reasoning = (usage['completion_tokens_details'] as Json | undefined)?.['reasoning_tokens'] as number;
  must(cached >= 0 && cached <= prompt, 'cached_tokens must be part of prompt_tokens');
  must(reasoning >= 0 && reasoning <= completion, 'reasoning_tokens must be part of completion_tokens');
  return usage;
}
