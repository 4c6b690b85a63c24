import { describe, expect, it } from 'vitest';
import { exactSeals } from '../../support/seals.ts';
import { refusalOf } from '../../support/refusal.ts';
import { reasoning, text, toolCall, turn, weather } from '../../support/turn-events.ts';
import { eventsOf, open, question, run, weatherTool } from './turns.ts';

const user = { role: 'user', content: 'Go on.' };
const sealed = (kind: 'reasoning' | 'compaction', content: string) => exactSeals().seal(kind, content);
const tampered = (seal: string) => `${seal.slice(0, -1)}${seal.endsWith('A') ? 'Q' : 'A'}`;

/** What a client gets of a turn. */
function outputOf(fields: object, ...blocks: Parameters<typeof turn>[1][]): any[] {
  const events = eventsOf(run(open({ ...question, ...fields, stream: true }).answer(), turn('stop', ...blocks)));
  return events.at(-1)!['response'].output;
}

describe('sealed reasoning', () => {
  const asked = { include: ['reasoning.encrypted_content'] };

  it.each([
    ['as it is', asked],
    ['as a summary', { ...asked, reasoning: { summary: 'auto' } }],
  ])('comes back as what the model thought, though the client keeps nothing else of it: %s', (_, fields) => {
    const [item] = outputOf(fields, reasoning('Secret ', 'thought.'), text('final', 'Sun.'));
    const { id, type, encrypted_content } = item;
    const { turn, warnings } = open({ ...question, input: [{ id, type, summary: [], encrypted_content }, user] });
    expect(turn.items[0]).toEqual({ type: 'reasoning', text: 'Secret thought.' });
    expect(warnings).toEqual([]);
  });

  it('is there only when it was asked for', () => {
    expect(outputOf({}, reasoning('Hm.'))[0]).not.toHaveProperty('encrypted_content');
    expect(outputOf({ include: [] }, reasoning('Hm.'))[0]).not.toHaveProperty('encrypted_content');
  });

  it('counts before what a client has written beside it', () => {
    const item = {
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: 'Changed.' }],
      content: [{ type: 'reasoning_text', text: 'Changed too.' }],
      encrypted_content: sealed('reasoning', 'As thought.'),
    };
    expect(open({ ...question, input: [item, user] }).turn.items[0]).toEqual({
      type: 'reasoning',
      text: 'As thought.',
    });
  });

  it('of another server is passed over, so that a conversation can change servers', () => {
    const foreign = { type: 'reasoning', summary: [], encrypted_content: 'gAAAAABo' };
    const { turn, warnings } = open({ ...question, input: [foreign, user] });
    expect(turn.items).toHaveLength(1);
    expect(warnings).toEqual([expect.stringMatching(/^input\[0\] is left out: .*sealed/)]);
  });

  it('that was changed is refused', () => {
    const item = { type: 'reasoning', summary: [], encrypted_content: tampered(sealed('reasoning', 'Hm.')) };
    const fault = refusalOf(() => open({ ...question, input: [user, item] }));
    expect(fault).toMatchObject({ code: 'invalid_encrypted_content', param: 'input[1].encrypted_content' });
  });

  it('is never in a warning', () => {
    const seal = sealed('compaction', 'x');
    const fault = refusalOf(() => open({ ...question, input: [{ type: 'reasoning', encrypted_content: seal }] }));
    expect(fault.message).not.toContain(seal);
  });
});

describe('a compaction', () => {
  const call = { type: 'function_call', call_id: 'call_1', name: 'get_weather', arguments: '{}' };
  const output = { type: 'function_call_output', call_id: 'call_1', output: '20 °C' };
  const said = [
    { role: 'developer', content: 'Be brief.' },
    { role: 'user', content: 'Weather?' },
    { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] },
    call,
    output,
    { role: 'assistant', content: 'Sun.' },
  ];
  const compaction = { type: 'compaction', id: 'cmp_1', encrypted_content: sealed('compaction', 'It was sunny.') };

  it('stands for what the model said and did before it, and is a user’s words to it', () => {
    const { turn, warnings } = open({ ...question, input: [...said, compaction, user] });
    expect(turn.items).toEqual([
      { type: 'message', role: 'developer', text: 'Be brief.' },
      { type: 'message', role: 'user', text: 'Weather?' },
      { type: 'message', role: 'user', text: expect.stringMatching(/shortened[^]*\n\nIt was sunny\.$/) },
      { type: 'message', role: 'user', text: 'Go on.' },
    ]);
    expect(warnings).toEqual([]);
  });

  it('leaves a call whose output comes behind it', () => {
    const { turn } = open({ ...question, input: [{ role: 'user', content: 'Weather?' }, call, compaction, output] });
    expect(turn.items.map(({ type }) => type)).toEqual(['message', 'tool-call', 'message', 'tool-output']);
  });

  it('is replaced by a later one', () => {
    const later = { ...compaction, encrypted_content: sealed('compaction', 'Later.') };
    const texts = open({ ...question, input: [compaction, user, later] }).turn.items.map((item: any) => item.text);
    expect(texts).toEqual(['Go on.', expect.stringMatching(/Later\.$/)]);
  });

  it.each(['compaction', 'compaction_summary'])('of another server is left out, and nothing else: %s', (type) => {
    const { turn, warnings } = open({ ...question, input: [...said, { type, encrypted_content: 'gAAAAABo' }, user] });
    expect(turn.items).toHaveLength(said.length + 1);
    expect(warnings).toEqual([expect.stringMatching(/^input\[6\] is left out: /)]);
  });

  it('that was changed is refused', () => {
    const input = [user, { type: 'compaction', encrypted_content: tampered(compaction.encrypted_content) }];
    expect(refusalOf(() => open({ ...question, input }))).toMatchObject({
      code: 'invalid_encrypted_content',
      param: 'input[1].encrypted_content',
    });
  });

  it('is asked for at the end of an input, without tools, formats or thoughts in the answer', () => {
    const asked = {
      ...question,
      input: [...said, { type: 'compaction_trigger' }],
      tools: [weatherTool],
      tool_choice: 'required',
      text: { format: { type: 'json_object' } },
      stream: true,
    };
    const { turn: made, answer } = open(asked);
    expect(made).toMatchObject({ tools: [], toolChoice: { type: 'none' }, format: { type: 'text' } });
    expect(made.items.at(-1)).toMatchObject({ role: 'user', text: expect.stringContaining('summary') });
    const steps = turn('stop', reasoning('Hm.'), text('commentary', 'Now.'), text('final', 'It was ', 'sunny.'));
    const events = eventsOf(run(answer(), steps));
    expect(events.map(({ type }) => type.replace('response.', ''))).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'compaction.compacting',
      'compaction.compacting',
      'output_item.done',
      'completed',
    ]);
    const [item] = events.at(-1)!['response'].output;
    expect(exactSeals().open('compaction', item.encrypted_content)).toEqual({ type: 'text', text: 'It was sunny.' });
  });

  it('is asked for nowhere else', () => {
    const input = [{ type: 'compaction_trigger' }, user];
    expect(refusalOf(() => open({ ...question, input }))).toMatchObject({ code: 'invalid_value', param: 'input[0]' });
  });
});

describe('attachments', () => {
  const input = [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:image/png;base64,AAAA' }] }];

  it('become a placeholder, or are refused', () => {
    expect(open({ ...question, input }).turn.items).toMatchObject([{ text: expect.stringContaining('image') }]);
    const fault = refusalOf(() => open({ ...question, input }, { attachments: 'refuse' }));
    expect(fault).toMatchObject({ code: 'unsupported_value', param: 'input[0].content[0]' });
  });
});

describe('padding', () => {
  const blocks = [reasoning('H', 'hm'), toolCall('call_a', weather, '{"é":', '"\\""}'), text('final', 'a', 'bc', '漢')];

  it('makes the sizes of deltas multiples of 16, when it is asked for', () => {
    const fields = { tools: [weatherTool], stream: true, stream_options: { include_obfuscation: true } };
    const frames = run(open({ ...question, ...fields }).answer(), turn('stop', ...blocks));
    const deltas = frames.filter(({ event }) => event!.endsWith('.delta'));
    expect(deltas.length).toBe(7);
    for (const { data } of deltas) {
      expect(Buffer.byteLength(data!) % 16).toBe(0);
      expect(JSON.parse(data!)).toHaveProperty('obfuscation');
    }
    expect(frames.filter(({ data }) => data!.includes('obfuscation'))).toHaveLength(deltas.length);
  });

  it.each([{}, { stream_options: { include_obfuscation: false } }])('is not there otherwise: %j', (fields) => {
    const frames = run(open({ ...question, ...fields, stream: true }).answer(), turn('stop', ...blocks));
    expect(frames.some(({ data }) => data!.includes('obfuscation'))).toBe(false);
  });
});
