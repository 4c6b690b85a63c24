import type OpenAI from 'openai';
import { expect, test } from 'vitest';
import { call } from '../support/client.ts';
import { model, startStateGateway } from './state-gateway.ts';

const { client, url, prompts } = await startStateGateway('file', { settings: 'simulator: { output: tokens }' });
const include: OpenAI.Responses.ResponseIncludable[] = ['reasoning.encrypted_content'];
const thinking = '/sim think The river is deep.\n/sim say Careful.';

type Reasoning = OpenAI.Responses.ResponseReasoningItem;
const isReasoning = (item: { readonly type?: string | null }): item is Reasoning => item.type === 'reasoning';

/** The reasoning goes back to the model from its seal alone. */
async function expectReadable({ id, encrypted_content }: Reasoning): Promise<void> {
  expect(encrypted_content).toMatch(/^cg1\./);
  const input: OpenAI.Responses.ResponseInput = [
    { role: 'user', content: 'Look.' },
    { type: 'reasoning', id, summary: [], encrypted_content: encrypted_content! },
    { type: 'function_call', call_id: 'call_1', name: 'look', arguments: '{}' },
    { type: 'function_call_output', call_id: 'call_1', output: 'Deep.' },
  ];
  await client.responses.create({ model, input, store: false });
  expect(prompts().at(-1)).toContain('<|channel|>analysis<|message|>The river is deep.<|end|>');
}

test.each([null, 'auto'] as const)(
  'a response that was stored without is shown with sealed reasoning: summary %s',
  async (summary) => {
    const made = await client.responses.create({ model, input: thinking, reasoning: { summary } });
    expect(made.output.find(isReasoning)).not.toHaveProperty('encrypted_content');
    expect(await client.responses.retrieve(made.id)).toEqual(made);
    const shown = await client.responses.retrieve(made.id, { include });
    await expectReadable(shown.output.find(isReasoning)!);
    expect(shown.output.map((item) => ({ ...item, encrypted_content: 0 }))).toEqual(
      made.output.map((item) => ({ ...item, encrypted_content: 0 })),
    );
  },
);

test('what was sealed when it was made stays as it was', async () => {
  const made = await client.responses.create({ model, input: thinking, include });
  expect(await client.responses.retrieve(made.id, { include })).toEqual(made);
});

test('so are the items of an input, and of a conversation', async () => {
  const reasoning = {
    type: 'reasoning' as const,
    id: 'rs_1',
    summary: [],
    content: [{ type: 'reasoning_text' as const, text: 'The river is deep.' }],
  };
  const items: OpenAI.Responses.ResponseInputItem[] = [{ role: 'user', content: 'Hi.' }, reasoning];
  const { id } = await client.responses.create({ model, input: items });
  const page = await client.responses.inputItems.list(id, { include });
  await expectReadable(page.data.find(isReasoning)!);

  const { id: conversation } = await client.conversations.create();
  const added = await client.conversations.items.create(conversation, { items, include });
  await expectReadable(added.data.find(isReasoning)!);
  const listed = await client.conversations.items.list(conversation, { include });
  await expectReadable(listed.data.find(isReasoning)!);
  const one = await client.conversations.items.retrieve('rs_1', { conversation_id: conversation, include });
  await expectReadable(one as Reasoning);
  expect(await client.conversations.items.retrieve('rs_1', { conversation_id: conversation })).not.toHaveProperty(
    'encrypted_content',
  );
});

test.each(['include[]=other', 'include=', 'include[]=', 'include[]=a&include[]=b'])(
  '%s changes nothing',
  async (query) => {
    const { id } = await client.responses.create({ model, input: thinking });
    const plain = await call(`${url}/v1/responses/${id}`);
    expect((await call(`${url}/v1/responses/${id}?${query}`)).text).toBe(plain.text);
  },
);
