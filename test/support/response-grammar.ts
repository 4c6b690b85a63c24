/**
 * The grammar of a Responses stream, as api.openai.com keeps it and clients rely on it:
 *
 *     stream   = created queued* in-progress+ item* terminal        (in-progress or queued may come again anywhere)
 *     item     = item-added ( part-added delta* text-done part-done  |  delta* input-done  |  compacting* ) item-done
 *     terminal = completed | incomplete | failed
 *
 * Give it every event in order (comments left out). It throws at the first offence, naming the event, and returns the
 * final response. An item may be left open by `response.failed` alone.
 */
export function checkResponseStream(frames: readonly StreamFrame[]): Json {
  const stream: Stream = { sequence: 0, items: [], open: null, first: null, started: false, final: null };
  for (const [at, frame] of frames.entries()) {
    const must: Must = (holds, rule) => {
      if (!holds) throw new Error(`event ${at} (${frame.event}: ${frame.data?.slice(0, 160)}): ${rule}`);
    };
    must(frame.data !== null, 'an event must have data');
    must(frame.data!.split(/[\n\r\u0085\u2028\u2029]/).length === 1, 'data must be one line to every reader of lines');
    const event = JSON.parse(frame.data!) as Json;
    must(event['type'] === frame.event, "the event's name must be its type");
    must(event['sequence_number'] === stream.sequence, `sequence_number must be ${stream.sequence}`);
    must(stream.final === null, 'nothing may follow the terminal event');
    stream.sequence += 1;
    takeEvent(stream, event, must);
  }
  if (stream.final === null) throw new Error('the stream must end with completed, incomplete or failed');
  return stream.final;
}

export type StreamFrame = { readonly event: string | null; readonly data: string | null };

export type Json = { [key: string]: unknown };

type Must = (holds: boolean, rule: string) => void;

type Stream = {
  sequence: number;
  /** Items that are done. */
  readonly items: Json[];
  open: OpenItem | null;
  /** The response as it was created. */
  first: Json | null;
  /** An in_progress has come. */
  started: boolean;
  final: Json | null;
};

type OpenItem = {
  readonly added: Json;
  part: 'none' | 'open' | 'texted' | 'done';
  /** Its text is in the item's summary, and not in its content. */
  summary: boolean;
  text: string;
};

const textEvents: {
  readonly [kind: string]: {
    readonly item: string;
    readonly done: string;
    readonly parted: 'content_index' | 'summary_index' | null;
  };
} = {
  'response.output_text': { item: 'message', done: 'text', parted: 'content_index' },
  'response.reasoning_text': { item: 'reasoning', done: 'text', parted: 'content_index' },
  'response.reasoning_summary_text': { item: 'reasoning', done: 'text', parted: 'summary_index' },
  'response.function_call_arguments': { item: 'function_call', done: 'arguments', parted: null },
  'response.custom_tool_call_input': { item: 'custom_tool_call', done: 'input', parted: null },
};

function takeEvent(stream: Stream, event: Json, must: Must): void {
  const type = event['type'] as string;
  if (stream.sequence === 1) must(type === 'response.created', 'the first event must be response.created');
  switch (type) {
    case 'response.created':
      must(stream.sequence === 1, 'response.created comes once, first');
      checkSnapshot(stream, event, ['queued', 'in_progress'], must);
      return;
    case 'response.queued':
      must(!stream.started, 'response.queued must not follow response.in_progress');
      checkSnapshot(stream, event, ['queued'], must);
      return;
    case 'response.in_progress':
      stream.started = true;
      checkSnapshot(stream, event, ['in_progress'], must);
      return;
    case 'response.completed':
      must(stream.open === null, 'an item is still open');
      must(stream.started, 'response.in_progress must come before the end');
      checkSnapshot(stream, event, ['completed'], must);
      return;
    case 'response.incomplete':
      must(stream.open === null, 'an item is still open');
      checkSnapshot(stream, event, ['incomplete'], must);
      return;
    case 'response.failed':
      checkSnapshot(stream, event, ['failed'], must);
      return;
    case 'response.output_item.added':
      takeAdded(stream, event, must);
      return;
    case 'response.content_part.added':
    case 'response.content_part.done':
      takePart(stream, event, 'content_index', must);
      return;
    case 'response.reasoning_summary_part.added':
    case 'response.reasoning_summary_part.done':
      takePart(stream, event, 'summary_index', must);
      return;
    case 'response.compaction.compacting':
      must(openItem(stream, event, must).added['type'] === 'compaction', 'a compaction must be open');
      return;
    case 'response.output_item.done':
      takeDone(stream, event, must);
      return;
  }
  const [, kind, step] = /^(.*)\.(delta|done)$/.exec(type) ?? [];
  must(kind !== undefined && kind in textEvents, 'the type must be known');
  takeText(stream, event, kind!, step as 'delta' | 'done', must);
}

const responseKeys = [
  'id',
  'object',
  'created_at',
  'status',
  'completed_at',
  'error',
  'incomplete_details',
  'output',
  'usage',
  'access_programs',
  'background',
  'frequency_penalty',
  'instructions',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'model',
  'parallel_tool_calls',
  'presence_penalty',
  'previous_response_id',
  'prompt_cache_key',
  'reasoning',
  'safety_identifier',
  'service_tier',
  'store',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'truncation',
];
const neverNull = [
  'background',
  'frequency_penalty',
  'metadata',
  'presence_penalty',
  'service_tier',
  'store',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'truncation',
];

/** The rules of a response object that hold whatever its status, streamed or not. */
export function checkResponseObject(response: Json, must: Must = mustOfObject): void {
  for (const key of responseKeys) must(key in response, `the response must have ${key}`);
  for (const key of neverNull) must(response[key] !== null, `the response's ${key} must not be null`);
  must(response['object'] === 'response', 'object must be response');
  must(/^resp_\w+$/.test(response['id'] as string), 'the id must begin with resp_');
  must(Number.isInteger(response['created_at']), 'created_at must be whole seconds');
  const { status, error, incomplete_details: details, completed_at: completedAt, usage } = response;
  must((error !== null) === (status === 'failed'), 'there must be an error if, and only if, the response failed');
  must((details !== null) === (status === 'incomplete'), 'incomplete_details belong to an incomplete response');
  must(Number.isInteger(completedAt) === (status === 'completed'), 'completed_at belongs to a completed response');
  must((usage !== null) === (status === 'completed' || status === 'incomplete'), 'usage is told at the end, or null');
  if (usage !== null) checkUsage(usage as Json, must);
}

function mustOfObject(holds: boolean, rule: string): void {
  if (!holds) throw new Error(`the response object: ${rule}`);
}

function checkSnapshot(stream: Stream, event: Json, statuses: readonly string[], must: Must): void {
  const response = event['response'] as Json;
  must(statuses.includes(response['status'] as string), `the response's status must be ${statuses.join(' or ')}`);
  checkResponseObject(response, must);
  if (stream.first === null) {
    stream.first = response;
    must(same(response['output'], []), 'a response is created with no output');
  }
  must(same(constant(response), constant(stream.first)), 'only status, output and what the end brings may change');
  const terminal = ['completed', 'incomplete', 'failed'].includes(response['status'] as string);
  const items: Json[] = [...stream.items];
  if (stream.open !== null) items.push(itemNow(stream.open, terminal ? 'incomplete' : 'in_progress'));
  must(
    same((response['output'] as Json[]).map(unsealed), items.map(unsealed)),
    'the output must be what the events so far made',
  );
  if (terminal) stream.final = response;
}

function constant(response: Json): Json {
  const { status: _1, output: _2, usage: _3, error: _4, incomplete_details: _5, completed_at: _6, ...rest } = response;
  return rest;
}

function takeAdded(stream: Stream, event: Json, must: Must): void {
  const item = event['item'] as Json;
  must(stream.started, 'items come after response.in_progress');
  must(stream.open === null, 'the item before must be done');
  must(event['output_index'] === stream.items.length, 'output_index must count the items');
  must(item['status'] === 'in_progress' || item['type'] === 'compaction', 'an item is added in progress');
  must(
    stream.items.every((other) => other['id'] !== item['id']),
    'ids of items must differ',
  );
  must(
    item['call_id'] === undefined || stream.items.every((other) => other['call_id'] !== item['call_id']),
    'ids of calls must differ',
  );
  const prefixes: Json = {
    message: 'msg_',
    reasoning: 'rs_',
    function_call: 'fc_',
    custom_tool_call: 'ctc_',
    compaction: 'cmp_',
  };
  const prefix = prefixes[item['type'] as string];
  must(typeof prefix === 'string', "the item's type must be known");
  must((item['id'] as string).startsWith(prefix as string), `the item's id must begin with ${String(prefix)}`);
  must(contentOf(item) === '', 'an item is added empty');
  if (item['type'] === 'reasoning') must(same(item['summary'], []), 'reasoning must have a summary, if empty');
  if (item['type'] === 'message') must(item['role'] === 'assistant', "a message's role must be assistant");
  if (typeof item['call_id'] === 'string') {
    must(typeof item['name'] === 'string' && item['name'] !== '', 'a call must have a name');
    must(item['call_id'] !== item['id'], 'a call_id must not be the id');
  }
  must((item['encrypted_content'] ?? '') === '', 'nothing is sealed before it is known');
  stream.open = { added: item, part: 'none', summary: false, text: '' };
}

function takePart(stream: Stream, event: Json, index: 'content_index' | 'summary_index', must: Must): void {
  const open = openItem(stream, event, must);
  const part = event['part'] as Json;
  must(event[index] === 0, `${index} must be 0`);
  const summary = index === 'summary_index';
  must(partType(open.added, summary) === part['type'], "the part's type must fit its item");
  if (part['type'] === 'output_text') {
    must(Array.isArray(part['annotations']) && Array.isArray(part['logprobs']), 'a text has annotations and logprobs');
  }
  if ((event['type'] as string).endsWith('.added')) {
    open.summary = summary;
    must(open.part === 'none', 'a part is added once');
    must(part['text'] === '', 'a part is added empty');
    open.part = 'open';
    return;
  }
  must(open.part === 'texted' && open.summary === summary, 'a part is done after its text');
  must(part['text'] === open.text, 'the part must hold the text');
  open.part = 'done';
}

function takeText(stream: Stream, event: Json, kind: string, step: 'delta' | 'done', must: Must): void {
  const open = openItem(stream, event, must);
  const { item, done, parted } = textEvents[kind]!;
  must(open.added['type'] === item, `${kind} belongs to a ${item}`);
  must(open.part === (parted === null ? 'none' : 'open'), 'texts come while their part, or call, is open');
  must(open.summary === (parted === 'summary_index'), 'summaries are shown by events of their own');
  for (const index of ['content_index', 'summary_index']) {
    must(index in event === (parted === index), `${index} belongs to texts in parts`);
  }
  if (kind === 'response.output_text') must(same(event['logprobs'], []), 'logprobs must be there');
  if (step === 'delta') {
    must(typeof event['delta'] === 'string', 'a delta must be a string');
    open.text += event['delta'] as string;
    return;
  }
  must(event[done] === open.text, `${done} must be what the deltas join up to`);
  open.part = 'texted';
}

function takeDone(stream: Stream, event: Json, must: Must): void {
  must(stream.open !== null, 'no item is open');
  const open = stream.open!;
  const item = event['item'] as Json;
  must(event['output_index'] === stream.items.length, "output_index must be the item's");
  const { type } = open.added;
  const complete = type === 'compaction' ? 'none' : partType(open.added, open.summary) === null ? 'texted' : 'done';
  must(open.part === complete, 'the text must be done before the item');
  must(
    type === 'compaction' || ['completed', 'incomplete'].includes(item['status'] as string),
    'a done item is completed or incomplete',
  );
  if ('encrypted_content' in open.added) {
    must(typeof item['encrypted_content'] === 'string' && item['encrypted_content'] !== '', 'a done item is sealed');
  }
  must(
    same(unsealed(item), unsealed(itemNow(open, item['status'] as string))),
    'the item must be as it was added, with its text',
  );
  stream.items.push(item);
  stream.open = null;
}

function openItem(stream: Stream, event: Json, must: Must): OpenItem {
  must(stream.open !== null, 'no item is open');
  must(event['item_id'] === stream.open!.added['id'], "item_id must be the open item's");
  must(event['output_index'] === stream.items.length, "output_index must be the open item's");
  return stream.open!;
}

/** The open item with its text so far. */
function itemNow(open: OpenItem, status: string): Json {
  const { added, text } = open;
  switch (added['type']) {
    case 'message':
      return {
        ...added,
        status,
        content: open.part === 'none' ? [] : [{ type: 'output_text', annotations: [], logprobs: [], text }],
      };
    case 'reasoning': {
      const parts = open.part === 'none' ? [] : [{ type: partType(added, open.summary), text }];
      return { ...added, status, ...(open.summary ? { summary: parts } : { content: parts }) };
    }
    case 'compaction':
      return added;
    case 'function_call':
      return { ...added, status, arguments: text };
    default:
      return { ...added, status, input: text };
  }
}

/** An item without what a reader of events can't know. */
function unsealed(item: Json): Json {
  return 'encrypted_content' in item ? { ...item, encrypted_content: null } : item;
}

function partType(item: Json, summary: boolean): string | null {
  switch (item['type']) {
    case 'message':
      return 'output_text';
    case 'reasoning':
      return summary ? 'summary_text' : 'reasoning_text';
    default:
      return null;
  }
}

function contentOf(item: Json): unknown {
  const { content } = item;
  if (Array.isArray(content)) return content.length === 0 ? '' : content;
  if (item['type'] === 'compaction') return '';
  return item['arguments'] ?? item['input'];
}

function checkUsage(usage: Json, must: Must): void {
  const counts = ['input_tokens', 'output_tokens', 'total_tokens'].map((key) => usage[key]);
  must(
    counts.every((count) => Number.isInteger(count) && (count as number) >= 0),
    'usage must be whole numbers',
  );
  const [input, output, total] = counts as [number, number, number];
  must(total === input + output, 'total_tokens must be the sum');
  const inputDetails = usage['input_tokens_details'] as Json;
  const cached = inputDetails['cached_tokens'] as number;
  const reasoning = (usage['output_tokens_details'] as Json)['reasoning_tokens'] as number;
  must(cached >= 0 && cached <= input, 'cached_tokens must be part of input_tokens');
  must(Number.isInteger(inputDetails['cache_write_tokens']), 'cache_write_tokens must be there');
  must(reasoning >= 0 && reasoning <= output, 'reasoning_tokens must be part of output_tokens');
}

/** Equal whatever the order of keys. */
function same(left: unknown, right: unknown): boolean {
  if (typeof left !== 'object' || left === null || typeof right !== 'object' || right === null) return left === right;
  const keys = Object.keys(left);
  return (
    Array.isArray(left) === Array.isArray(right) &&
    keys.length === Object.keys(right).length &&
    keys.every((key) => key in right && same((left as Json)[key], (right as Json)[key]))
  );
}
