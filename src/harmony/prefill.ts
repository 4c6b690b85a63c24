import type { Turn } from '../core/turn.ts';
import { conversationOf } from './conversation.ts';
import type { ConversationSettings } from './conversation.ts';
import type { FrozenDates } from './frozen-dates.ts';
import type { HarmonyMessage } from './message.ts';
import { endsInText } from './raw-prompt.ts';
import { completionSegments, encodeSegments } from './render.ts';
import type { Segment } from './render.ts';
import { createToolNames } from './tool-names.ts';
import type { ToolNames } from './tool-names.ts';

/** A turn as the engine gets it. */
export type Prefill = {
  readonly tokens: Uint32Array;
  /** Makes once more what the tokens were rendered from, which nearly nobody asks for; null: they were given raw. */
  readonly messages: (() => readonly HarmonyMessage[]) | null;
  /** The tokens end inside assistant/final, or raw ones inside a text: what is sampled goes on with it at once. */
  readonly primeFinal: boolean;
  /** Finds the tool of a recipient that the model writes. */
  readonly toolNames: ToolNames;
};

export type Prefiller = {
  /** Renders and encodes a turn. A long prompt is worked on in slices, so that other streams go on meanwhile. */
  prefill(turn: Turn): Promise<Prefill>;
};

export type PrefillerOptions = {
  /** An encoding's `encodeSteps`, or that of a cache in front of it. */
  readonly encodeSteps: (text: string) => Generator<void, Uint32Array>;
  readonly settings: Omit<ConversationSettings, 'date'>;
  readonly dates: FrozenDates;
  /** Monotonic milliseconds. */
  readonly elapsed: () => number;
  /** Lets everything else that is due go first. */
  readonly pause: () => Promise<void>;
};

type Rendered = Omit<Prefill, 'tokens'> & { readonly segments: readonly Segment[] };

/** Messages, calls and tools of a request that is read in no time. */
const fewParts = 500;
/** Milliseconds of work after which others get their turn. */
const slice = 4;
/** Code units of a text that is remembered as it is: headers, names, short answers. */
const longestWord = 64;
/** Such texts remembered at a time. */
const mostWords = 4096;

export function createPrefiller(options: PrefillerOptions): Prefiller {
  const { encodeSteps, settings, dates, elapsed, pause } = options;
  const words = new Map<string, Uint32Array>();

  async function render(turn: Turn, letOthers: () => Promise<void>): Promise<Rendered> {
    const known = { ...settings, date: dates.dateOf(turn) };
    const { messages, primeFinal, toolNames } = conversationOf(turn, known);
    await letOthers();
    return {
      segments: completionSegments(messages, { primeFinal }),
      messages: () => conversationOf(turn, known).messages,
      primeFinal,
      toolNames,
    };
  }

  return {
    async prefill(turn) {
      // Of a request with thousands of parts, reading it has taken its time already.
      if (turn.items.length + turn.tools.length > fewParts) await pause();
      let since = elapsed();
      const letOthers = async (): Promise<void> => {
        if (elapsed() - since <= slice) return;
        await pause();
        since = elapsed();
      };
      const { segments, messages, primeFinal, toolNames } =
        turn.raw === undefined ? await render(turn, letOthers) : renderRaw(turn.raw);
      await letOthers();
      /** Ids of the texts among the segments, in their order. */
      const encoded: Uint32Array[] = [];
      for (const segment of segments) {
        if (typeof segment === 'number') continue;
        // Long texts aren't looked for: to hash them costs as much as the cache in front does.
        const isWord = segment.length <= longestWord;
        const known = isWord ? words.get(segment) : undefined;
        if (known !== undefined) {
          encoded.push(known);
          continue;
        }
        const steps = encodeSteps(segment);
        let step = steps.next();
        while (step.done !== true) {
          if (elapsed() - since > slice) await letOthers();
          step = steps.next();
        }
        encoded.push(step.value);
        if (!isWord) continue;
        if (words.size >= mostWords) words.clear();
        words.set(segment, step.value);
      }
      let next = 0;
      return { tokens: encodeSegments(segments, () => encoded[next++]!), messages, primeFinal, toolNames };
    },
  };
}

function renderRaw(raw: NonNullable<Turn['raw']>): Rendered {
  const toolNames = createToolNames([]);
  return typeof raw === 'string'
    ? { segments: [raw], messages: null, primeFinal: true, toolNames }
    : { segments: raw, messages: null, primeFinal: endsInText(raw), toolNames };
}
