import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { createEncoding } from '../../src/harmony/encoding.ts';
import type { HarmonyMessage, HarmonyRole, ToolDescription } from '../../src/harmony/message.ts';
import { completionSegments, encodeSegments } from '../../src/harmony/render.ts';
import { createSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator.ts';
import { systemTimers } from '../../src/simulator/timers.ts';
import { createClient } from './client.ts';
import type { Client } from './client.ts';

export const encoding = createEncoding();

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

export function onCleanup(cleanup: () => Promise<unknown>): void {
  cleanups.push(cleanup);
}

export async function socketPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'simulator-'));
  onCleanup(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'daemon', 'socket');
}

export type Started = { readonly simulator: Simulator; readonly path: string; readonly logged: string[] };

/** A simulator on a real socket, closed when the test is over. */
export async function start(options: Partial<SimulatorOptions> = {}): Promise<Started> {
  const path = options.socketPath ?? (await socketPath());
  const logged: string[] = [];
  const simulator = createSimulator({
    socketPath: path,
    output: 'classic',
    encoding,
    timers: systemTimers,
    log: (what) => logged.push(what),
    ...options,
  });
  await simulator.listen();
  onCleanup(() => simulator.close());
  return { simulator, path, logged };
}

export function client(path: string): Client {
  const made = createClient(path);
  onCleanup(() => made.close());
  return made;
}

/** A simulator and one client of it. */
export async function pair(options: Partial<SimulatorOptions> = {}): Promise<Started & { readonly client: Client }> {
  const started = await start(options);
  return { ...started, client: client(started.path) };
}

export type Turn = {
  readonly user?: string;
  readonly instructions?: string;
  readonly tools?: readonly ToolDescription[];
  /** Text of the developer message behind its instructions and tools. */
  readonly developer?: string;
  readonly effort?: 'low' | 'medium' | 'high';
  /** Stand behind the user's message. */
  readonly more?: readonly HarmonyMessage[];
  readonly primeFinal?: boolean;
};

/** Prefill tokens of a conversation, rendered as the gateway renders one. */
export function prefill(turn: Turn): Uint32Array {
  const tools = [{ name: 'functions', description: null, tools: turn.tools ?? [] }];
  const developer = {
    instructions: turn.instructions ?? null,
    tools: turn.tools === undefined ? [] : tools,
  };
  const messages: HarmonyMessage[] = [
    {
      ...said('system', ''),
      content: [
        {
          type: 'system',
          system: {
            modelIdentity: 'You are ChatGPT, a large language model trained by OpenAI.',
            reasoningEffort: turn.effort ?? 'medium',
            conversationStartDate: '2026-11-24',
            knowledgeCutoff: '2024-06',
            channels: { valid: ['analysis', 'commentary', 'final'], required: true },
            tools: [],
          },
        },
      ],
    },
  ];
  if (turn.instructions !== undefined || turn.tools !== undefined || turn.developer !== undefined) {
    messages.push({
      ...said('developer', ''),
      content: [
        { type: 'developer', developer },
        ...(turn.developer === undefined ? [] : [{ type: 'text', text: turn.developer } as const]),
      ],
    });
  }
  if (turn.user !== undefined) messages.push(said('user', turn.user));
  messages.push(...(turn.more ?? []));
  return encodeSegments(completionSegments(messages, { primeFinal: turn.primeFinal ?? false }), encoding.encode);
}

export function said(role: HarmonyRole, text: string, more: Partial<HarmonyMessage> = {}): HarmonyMessage {
  return {
    role,
    name: null,
    recipient: null,
    channel: null,
    contentType: null,
    content: [{ type: 'text', text }],
    ...more,
  };
}

/** A call of a tool and what it answered, as messages of a history. */
export function calledTool(recipient: string, input: string, output: string): HarmonyMessage[] {
  return [
    said('assistant', input, { recipient, channel: 'commentary', contentType: '<|constrain|>json' }),
    said('tool', output, { name: recipient, recipient: 'assistant', channel: 'commentary' }),
  ];
}
