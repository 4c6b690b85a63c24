import type { Encoding } from '../harmony/encoding.ts';
import { dictionary, uint64 } from '../xpc/value.ts';
import type { XpcDictionary } from '../xpc/value.ts';
import { readDeclaredTools } from './declared-tools.ts';
import type { DemoTools } from './demo-tools.ts';
import type { Engine } from './engine.ts';
import { doubleField, stringField, uint64Field } from './fields.ts';
import { placeholderItem, toolCallItem, toolOutputItem } from './items.ts';
import { errorFields } from './outgoing.ts';
import type { Fields } from './outgoing.ts';
import { createPacer } from './pacer.ts';
import { toolMessageTokens } from './plan-writer.ts';
import { readPrompt } from './prompt.ts';
import type { Prompt } from './prompt.ts';
import type { ToolCall } from './sampled-reader.ts';
import { createSampleLoop } from './sampling.ts';
import type { Act, MessageFields, PlayedEvent } from './step.ts';
import { createTextOutput } from './text-output.ts';
import { aborted, pause } from './timers.ts';
import type { Timers } from './timers.ts';

export type SessionOptions = {
  readonly request: XpcDictionary;
  /** Which session of the simulator this is, from 1. */
  readonly number: number;
  /** Send the ids of sampled tokens instead of final text. */
  readonly sendIds: boolean;
  readonly encoding: Encoding;
  readonly timers: Timers;
  readonly engineOf: (checkpoint: string) => Engine;
  /** Keeps which tools are allowed, for the whole daemon. */
  readonly demoTools: DemoTools;
  /** Whether the daemon runs its own tools. */
  readonly allowTools: boolean;
  /** A call that is reported before anything is sampled, as by the daemon's test hook; null: none. */
  readonly forceTool: ToolCall | null;
  /** Tokens per second until something sets another pace. */
  readonly pace: number;
  /** Tokens per second of the part of a prompt that is not in the KV cache. */
  readonly prefillRate: number;
  readonly send: (type: string, fields?: Fields) => void;
  readonly sendScripted: (fields: MessageFields) => void;
  readonly sendAgain: () => void;
  /** Resolves when the client has taken what was sent. */
  readonly drained: () => Promise<void>;
  readonly crash: () => void;
  /** Aborts when the client cancels or goes away. */
  readonly cancelled: AbortSignal;
  /** Aborts when the client goes away. */
  readonly gone: AbortSignal;
  /** Aborts when the daemon ends. */
  readonly stopped: AbortSignal;
};

/** Temperatures are clamped to 0…4. */
const hottest = 4;

/** `leaked`: the session is over, but its slot is never given back (quirk 3). */
export async function runSession(options: SessionOptions): Promise<'over' | 'leaked'> {
  const { request, send, timers, encoding, demoTools } = options;
  const begun = timers.elapsed();
  const tools = readDeclaredTools(request);
  if (tools !== null) demoTools.declared(tools.names);
  send('created', { features: featuresOf(request, options.sendIds) });

  const checkpoint = stringField(request, 'checkpoint_path');
  if (checkpoint === null) {
    send('error', errorFields('bad_request', 'missing checkpoint_path'));
    return 'leaked';
  }
  const engine = options.engineOf(checkpoint);
  engine.reset();
  let prompt: Prompt;
  try {
    prompt = readPrompt(request, encoding);
  } catch (error) {
    send('error', errorFields('engine_error', (error as Error).message));
    return 'over';
  }
  if (prompt.placeholder && request.has('tools')) send('output_item.done', placeholderItem);
  const reused = engine.append(prompt.tokens);

  let firstDeltaAt: number | null = null;
  let deltas = 0;
  let calls = 0;
  const sendDelta = (type: string, fields: Fields) => {
    deltas += 1;
    send(type, fields);
  };
  const output = createTextOutput(timers, (text) => sendDelta('output_text.delta', { text }));
  const pacer = createPacer(timers, options.pace);
  const loop = createSampleLoop({
    ...options,
    engine,
    pacer,
    primed: prompt.primed,
    // The flat temperature overwrites that of `sampling`, and reads as 0 when absent (quirk 10).
    sampling: {
      temperature: Math.min(hottest, Math.max(0, doubleField(request, 'temperature'))),
      session: options.number,
    },
    limit: uint64Field(request, 'max_output_tokens') || Infinity,
    act,
    onSampled(ids, text) {
      if (text !== '' || options.sendIds) firstDeltaAt ??= timers.elapsed();
      if (options.sendIds) sendDelta('output_token_ids.delta', { tokens: idBytes(ids) });
      else if (text !== '') output.add(text);
    },
  });

  if (options.forceTool !== null) {
    send('output_item.done', toolCallItem(options.forceTool, null));
    if (options.allowTools) answerByItself(options.forceTool);
  }
  await prefill((1000 * (prompt.tokens.length - reused)) / options.prefillRate);
  let ending = await loop.run();
  while (ending.type === 'call' && !options.cancelled.aborted) {
    calls += 1;
    engine.append(toolMessageTokens(ending.call.recipient, answerCall(ending.call), encoding));
    ending = await loop.run();
  }
  if (ending.type === 'over') {
    output.discard();
    return 'over';
  }
  output.close();
  const outputTokens = loop.outputTokens();
  if (firstDeltaAt !== null) {
    const seconds = (timers.elapsed() - begun) / 1000;
    const metrics = {
      ttfb_ms: Math.round(firstDeltaAt - begun),
      tokens_per_sec: seconds > 0 ? outputTokens / seconds : 0,
      delta_count: deltas,
      tool_calls: calls,
    };
    send('metrics', { text: JSON.stringify(metrics) });
  }
  send('completed', {
    response_id: stringField(request, 'req_id') ?? '',
    token_usage: dictionary({
      input_tokens: uint64(prompt.tokens.length),
      output_tokens: uint64(outputTokens),
      total_tokens: uint64(prompt.tokens.length + outputTokens),
    }),
  });
  return 'over';

  /** The engine computes and hears no cancel. */
  async function prefill(milliseconds: number): Promise<void> {
    if (milliseconds > 0) await pause(timers, milliseconds, options.stopped);
  }

  async function act(step: Act): Promise<boolean> {
    switch (step.type) {
      case 'pace':
        pacer.setPace(step.tokensPerSecond);
        return true;
      case 'prefill':
        await prefill(step.milliseconds);
        return true;
      case 'wait':
        await pause(timers, step.milliseconds, options.cancelled);
        return true;
      case 'send':
        options.sendScripted(step.fields);
        return true;
      case 'again':
        options.sendAgain();
        return true;
      case 'fail':
        send('error', errorFields(step.code, step.message));
        return false;
      case 'crash':
        options.crash();
        return false;
      case 'hang':
        output.discard();
        await aborted(options.gone);
        return false;
      case 'play':
        output.discard();
        await play(step.events);
        return false;
    }
  }

  async function play(events: readonly PlayedEvent[]): Promise<void> {
    for (const event of events) {
      await pause(timers, event.after, options.gone);
      await options.drained();
      if (options.gone.aborted) return;
      if ('ids' in event) send('output_token_ids.delta', { tokens: idBytes(event.ids) });
      else if (!(await act(event.act))) return;
    }
  }

  /** Reports a call and answers it as the daemon does, with nothing unless it judges or runs tools (quirks 4, 5). */
  function answerCall(call: ToolCall): string {
    send('output_item.done', toolCallItem(call, `call-${calls}`));
    const fault = tools?.faultOf(call.recipient, call.input) ?? null;
    if (fault !== null) {
      send('output_item.done', toolOutputItem(call.recipient, { ok: false, output: fault }));
      return fault;
    }
    return options.allowTools ? answerByItself(call) : '';
  }

  function answerByItself(call: ToolCall): string {
    const result = demoTools.run(call.recipient, call.input);
    send('output_item.done', toolOutputItem(call.recipient, result));
    return result.output;
  }
}

function featuresOf(request: XpcDictionary, sendIds: boolean): string[] {
  const features = ['health', 'text_input', 'harmony_system', 'token_usage'];
  if (request.has('tools')) features.push('tools');
  if (request.has('reasoning')) features.push('reasoning');
  if (sendIds) features.push('output_token_ids');
  return features;
}

/** u32 little-endian. */
function idBytes(ids: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(ids.length * 4);
  for (const [index, id] of ids.entries()) bytes.writeUInt32LE(id, index * 4);
  return bytes;
}
