import {
  copyFileSync,
  constants,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../config-decide.ts';
import { codexConfigText, codexSetup, keyVariable } from './codex-settings.ts';
import type { CodexSetup } from './codex-settings.ts';
import { mergeToml } from './toml-merge.ts';

export type CodexOptions = {
  /** Merge into Codex's config.toml. */
  readonly write: boolean;
  readonly json: boolean;
  /** Codex's directory; null: that of `CODEX_HOME`, else `~/.codex`. */
  readonly home: string | null;
};

/**
 * Prints what Codex has to know of the gateway that has this configuration, and writes it into Codex's own config.toml
 * when asked to: a copy of that file as it was is kept beside it.
 *
 * @throws Error when the file can't be changed; it is as it was then.
 */
export function codex(config: Config, { write, json, home }: CodexOptions, print: (text: string) => void): void {
  const setup = codexSetup(config);
  const directory = resolve(home ?? (process.env['CODEX_HOME'] || join(homedir(), '.codex')));
  const file = join(directory, 'config.toml');
  const written = write ? writeConfig(file, setup) : null;
  const usesKey = config.server.apiKeys.length > 0;
  if (json) print(`${JSON.stringify(report(setup, file, written), null, 2)}\n`);
  else print(written === null ? printedText(setup, file, usesKey) : writtenText(setup, file, written, usesKey));
}

/** `backup`: the copy of what was there before; null: nothing was. */
type Written = { readonly changed: boolean; readonly backup: string | null };

function writeConfig(file: string, { settings }: CodexSetup): Written {
  const before = readIfThere(file);
  const needed = settings.filter((setting) => setting.needed);
  let after: string;
  try {
    after = before === null ? codexConfigText(needed) : mergeToml(before, needed);
  } catch (error) {
    throw new Error(`${file} was left as it is: ${(error as Error).message}`, { cause: error });
  }
  if (after === before) return { changed: false, backup: null };
  mkdirSync(dirname(file), { recursive: true });
  // Who keeps it elsewhere, behind a link, finds it changed there.
  const place = before === null ? file : realpathSync(file);
  const backup = before === null ? null : keepCopy(place, file);
  const draft = `${place}.${process.pid}.new`;
  try {
    writeFileSync(draft, after, {
      flag: 'wx',
      mode: before === null ? 0o600 : statSync(place).mode & 0o777,
      flush: true,
    });
    renameSync(draft, place);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  return { changed: true, backup };
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Copies a file to the first free name beside `file`. */
function keepCopy(place: string, file: string): string {
  for (let count = 0; ; count++) {
    const backup = `${file}.bak${count === 0 ? '' : count}`;
    try {
      copyFileSync(place, backup, constants.COPYFILE_EXCL);
      return backup;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function report({ settings, catalogue, ...setup }: CodexSetup, file: string, written: Written | null) {
  return {
    file,
    ...setup,
    settings: settings.map(({ table, key, value, needed }) => ({ key: [...table, key].join('.'), value, needed })),
    toml: codexConfigText(settings),
    models: catalogue,
    written: written === null ? null : { changed: written.changed, backup: written.backup },
  };
}

function printedText(setup: CodexSetup, file: string, usesKey: boolean): string {
  return [
    `# Codex with the gateway at ${setup.baseUrl}. This goes into ${file};`,
    `# --write puts the part that is needed there: all up to [analytics], but for web_search and updates.`,
    ...limitsText(setup).map((line) => `# ${line}`),
    ...(usesKey ? [`# The gateway has keys: export ${keyVariable}=KEY before you start Codex.`] : []),
    '',
    codexConfigText(setup.settings),
  ].join('\n');
}

function writtenText(setup: CodexSetup, file: string, { changed, backup }: Written, usesKey: boolean): string {
  const done = changed ? `${file} is set up for the gateway at ${setup.baseUrl}.` : `${file} was right already.`;
  return [
    done,
    ...(backup === null ? [] : [`As it was before, it is in ${backup}.`]),
    ...limitsText(setup),
    ...(usesKey ? [`The gateway has keys: export ${keyVariable}=KEY before you start Codex.`] : []),
    '',
  ].join('\n');
}

function limitsText({ model, contextWindow, autoCompactTokenLimit }: CodexSetup): string[] {
  return [`Codex will use ${model}: ${contextWindow} tokens of context, summed up at ${autoCompactTokenLimit}.`];
}
