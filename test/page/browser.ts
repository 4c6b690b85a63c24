import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterEach, beforeAll, expect, inject, test } from 'vitest';
import { endWith } from '../support/cleanup.ts';
import { startGateway } from '../support/process.ts';
import type { GatewayProcess, GatewaySettings } from '../support/process.ts';

const program = inject('chromium');
let browser: Browser;
/** What the browser complained of: errors of scripts, of the policy, of loading. */
let complaints: string[] = [];

beforeAll(async () => {
  if (program === null) return;
  // As root, as in a container, Chromium has no sandbox.
  browser = await chromium.launch({ executablePath: program, chromiumSandbox: process.getuid?.() !== 0 });
  endWith('file', () => browser.close());
});

afterEach(() => {
  expect(complaints.splice(0)).toEqual([]);
});

/** A test that needs a browser. */
export const browserTest = test.skipIf(program === null);

export const thinking = { simulator: { output: 'tokens' }, log: { level: 'error' } };

/** A gateway whose simulator sends its thoughts too. */
export function startPageGateway(settings: GatewaySettings = {}): Promise<GatewayProcess> {
  return startGateway({ config: thinking, ...settings });
}

export type OpenPage = BrowserContextOptions & {
  /** The view. */
  readonly view?: 'playground' | 'dashboard';
  /** What the browser may complain of. */
  readonly expected?: RegExp;
};

/** Opens the page as somebody who has never been there; when it has started, unless it asks for a key. */
export async function openPage(origin: string, options: OpenPage = {}): Promise<Page> {
  const { view = 'playground', expected, ...settings } = options;
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...settings });
  endWith('test', () => context.close());
  const page = await context.newPage();
  const complain = (what: string) => {
    if (expected?.test(what) !== true) complaints.push(what);
  };
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complain(message.text());
  });
  page.on('pageerror', (error) => complain(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) complain(`asked for ${request.url()}`);
  });
  await page.goto(`${origin}/#${view}`);
  await page.locator('#model option, #key-dialog[open]').first().waitFor({ state: 'attached' });
  return page;
}

/** Sends a message and waits for the end of its answer, the `count`th; what it shows. */
export async function talk(page: Page, text: string, count = 1): Promise<string> {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  return ended(page, count);
}

export async function ended(page: Page, count = 1): Promise<string> {
  const answer = page.locator('.entry-answer').nth(count - 1);
  await answer.locator('.figures').waitFor();
  return (await answer.textContent())!;
}

export const apis = [
  ['Responses', '/v1/responses'],
  ['Chat Completions', '/v1/chat/completions'],
] as const;

export async function chooseApi(page: Page, name: string): Promise<void> {
  await page.getByRole('radio', { name, exact: true }).check({ force: true });
}
