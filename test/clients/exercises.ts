/**
 * What every client is put to, and what must come of it. A client is a function for each exercise that does, with the
 * client's own means, what somebody who uses it would write.
 */
export const exercises = [
  'text',
  'stream',
  'reasoning',
  'tools',
  'streamed tools',
  'structured output',
  'handoff',
  'conversation',
  'wrong key',
  'bad request',
  'failure in a stream',
  'leaving',
] as const;

export type Exercise = (typeof exercises)[number];

/** Over 4096 bytes, so that a classic daemon sends some of it at once; litellm takes the same words again for a fault. */
export function countedText(word: string): string {
  return Array.from({ length: 600 }, (_, index) => `${index} ${word}`).join(' ');
}

/** The texts that the clients send; lines with `/sim` tell the simulated model what to answer. */
export const prompts: { readonly [exercise in Exercise]: string } = {
  text: '/sim say The answer is “42”.',
  stream: `/sim say ${countedText('Grüße, 世界!')}`,
  reasoning: '/sim think First I count.\n/sim say Three.',
  tools: '/sim call get_weather {"city":"Paris"}\n/sim call get_time {"zone":"UTC"}',
  'streamed tools': '/sim call get_weather {"city":"Oslo"}\n/sim call get_time {"zone":"CET"}',
  'structured output': 'Describe a town.',
  handoff: '/sim call transfer_to_guide {}\n/sim call get_weather {"city":"Rome"}',
  conversation: '/sim say One.',
  'wrong key': 'Let me in.',
  'bad request': 'Be very creative.',
  'failure in a stream': `/sim say ${countedText('half')}\n/sim fail engine_error The engine broke.`,
  leaving: '/sim pace 200\n/sim repeat 4000 word',
};

/** Tokens, as the client reports them; those of the last request where there were several. */
export type Usage = { readonly inputTokens: number; readonly outputTokens: number };

/** An error as the program that uses the client gets it. */
export type Caught = {
  /** The name of its class. */
  readonly name: string;
  readonly message: string;
  /** The HTTP status that the client says it was; null where it keeps none. */
  readonly status: number | null;
};

export type ToolRun = {
  /** The calls that ran, in order: the tool and its arguments. */
  readonly calls: readonly (readonly [tool: string, argument: string])[];
  readonly text: string;
};

/** What an exercise gives. Each is plain data, so that it can come from another process. */
export type Outcomes = {
  text: { readonly text: string; readonly usage: Usage };
  stream: { readonly deltas: readonly string[]; readonly text: string; readonly usage: Usage };
  reasoning: { readonly reasoning: string; readonly text: string };
  tools: ToolRun;
  'streamed tools': ToolRun & { readonly deltas: readonly string[] };
  'structured output': { readonly value: unknown };
  /** The agent that answered in the end, and alone has the tools. */
  handoff: ToolRun & { readonly agent: string };
  /** What was said to the prompt when it was asked for the second time, in the same conversation. */
  conversation: { readonly text: string };
  'wrong key': Caught;
  'bad request': Caught;
  'failure in a stream': { readonly deltas: readonly string[]; readonly error: Caught };
  /** Left after the first delta; `deltas` are all that came. */
  leaving: { readonly deltas: readonly string[] };
};

/** Where the client finds the gateway. */
export type Place = { readonly baseUrl: string; readonly apiKey: string; readonly model: string };

export type Client = { readonly [exercise in Exercise]?: (place: Place) => Promise<Outcomes[exercise]> };

export const weatherIn = (city: string) => `22 degrees in ${city}`;
export const timeIn = (zone: string) => `noon in ${zone}`;

/** What is true of every town that `structured output` may give. */
export const townKinds = ['hamlet', 'town', 'city'] as const;

/** The JSON of an error, from whatever was thrown. */
export function caught(error: unknown): Caught {
  const { name, message, status, statusCode } = error as {
    name?: string;
    message?: string;
    status?: number;
    statusCode?: number;
  };
  return {
    name: (error as object).constructor.name.replace(/^_/, '') || (name ?? ''),
    message: message ?? String(error),
    status: status ?? statusCode ?? null,
  };
}

/** What the promise rejects with; throws when it does not reject. */
export async function errorOf(promise: Promise<unknown>): Promise<Caught> {
  const value = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('value' in value) throw new Error(`no error, but ${JSON.stringify(value.value)}`);
  return caught(value.error);
}
