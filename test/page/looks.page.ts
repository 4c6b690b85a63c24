import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect } from 'vitest';
import { call } from '../support/client.ts';
import type { GatewayProcess } from '../support/process.ts';
import { browserTest, ended, openPage, startPageGateway, talk, thinking } from './browser.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startPageGateway({ lifetime: 'file' });
  const ask = (input: string) => call(`${gateway.origin}/v1/responses`, { body: { model: 'gpt-oss-20b', input } });
  await ask('/sim say hello');
  await ask('/sim fail engine_error It gave up.');
});

/** What axe finds wrong, a line each. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return results.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

async function fillPlayground(page: Page): Promise<void> {
  await page.evaluate(() => document.querySelector('details')!.setAttribute('open', ''));
  await page.getByRole('button', { name: 'Insert an example' }).click();
  await talk(page, `/sim think Hm.\n/sim say I look.\n/sim call get_weather {"city": "${'x'.repeat(300)}"}`);
  await page.getByLabel('Result of get_weather').fill('y'.repeat(300));
  await page.getByRole('button', { name: 'Send the result' }).click();
  await ended(page, 2);
  await page.getByLabel('Tools, JSON').fill('{');
  await talkFails(page);
}

async function talkFails(page: Page): Promise<void> {
  await page.getByLabel('Tools, JSON').fill('');
  await talk(page, '/sim fail engine_error It gave up.', 3);
  await page.getByLabel('Tools, JSON').fill('{');
}

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  browserTest('the playground has no fault that axe finds', async () => {
    const page = await openPage(gateway.origin, { colorScheme });
    expect(await faultsOf(page)).toEqual([]);
    await fillPlayground(page);
    for (const tab of ['Events', 'Prefill', 'Request']) {
      await page.getByRole('tab', { name: tab }).click();
      if (tab === 'Prefill') await page.locator('.control').first().waitFor();
      expect([tab, await faultsOf(page)]).toEqual([tab, []]);
    }
  });

  browserTest('the dashboard has no fault that axe finds', async () => {
    const page = await openPage(gateway.origin, { colorScheme, view: 'dashboard' });
    await page.locator('#recent tr').first().waitFor();
    expect(await faultsOf(page)).toEqual([]);
  });

  browserTest('the form for the key has none either', async () => {
    const { origin } = await startPageGateway({ config: { ...thinking, server: { apiKeys: ['a-key'] } } });
    const page = await openPage(origin, { colorScheme, expected: /401/ });
    await page.getByRole('dialog').waitFor();
    expect(await faultsOf(page)).toEqual([]);
  });

  browserTest('it is as the system wants it', async () => {
    const page = await openPage(gateway.origin, { colorScheme });
    const [red] = await groundOf(page);
    expect(colorScheme === 'light' ? red! > 200 : red! < 60).toBe(true);
  });
});

/** The page's background: red, green, blue. */
async function groundOf(page: Page): Promise<number[]> {
  const color = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  return color.match(/[\d.]+/g)!.map(Number);
}

browserTest('the theme that is chosen is kept', async () => {
  const page = await openPage(gateway.origin, { colorScheme: 'light' });
  const button = page.getByRole('button', { name: /^Theme/ });
  await button.click();
  await button.click();
  expect(await button.textContent()).toBe('Theme: dark');
  expect((await groundOf(page))[0]).toBeLessThan(60);
  await page.reload();
  expect((await groundOf(page))[0]).toBeLessThan(60);
  await button.click();
  expect((await groundOf(page))[0]).toBeGreaterThan(200);
});

describe.each([360, 800, 1200])('on a screen %i wide', (width) => {
  browserTest('nothing is wider than it', async () => {
    const page = await openPage(gateway.origin, { viewport: { width, height: 740 } });
    const excess = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    /** Boxes that reach out of what scrolls them up and down. */
    const wide = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('.playground, .dashboard, .pane, .scroll, .tiles, .charts, .entry-answer')]
          .filter((box) => box.clientWidth > 0 && box.scrollWidth > box.clientWidth)
          .map((box) => box.className),
      );
    expect([await excess(), await wide()]).toEqual([0, []]);
    await fillPlayground(page);
    expect([await excess(), await wide()]).toEqual([0, []]);
    await page.getByRole('link', { name: 'Dashboard' }).click();
    await page.locator('#recent tr').first().waitFor();
    expect([await excess(), await wide()]).toEqual([0, []]);
  });
});

browserTest('who skips to the content stays in the view', async () => {
  const page = await openPage(gateway.origin, { view: 'dashboard' });
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await page.locator('#dashboard-view').isVisible()).toBe(true);
});

browserTest('everything can be done with the keyboard alone', async () => {
  const page = await openPage(gateway.origin);
  const focused = () =>
    page.evaluate(() => {
      const { activeElement } = document;
      return activeElement!.id === '' ? activeElement!.textContent : activeElement!.id;
    });
  /** Tabs on until what has the focus is this. */
  const reach = async (what: string): Promise<void> => {
    for (let steps = 0; (await focused()) !== what; steps++) {
      expect(steps, `${what} can't be reached`).toBeLessThan(60);
      await page.keyboard.press('Tab');
    }
  };
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('skip');
  await page.keyboard.press('Enter');
  expect(await focused()).toBe('main');
  await reach('tools-example');
  await page.keyboard.press('Enter');
  await reach('draft');
  await page.keyboard.type('/sim call get_weather {{}');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Backspace');
  await page.keyboard.type('}');
  await page.keyboard.press('Enter');
  await ended(page);
  // Where there is something to fill in, the focus is there already.
  expect(await focused()).toMatch(/^result-call_/);
  await page.keyboard.type('sunny');
  await reach('Send the result');
  await page.keyboard.press('Space');
  expect(await ended(page, 2)).toContain('sunny');
  await reach('tab-request');
  await page.keyboard.press('ArrowRight');
  expect(await focused()).toBe('tab-prefill');
  await page.locator('.control').first().waitFor();
  await page.keyboard.press('End');
  expect(await page.locator('#panel-events').isVisible()).toBe(true);
  await page.keyboard.press('Home');
  expect(await page.locator('#panel-request').isVisible()).toBe(true);
});
