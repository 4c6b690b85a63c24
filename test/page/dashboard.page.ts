import { expect } from 'vitest';
import { call, openStream } from '../support/client.ts';
import { browserTest, openPage, startPageGateway } from './browser.ts';

const tile = (name: string) => `.tile:has(dt:text-is("${name}"))`;

browserTest('a turn of any client is seen while it runs and when it has ended', async () => {
  const { origin } = await startPageGateway();
  const page = await openPage(origin, { view: 'dashboard' });
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByText('No turn is running.').waitFor();
  await page.locator(tile('Backend: simulator')).getByText('Healthy').waitFor();

  const turn = await openStream(`${origin}/v1/responses`, {
    model: 'gpt-oss-20b',
    input: '/sim pace 50\n/sim think Slowly.\n/sim repeat 100000 more',
    stream: true,
  });
  const waiting = await openStream(`${origin}/v1/chat/completions`, {
    model: 'gpt-oss-20b',
    messages: [{ role: 'user', content: '/sim say hello' }],
    stream: true,
  });
  const first = page.locator('.running li').first();
  await first.getByText(/About \d+ tokens, [\d.]+ tok\/s/).waitFor();
  expect(await first.textContent()).toContain(String(turn.headers['x-request-id']));
  expect(await first.textContent()).toMatch(/First token after/);
  await page.locator('.running li').nth(1).getByText('Queued, came as number 1').waitFor();
  await page.locator(tile('Engine')).getByText('Busy').waitFor();
  await page.locator(tile('Engine')).getByText('1 waiting').waitFor();

  turn.leave();
  expect(await waiting.ended).toBe('whole');
  await page.locator('#recent tr').nth(1).waitFor();
  // Which of them was done with first is not said.
  const rows = (await page.locator('#recent tr').allTextContents()).map((row) => row.slice('00:00:00'.length)).sort();
  expect(rows[0]).toMatch(/^\/v1\/chat\/completions.*stop/);
  expect(rows[1]).toMatch(/^\/v1\/responses.*cancelled/);
  await page.getByText('No turn is running.').waitFor();
  await page.locator(tile('Turns')).getByText('0 failed, 1 cancelled').waitFor();
  expect(await page.locator('.chart').count()).toBe(3);
  expect(await page.getByRole('img', { name: /^Time to first token: median \d/ }).count()).toBe(1);
});

browserTest('errors, repairs and what was reused are summed up', async () => {
  const { origin } = await startPageGateway();
  const ask = (input: string) => call(`${origin}/v1/responses`, { body: { model: 'gpt-oss-20b', input } });
  await ask('/sim say hello');
  await ask('/sim say hello');
  await ask('/sim fail engine_error It gave up.');
  await ask('/sim raw <|channel|>final<|message|>hello<|return|><|return|>');
  const page = await openPage(origin, { view: 'dashboard' });
  await page.locator(tile('Errors')).getByText('engine_error 1').waitFor();
  const reused = await page.locator(`${tile('Prompt tokens reused')} .value`).textContent();
  expect(Number.parseInt(reused!, 10)).toBeGreaterThan(20);
  expect(await page.locator('#recent tr').count()).toBe(4);
  expect(await page.textContent('body')).not.toContain('It gave up.');
});

browserTest('a turn that takes very long does not press all others to the ground', async () => {
  const { origin } = await startPageGateway();
  const ask = (input: string) => call(`${origin}/v1/responses`, { body: { model: 'gpt-oss-20b', input } });
  for (let turn = 0; turn < 20; turn++) await ask('/sim prefill 50\n/sim say hello');
  await ask('/sim prefill 5000\n/sim say hello');
  const page = await openPage(origin, { view: 'dashboard' });
  const chart = page.getByRole('img', { name: /^Time to first token: median .*, most 5\.\d+ s/ });
  await chart.locator('.gap').first().waitFor({ state: 'attached' });
  const heights = await chart
    .locator('.bar:not(.gap)')
    .evaluateAll((found) => found.map((bar) => Number(bar.getAttribute('height'))));
  // As tall as the chart, and no taller.
  expect(Math.max(...heights)).toBe(76);
  // In proportion to the largest it would be one.
  expect(heights.toSorted((one, other) => one - other)[10]).toBeGreaterThan(3);
});

browserTest('it listens only while it is shown', async () => {
  const { origin } = await startPageGateway();
  const page = await openPage(origin);
  const begun = page.waitForRequest(/gateway\/events/);
  await page.getByRole('link', { name: 'Dashboard' }).click();
  await begun;
  await page.getByText('Live', { exact: true }).waitFor();
  const left = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/gateway/events'));
  await page.getByRole('link', { name: 'Playground' }).click();
  await left;
});

browserTest('a gateway that is gone is said to be, and found again when it is back', async () => {
  const { origin, port, kill, exited } = await startPageGateway();
  const page = await openPage(origin, { view: 'dashboard', expected: /ERR_|Failed to load/ });
  await page.getByText('Live', { exact: true }).waitFor();
  kill('SIGTERM');
  await exited;
  await page.getByText(/Trying again/).waitFor();
  await startPageGateway({ args: ['--port', String(port)] });
  await page.getByText('Live', { exact: true }).waitFor();
});
