import { endCustom, openCustom, pushCustom } from './custom-input.ts';
import type { CustomInput } from './custom-input.ts';
import { endFunction, openFunction, pushFunction } from './function-input.ts';
import type { FunctionInput } from './function-input.ts';
import type { Repaired } from './repairs.ts';

/** The content of a call, which arrives in pieces, on its way to the input that the client gets. `raw`: as it is written. */
export type ToolInput = { readonly type: 'raw' } | FunctionInput | CustomInput;

export function openInput(type: ToolInput['type']): ToolInput {
  switch (type) {
    case 'raw':
      return { type };
    case 'function':
      return openFunction();
    case 'custom':
      return openCustom();
  }
}

/** What of the input is certain by now. */
export function pushInput(input: ToolInput, piece: string, repaired: Repaired): string {
  switch (input.type) {
    case 'raw':
      return piece;
    case 'function':
      return pushFunction(input, piece, repaired);
    case 'custom':
      return pushCustom(input, piece);
  }
}

/** The rest of the input, when the content is over. */
export function endInput(input: ToolInput, repaired: Repaired): string {
  switch (input.type) {
    case 'raw':
      return '';
    case 'function':
      return endFunction(input, repaired);
    case 'custom':
      return endCustom(input, repaired);
  }
}

/** Whether the input is whole, so that a stream that was cut here lost nothing. */
export function isWhole(input: ToolInput): boolean {
  switch (input.type) {
    case 'raw':
      return false;
    case 'function':
      return input.extent.complete;
    case 'custom':
      return input.string.state === 'complete';
  }
}
