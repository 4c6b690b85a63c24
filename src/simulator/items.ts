import { dictionary } from '../xpc/value.ts';
import { parseJson } from './declared-tools.ts';
import type { ToolResult } from './demo-tools.ts';
import type { Fields } from './outgoing.ts';
import type { ToolCall } from './sampled-reader.ts';

/** Fields of an `output_item.done` for a call. `arguments` repeats the input, only when that is JSON. */
export function toolCallItem(call: ToolCall, callId: string | null): Fields {
  return {
    item: dictionary({
      type: 'tool_call',
      status: 'requested',
      name: call.recipient,
      input: call.input,
      ...(callId === null ? {} : { call_id: callId }),
      ...(parseJson(call.input) === undefined ? {} : { arguments: call.input }),
    }),
  };
}

/** Fields of an `output_item.done` for what the daemon itself answered to a call. */
export function toolOutputItem(name: string, result: ToolResult): Fields {
  return {
    item: dictionary({
      type: 'tool_call.output',
      status: result.ok ? 'completed' : 'failed',
      name,
      output: result.output,
    }),
  };
}

/** Fields of the `output_item.done` that stands for declared tools on the paths that don't carry them out. */
export const placeholderItem: Fields = {
  item: dictionary({ type: 'tool_call.placeholder', status: 'skipped', name: 'placeholder', input: '{}' }),
};
