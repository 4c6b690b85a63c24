import { describe, expect, it } from 'vitest';
import { checkResponseStream } from '../../support/response-grammar.ts';
import type { Json } from '../../support/response-grammar.ts';
import { reasoning, text, toolCall, turn, weather } from '../../support/turn-events.ts';
import { eventsOf, open, question, run } from './turns.ts';

const frames = run(
  open({ ...question, stream: true }).answer(),
  turn('tool-calls', reasoning('Hm.'), text('commentary', 'Let ', 'me.'), toolCall('call_a', weather, '{', '}')),
);

/** The stream with its events changed, numbered anew unless told otherwise. */
function changed(change: (events: Json[]) => Json[], renumber = true) {
  const events = change(eventsOf(frames));
  return events.map((event, at) => ({
    event: event['type'] as string,
    data: JSON.stringify(renumber ? { ...event, sequence_number: at } : event),
  }));
}

const replaced = (type: string, change: (event: any) => void) => (events: Json[]) => {
  change(events.find((event) => event['type'] === type));
  return events;
};

describe('the checker of response streams', () => {
  it('passes a sound stream, and gives its response', () => {
    expect(checkResponseStream(changed((events) => events))).toMatchObject({ status: 'completed' });
  });

  it('misses every single event that is left out', () => {
    for (const at of frames.keys()) {
      const without = changed((events) => events.filter((_, index) => index !== at));
      expect(() => checkResponseStream(without), frames[at]!.event!).toThrow();
    }
  });

  it('notices every event that comes twice, but for signs of life', () => {
    for (const [at, { event }] of frames.entries()) {
      const twice = changed((events) => events.flatMap((each, index) => (index === at ? [each, each] : [each])));
      if (event === 'response.in_progress') expect(() => checkResponseStream(twice)).not.toThrow();
      else expect(() => checkResponseStream(twice), event!).toThrow();
    }
  });

  it('notices every two neighbours that have changed places, but for what has no order', () => {
    for (const at of frames.keys()) {
      if (at + 1 === frames.length) continue;
      const swapped = changed((events) => [
        ...events.slice(0, at),
        events[at + 1]!,
        events[at]!,
        ...events.slice(at + 2),
      ]);
      expect(() => checkResponseStream(swapped), frames[at]!.event!).toThrow();
    }
  });

  it('notices a gap in the numbers', () => {
    const gap = changed((events) => events.filter((_, index) => index !== 5), false);
    expect(() => checkResponseStream(gap)).toThrow('sequence_number must be 5');
  });

  it.each([
    ['response.created', (event: any) => (event.response.temperature = null)],
    ['response.created', (event: any) => delete event.response.store],
    ['response.in_progress', (event: any) => (event.response.model = 'other')],
    ['response.in_progress', (event: any) => (event.response.usage = {})],
    ['response.output_item.added', (event: any) => (event.item.id = 'item_1')],
    ['response.output_item.added', (event: any) => delete event.item.summary],
    ['response.content_part.added', (event: any) => (event.part.text = 'x')],
    ['response.output_text.delta', (event: any) => (event.item_id = 'msg_other')],
    ['response.output_text.delta', (event: any) => (event.output_index = 0)],
    ['response.output_text.delta', (event: any) => delete event.logprobs],
    ['response.output_text.delta', (event: any) => (event.delta = 'other')],
    ['response.output_text.done', (event: any) => (event.text = 'other')],
    ['response.function_call_arguments.done', (event: any) => (event.arguments = '{}}')],
    ['response.output_item.done', (event: any) => (event.item.content[0].text = 'other')],
    ['response.completed', (event: any) => event.response.output.pop()],
    ['response.completed', (event: any) => (event.response.usage.total_tokens = 1)],
    ['response.completed', (event: any) => (event.response.completed_at = null)],
  ])('notices a wrong %s: %s', (type, change) => {
    expect(() => checkResponseStream(changed(replaced(type, change)))).toThrow();
  });
});
