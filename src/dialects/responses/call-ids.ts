import type { InputItem } from './schema-input.ts';

type CallOutput = Extract<InputItem, { type: 'function_call_output' }>;

/** An item whose call is known, if it answers one. */
export type InputItemWithCallId = Exclude<InputItem, CallOutput> | (CallOutput & { readonly call_id: string });

/**
 * The input with a call id in every output. A function's output may come without: it answers the latest function call
 * that has none yet, of the function that it names where it names one.
 *
 * @param missing makes the error for an output that there is no such call for.
 */
export function withCallIds(
  input: readonly InputItem[],
  missing: (index: number) => Error,
): readonly InputItemWithCallId[] {
  if (input.every(hasCallId)) return input;
  const unanswered = new Map<string, Extract<InputItem, { type: 'function_call' }>>();
  return input.map((item, index) => {
    if (item.type === 'function_call') unanswered.set(item.call_id, item);
    if (item.type !== 'function_call_output') return item;
    const answered = item.call_id ?? callOf(item, [...unanswered.values()])?.call_id;
    if (answered === undefined) throw missing(index);
    unanswered.delete(answered);
    return { ...item, call_id: answered };
  });
}

function callOf({ name, namespace }: CallOutput, calls: readonly Extract<InputItem, { type: 'function_call' }>[]) {
  if (typeof name !== 'string') return calls.at(-1);
  return calls.findLast((call) => call.name === name && (call.namespace ?? null) === (namespace ?? null));
}

function hasCallId(item: InputItem): item is InputItemWithCallId {
  return item.type !== 'function_call_output' || typeof item.call_id === 'string';
}
