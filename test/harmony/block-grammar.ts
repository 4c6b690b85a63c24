import { expect } from 'vitest';
import type { BlockEvent } from '../../src/harmony/answer-blocks.ts';

/** A block, its deltas joined. */
export type ReadBlock = { readonly block: string; readonly text: string };

/** The blocks of a turn, in order. Fails when the events break the promises of `TurnEvent`. */
export function readBlocks(events: readonly BlockEvent[]): ReadBlock[] {
  const blocks: ReadBlock[] = [];
  const callIds = new Set<string>();
  let open: { kind: string; block: string; text: string } | null = null;
  const begin = (kind: string, block: string) => {
    if (open !== null) expect.fail(`${block} began inside ${open.block}`);
    open = { kind, block, text: '' };
  };
  const grow = (kind: string, text: string) => {
    if (open?.kind !== kind) return expect.fail(`a delta of ${kind} in ${open?.block}`);
    if (text === '') expect.fail('an empty delta');
    open.text += text;
  };
  const end = (kind: string, text: string) => {
    if (open?.kind !== kind) return expect.fail(`the end of ${kind} in ${open?.block}`);
    if (open.text !== text) expect.fail(`deltas ${open.text} do not join up to ${text}`);
    blocks.push({ block: open.block, text });
    open = null;
  };
  for (const event of events) {
    switch (event.type) {
      case 'reasoning-start':
        begin('reasoning', 'reasoning');
        break;
      case 'text-start':
        begin('text', event.phase);
        break;
      case 'tool-call-start': {
        if (callIds.has(event.callId)) expect.fail('a call id occurs twice');
        callIds.add(event.callId);
        const { type, name, namespace } = event.tool;
        begin('tool-call', `${type} ${namespace === null ? '' : `${namespace}/`}${name}`);
        break;
      }
      case 'reasoning-delta':
        grow('reasoning', event.text);
        break;
      case 'text-delta':
        grow('text', event.text);
        break;
      case 'tool-call-delta':
        grow('tool-call', event.text);
        break;
      case 'reasoning-end':
        end('reasoning', event.text);
        break;
      case 'text-end':
        end('text', event.text);
        break;
      case 'tool-call-end':
        end('tool-call', event.input);
        break;
    }
  }
  if (open !== null) expect.fail('a block was left open');
  return blocks;
}
