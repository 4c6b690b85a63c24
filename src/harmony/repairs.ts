/**
 * What GPT-OSS gets wrong now and then, by name, and what becomes of it. Model output never makes a turn fail for its
 * form: it is read as it was most likely meant, and every such reading is counted.
 */
export const repairs = {
  'missing-start': 'A message began without `<|start|>`. It is the assistant’s unless it says otherwise.',
  'missing-end': 'A message ran into the next `<|start|>` or `<|channel|>`. It ends there.',
  'missing-message':
    'A header led into its content without `<|message|>`. The content begins where the header stops making sense.',
  'missing-role': 'A header without a role. It is the assistant’s.',
  'unknown-role': 'A role that is none, and no tool either. It is the assistant’s.',
  'missing-channel': 'An assistant message without a channel. What it is shows at its end.',
  'misspelt-channel':
    'A channel that is almost one of Harmony’s, as in `commentary?` or `fina`. The nearest one is meant.',
  'duplicate-channel': 'Two channels in one header. The last counts.',
  'header-text': 'Words in a header that mean nothing there. They are dropped.',
  'recipient-form': 'A recipient without `to=`, without a name, or a second one. The last that names something counts.',
  'constrain-form': 'A content type with `<|constrain|>` twice, or before nothing, or `json` without it.',
  'abandoned-header': 'A header that ended with nothing to say. It is dropped.',
  'redundant-stop': 'A stop token where nothing was open. It is dropped.',
  'end-of-text': '`<|endoftext|>` instead of `<|return|>`.',
  'stray-control': 'A control token where none belongs, as in a doubled `<|start|>` or `<|message|>`. It is dropped.',
  'stray-text': 'Text between two messages. It is dropped.',
  'unknown-token': 'An id that is no token of Harmony. It is dropped.',
  'foreign-role': 'The model spoke as somebody else: a tool’s output, or the user’s next message. It is not shown.',
  'misplaced-call': 'A tool call on another channel than commentary. It is a call all the same.',
  'undeclared-tool':
    'A call of a tool that the request did not declare. The client gets it under the name that was written.',
  'unasked-call': 'A call although no tool may be called. It is shown as reasoning, and the turn goes on.',
  'glued-content-type': 'A tool’s name with its content type stuck to it, as in `shelljson`.',
  'empty-arguments': 'A function call without arguments. They are `{}`.',
  'text-around-arguments': 'Prose before or after a function’s JSON. It is dropped.',
  'loose-string': 'A custom tool’s input whose JSON string is not escaped properly. It is read as it was meant.',
} as const satisfies Record<string, string>;

export type RepairName = keyof typeof repairs;

/** How often each repair was made; names that never were are absent. */
export type RepairCounts = ReadonlyMap<RepairName, number>;

/** What counts the repairs that are made in it; null: none so far, as in most answers. */
export type Repaired = { repairs: Map<RepairName, number> | null };

export function countRepair(repaired: Repaired, name: RepairName): void {
  repaired.repairs ??= new Map();
  repaired.repairs.set(name, (repaired.repairs.get(name) ?? 0) + 1);
}

const none: RepairCounts = new Map();

export function repairsOf({ repairs }: Repaired): RepairCounts {
  return repairs ?? none;
}
