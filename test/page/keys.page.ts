import { spawnSync } from 'node:child_process';
import { beforeAll, expect } from 'vitest';
import type { GatewayProcess } from '../support/process.ts';
import { browserTest, openPage, startPageGateway, talk, thinking } from './browser.ts';

const key = 'a-key-that-is-secret';

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startPageGateway({ lifetime: 'file', config: { ...thinking, server: { apiKeys: [key] } } });
});

const open = (view?: 'dashboard') =>
  openPage(gateway.origin, { expected: /401/, ...(view === undefined ? {} : { view }) });

browserTest('a gateway with keys asks for one, and works with it', async () => {
  const page = await open();
  const dialog = page.getByRole('dialog', { name: 'This gateway asks for an API key' });
  await dialog.waitFor();
  await dialog.getByLabel('API key').fill('a-wrong-key');
  await page.keyboard.press('Enter');
  await dialog.getByText('The gateway does not know this key.').waitFor();
  await dialog.getByLabel('API key').fill(key);
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'hidden' });
  expect(await talk(page, '/sim say Welcome.')).toContain('Welcome.');
  await page.getByRole('link', { name: 'Dashboard' }).click();
  await page.locator('#recent tr').first().waitFor();
});

browserTest('the key stays in the tab, and out of all that is shown or copied', async () => {
  const page = await open();
  await page.getByRole('textbox', { name: 'API key' }).fill(key);
  await page.keyboard.press('Enter');
  await page.locator('#model option').waitFor({ state: 'attached' });
  await page.getByLabel('Message', { exact: true }).fill('/sim say Welcome.');
  for (const language of ['curl', 'Python', 'TypeScript', 'Codex']) {
    await page.getByRole('radio', { name: language, exact: true }).check({ force: true });
    const text = (await page.locator('#request-text').textContent())!;
    expect(text).toContain('CODEXPC_API_KEY');
    expect(text).not.toContain(key);
  }
  expect(await page.evaluate(() => ({ ...localStorage }))).toEqual({});
  expect(await page.context().cookies()).toEqual([]);
  expect(page.url()).not.toContain(key);
  await page.reload();
  await page.locator('#model option').waitFor({ state: 'attached' });
  expect(await page.locator('dialog[open]').count()).toBe(0);

  await page.getByLabel('Message', { exact: true }).fill('/sim say Welcome.');
  await page.getByRole('radio', { name: 'curl', exact: true }).check({ force: true });
  const command = (await page.locator('#request-text').textContent())!;
  const env = { ...process.env, CODEXPC_API_KEY: key };
  expect(spawnSync('sh', ['-c', command], { encoding: 'utf8', env }).stdout).toContain('response.completed');
});

browserTest('who has no key sees an explanation and no data', async () => {
  const page = await open('dashboard');
  await page.getByRole('button', { name: 'Not now' }).click();
  expect(await page.getByRole('alert').first().textContent()).toContain('This gateway asks for an API key.');
  expect(await page.locator('.tile').count()).toBe(0);
  await page.getByRole('link', { name: 'Playground' }).click();
  await page.getByRole('button', { name: 'API key' }).click();
  await page.getByRole('dialog').waitFor();
});
