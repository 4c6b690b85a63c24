import { join } from 'node:path';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { startGateway, temporaryDirectory } from '../support/process.ts';

/** `KILLS=100` is the long form: `npm run test:kill`. */
const kills = Number(process.env['KILLS'] ?? 2);
const model = 'gpt-oss-20b';
/** Clients that write at once. */
const writers = 4;

/** What a client was told that it is kept. */
type Acknowledged = {
  readonly responses: string[];
  readonly completions: string[];
  /** By their conversation. */
  readonly items: Map<string, string[]>;
};

/** Writes in every way there is, one after another, until the gateway is gone; `told` is called after each. */
async function write(client: OpenAI, seen: Acknowledged, told: () => void): Promise<void> {
  const { id: conversation } = await client.conversations.create();
  const items: string[] = [];
  seen.items.set(conversation, items);
  const text = (length: number) => `/sim say ${'x'.repeat(length)}`;
  let previous: string | null = null;
  for (let count = 1; ; count++) {
    const input = text((count * 7919) % 3000);
    const made: OpenAI.Responses.Response = await client.responses.create({
      model,
      input,
      previous_response_id: previous,
    });
    previous = made.id;
    seen.responses.push(previous);
    told();
    for await (const event of await client.responses.create({ model, input, conversation, stream: true })) {
      if (event.type !== 'response.completed') continue;
      seen.responses.push(event.response.id);
      items.push(event.response.output[0]!.id!);
      told();
    }
    const { data } = await client.conversations.items.create(conversation, {
      items: [{ type: 'message', role: 'user', content: input }],
    });
    items.push(data[0]!.id!);
    told();
    const completion = await client.chat.completions.create({
      model,
      messages: [{ role: 'user', content: input }],
      store: true,
    });
    seen.completions.push(completion.id);
    told();
  }
}

test(
  `a gateway that is killed ${kills} times while it writes loses nothing of what it has acknowledged`,
  async () => {
    const config = { store: { path: join(temporaryDirectory('test'), 'store.db') }, log: { level: 'error' } };
    const clientOf = ({ origin }: { origin: string }) =>
      new OpenAI({ baseURL: `${origin}/v1`, apiKey: 'none', maxRetries: 0 });
    const seen: Acknowledged = { responses: [], completions: [], items: new Map() };

    for (let round = 0; round < kills; round++) {
      const gateway = await startGateway({ config });
      let told = 0;
      const writing = Array.from({ length: writers }, () =>
        write(clientOf(gateway), seen, () => {
          // Three other writers are in the middle of something then.
          if ((told += 1) === 4 + ((round * 17) % 41)) gateway.kill('SIGKILL');
        }),
      );
      const ends = await Promise.allSettled(writing);
      // They end because the connection does, and for no other reason.
      for (const end of ends) expect((end as PromiseRejectedResult).reason.status).toBeUndefined();
      expect((await gateway.exited).signal).toBe('SIGKILL');
    }

    const gateway = await startGateway({ config });
    const client = clientOf(gateway);
    expect(seen.responses.length).toBeGreaterThan(kills);
    for (const id of seen.responses) {
      const kept = await client.responses.retrieve(id);
      expect(kept.output_text).toMatch(/^x*$/);
      expect((await client.responses.inputItems.list(id)).data).toHaveLength(1);
    }
    for (const id of seen.completions) expect((await client.chat.completions.retrieve(id)).id).toBe(id);
    for (const [conversation, acknowledged] of seen.items) {
      const items = new Set<string>();
      for await (const item of client.conversations.items.list(conversation, { limit: 100 })) items.add(item.id!);
      expect(acknowledged.filter((id) => !items.has(id))).toEqual([]);
    }
    const { responses, completions } = seen;
    console.log(
      `killed ${kills} times: ${responses.length} responses, ${completions.length} chat completions and ${[...seen.items.values()].flat().length} items acknowledged, all there`,
    );
  },
  30_000 + kills * 15_000,
);
