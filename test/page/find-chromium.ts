import { spawnSync } from 'node:child_process';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The program to run; null: there is none. */
    chromium: string | null;
  }
}

/** Finds Chromium where CODEXPC_CHROMIUM says it is, or under one of its names on the path; none is installed. */
export default function setup(project: TestProject): void {
  const given = process.env['CODEXPC_CHROMIUM'];
  const names = given === undefined ? ['chromium', 'chromium-browser', 'google-chrome'] : [given];
  const found = names.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore', timeout: 30_000 }).status === 0);
  if (found === undefined) {
    console.error(
      `The tests of the page are skipped: none of ${names.join(', ')} runs here. Install Chromium, or name it in CODEXPC_CHROMIUM.`,
    );
  }
  project.provide('chromium', found === undefined ? null : pathOf(found));
}

function pathOf(name: string): string {
  return name.includes('/') ? name : spawnSync('which', [name], { encoding: 'utf8' }).stdout.trim();
}
