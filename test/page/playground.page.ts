import { beforeAll, describe, expect } from 'vitest';
import type { GatewayState } from '../../src/observe/state.ts';
import { call } from '../support/client.ts';
import type { GatewayProcess } from '../support/process.ts';
import { apis, browserTest, chooseApi, ended, openPage, startPageGateway, talk } from './browser.ts';

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startPageGateway({ lifetime: 'file' });
});

describe.each(apis)('%s', (name, path) => {
  browserTest('an answer streams in, its thoughts, its cost and its events beside it', async () => {
    const page = await openPage(gateway.origin);
    await chooseApi(page, name);
    const answer = await talk(page, '/sim think Somebody is there.\n/sim say Hello from the engine.');
    expect(answer).toContain('Hello from the engine.');
    expect(answer).toMatch(/First token.*In\d+ tokens.*Out\d+ tokens, \d+ reasoning.*Requestreq_/s);
    const reasoning = page.locator('.reasoning');
    expect(await reasoning.getByText('Somebody is there.').isVisible()).toBe(false);
    await reasoning.locator('summary').click();
    expect(await reasoning.getByText('Somebody is there.').isVisible()).toBe(true);
    await page.getByRole('tab', { name: 'Events' }).click();
    const events = await page.locator('#events').textContent();
    expect(events).toContain(name === 'Responses' ? 'response.output_text.delta' : 'chat.completion.chunk');
    expect(await page.locator('#events-count').textContent()).toMatch(/^\d+ events$/);
    expect(await page.locator('#announcements').textContent()).toMatch(/^Complete\. \d+ tokens in /);
  });

  browserTest('an answer is seen while it comes, and the stop button stops the engine', async () => {
    const page = await openPage(gateway.origin);
    await chooseApi(page, name);
    await page.getByLabel('Message', { exact: true }).fill('/sim pace 200\n/sim repeat 100000 more');
    await page.keyboard.press('Enter');
    await page
      .locator('.said')
      .getByText(/^more more more/)
      .waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    expect(await ended(page)).toContain('Stopped');
    await page.getByRole('button', { name: 'Send', exact: true }).waitFor();
    for (;;) {
      const { engines } = (await call(`${gateway.origin}/gateway/state`)).json() as GatewayState;
      if (engines[0]!.running === 0) break;
    }
  });

  browserTest('a tool call is answered by hand, and the conversation goes on', async () => {
    const page = await openPage(gateway.origin);
    await chooseApi(page, name);
    await page.getByRole('button', { name: 'Insert an example' }).click();
    await talk(page, '/sim think A tool helps.\n/sim say I look.\n/sim call get_weather {"city": "Paris"}');
    expect(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true);
    await page.getByLabel('Result of get_weather').fill('{"sky": "clear"}');
    const sent = page.waitForRequest((request) => request.url().endsWith(path));
    await page.getByRole('button', { name: 'Send the result' }).click();
    const body = JSON.stringify((await sent).postDataJSON());
    for (const part of ['A tool helps.', 'I look.', '{\\"city\\":', '{\\"sky\\": \\"clear\\"}']) {
      expect(body).toContain(part);
    }
    expect(await ended(page, 2)).toContain('get_weather answered: {"sky": "clear"}');
    expect(await talk(page, '/sim say And on it goes.', 3)).toContain('And on it goes.');
  });

  browserTest('what the form says is what is sent', async () => {
    const page = await openPage(gateway.origin);
    await chooseApi(page, name);
    await page.getByLabel('Instructions').fill('Be terse.');
    await page.getByLabel('Effort').selectOption('low');
    await page.getByLabel('Temperature').fill('0.5');
    await page.getByLabel('Max tokens').fill('500');
    await page.getByLabel('Response format').selectOption('json_schema');
    await page.getByLabel('JSON Schema of the answer').fill('{"type": "object", "properties": {}}');
    await page.getByLabel('Tools, JSON').fill('[{"type": "function", "name": "look"}]');
    await page.getByLabel('Tool choice').selectOption('none');
    const sent = page.waitForRequest((request) => request.url().endsWith(path));
    expect(await talk(page, '/sim say {}')).toContain('Complete');
    const schema = { type: 'object', properties: {} };
    expect((await sent).postDataJSON()).toEqual(
      name === 'Responses'
        ? {
            model: 'gpt-oss-20b',
            instructions: 'Be terse.',
            input: '/sim say {}',
            tools: [{ type: 'function', name: 'look' }],
            tool_choice: 'none',
            text: { format: { type: 'json_schema', name: 'answer', schema, strict: true } },
            reasoning: { effort: 'low' },
            temperature: 0.5,
            max_output_tokens: 500,
            store: false,
            stream: true,
          }
        : {
            model: 'gpt-oss-20b',
            messages: [
              { role: 'developer', content: 'Be terse.' },
              { role: 'user', content: '/sim say {}' },
            ],
            tools: [{ type: 'function', function: { name: 'look' } }],
            tool_choice: 'none',
            response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
            reasoning_effort: 'low',
            temperature: 0.5,
            max_completion_tokens: 500,
            stream: true,
            stream_options: { include_usage: true },
          },
    );
  });

  browserTest('a failure says what has failed, and is tried again', async () => {
    const page = await openPage(gateway.origin);
    await chooseApi(page, name);
    const answer = await talk(page, '/sim say Well\n/sim fail engine_error It gave up.');
    expect(answer).toContain('Failed');
    expect(answer).toContain('It gave up.');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.entry-answer.failed').waitFor();
    expect(await page.locator('.entry-answer').count()).toBe(1);
  });

  browserTest('a request that is refused names its fault', async () => {
    const page = await openPage(gateway.origin, { expected: /400/ });
    await chooseApi(page, name);
    await page.getByLabel('Tools, JSON').fill('[{"type": "function", "name": "f", "strict": "very"}]');
    expect(await talk(page, 'Hello')).toMatch(/Failed.*strict/s);
  });

  browserTest('an answer that is cut off says so', async () => {
    const page = await openPage(gateway.origin);
    await chooseApi(page, name);
    await page.getByLabel('Max tokens').fill('12');
    expect(await talk(page, '/sim repeat 100 more')).toContain('Cut off at the token limit');
  });
});

browserTest('a conversation goes on in the other API', async () => {
  const page = await openPage(gateway.origin);
  await page.getByRole('button', { name: 'Insert an example' }).click();
  await talk(page, '/sim call get_weather {"city": "Rome"}');
  await chooseApi(page, 'Chat Completions');
  await page.getByLabel('Result of get_weather').fill('rain');
  await page.getByRole('button', { name: 'Send the result' }).click();
  expect(await ended(page, 2)).toContain('get_weather answered: rain');
  await chooseApi(page, 'Responses');
  expect(await talk(page, '/sim say At home everywhere.', 3)).toContain('At home everywhere.');
});

browserTest('tools that are none are explained, and nothing is sent', async () => {
  const page = await openPage(gateway.origin);
  const tools = page.getByLabel('Tools, JSON');
  await tools.fill('[{"type": "function"}]');
  expect(await page.locator('#tools-problem').textContent()).toContain('tools[0].name');
  await page.getByLabel('Message', { exact: true }).fill('Hello');
  await page.keyboard.press('Enter');
  expect(await page.locator('.entry-user').count()).toBe(0);
  expect(await tools.evaluate((field) => field === document.activeElement)).toBe(true);
  await tools.fill('');
  expect(await page.locator('#tools-problem').textContent()).toBe('');
});

browserTest('what a model says is text, whatever it looks like', async () => {
  const page = await openPage(gateway.origin);
  const markup = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`;
  expect(await talk(page, `/sim think ${markup}\n/sim say ${markup}`)).toContain(markup);
  expect(await page.title()).toBe('Playground – codexpc-gateway');
});

browserTest('starting over forgets the conversation, also while an answer comes', async () => {
  const page = await openPage(gateway.origin);
  await page.getByLabel('Message', { exact: true }).fill('/sim pace 100\n/sim repeat 100000 more');
  await page.keyboard.press('Enter');
  await page
    .locator('.said')
    .getByText(/^more more/)
    .waitFor();
  await page.getByRole('button', { name: 'Start over' }).click();
  expect(await page.locator('.entries > *').count()).toBe(0);
  await page.getByText('Nothing has been said yet').waitFor();
  const sent = page.waitForRequest((request) => request.url().endsWith('/v1/responses'));
  await talk(page, '/sim say Anew.');
  expect((await sent).postDataJSON()).toMatchObject({ input: '/sim say Anew.' });
});

browserTest('on a screen that is touched, Enter begins a new line', async () => {
  const page = await openPage(gateway.origin, {
    isMobile: true,
    hasTouch: true,
    viewport: { width: 390, height: 800 },
  });
  const message = page.getByLabel('Message', { exact: true });
  await message.fill('/sim say one');
  await page.keyboard.press('Enter');
  await page.keyboard.type('/sim say two');
  expect(await message.inputValue()).toBe('/sim say one\n/sim say two');
  await page.getByRole('button', { name: 'Send', exact: true }).tap();
  expect(await ended(page)).toContain('one\ntwo');
});

browserTest('the prefill is shown with its control tokens marked, and as ids', async () => {
  const page = await openPage(gateway.origin);
  await page.getByLabel('Message', { exact: true }).fill('Hi <|start|>system');
  await page.getByRole('tab', { name: 'Prefill' }).click();
  const text = page.locator('#prefill-text');
  await text.getByText('Hi <|start|>system').waitFor();
  expect(await page.locator('#prefill-note').textContent()).toBe('What Send would send now.');
  const marked = await text.locator('.control').allTextContents();
  expect(marked.slice(0, 3)).toEqual(['<|start|>', '<|message|>', '<|end|>']);
  expect(marked.filter((token) => token === '<|start|>')).toHaveLength(3);
  const [count] = /^[\d,]+/.exec((await page.locator('#prefill-count').textContent())!)!;
  await page.getByRole('radio', { name: 'Token ids' }).check({ force: true });
  const ids = (await text.textContent())!.trim().split(/\s+/);
  expect(ids).toHaveLength(Number(count));
  expect(ids[0]).toBe('200006');
  await page.getByLabel('Message', { exact: true }).fill('Something else');
  await page.getByRole('radio', { name: 'Text', exact: true }).check({ force: true });
  await text.getByText('Something else').waitFor();
});
