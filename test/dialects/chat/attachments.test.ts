import { describe, expect, it } from 'vitest';
import { openChat } from '../../../src/dialects/chat/index.ts';
import { refusalOf } from '../../support/refusal.ts';

const context = { ids: { next: () => 'id' }, clock: { now: () => 0, elapsed: () => 0 } };
const bodyWith = (part: object) => ({
  model: 'gpt-oss-20b',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'What is this?' }, part] }],
});

describe('an attachment in a chat', () => {
  it.each([
    { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
    { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
    { type: 'file', file: { file_data: 'AAAA', filename: 'a.pdf' } },
  ])('becomes a placeholder, or is refused by its place: %j', (part) => {
    const { turn, warnings } = openChat(bodyWith(part), context);
    expect(turn.items).toMatchObject([{ text: expect.stringMatching(/^What is this\?\[\w+ omitted: /) }]);
    expect(warnings).toHaveLength(1);
    const fault = refusalOf(() => openChat(bodyWith(part), { ...context, attachments: 'refuse' }));
    expect(fault.param).toBe(`messages[0].content[1].${part.type}`);
    expect(fault.message).toContain('harmony.attachments');
  });

  it('that is not there is no matter', () => {
    const body = { model: 'gpt-oss-20b', messages: [{ role: 'user', content: 'Hello' }] };
    expect(openChat(body, { ...context, attachments: 'refuse' }).warnings).toEqual([]);
  });
});
