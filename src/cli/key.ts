import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';
import { hashOfKey } from '../config-keys.ts';

/** What clients take for a key of OpenAI's form. */
const prefix = 'sk-codexpc-';
const randomLength = 32;

export type NewKey = {
  /** null: the configuration file needs none. */
  readonly name: string | null;
  readonly key: string;
  readonly hash: string;
};

/** Prints a new key, which is kept nowhere, and what the configuration file needs to know of it. */
export function key(
  { name, json }: { readonly name: string | null; readonly json: boolean },
  print: (text: string) => void,
) {
  const made = createKey(name);
  print(json ? `${JSON.stringify(made)}\n` : keyText(made));
}

function createKey(name: string | null): NewKey {
  const key = prefix + randomBytes(randomLength).toString('base64url');
  return { name, key, hash: hashOfKey(key) };
}

function keyText({ name, key, hash }: NewKey): string {
  const entry = name === null ? hash : { name, key: hash };
  return [
    `The key, which is shown this once, for the client:`,
    ``,
    `  ${key}`,
    ``,
    `Its hash, for the configuration file:`,
    ``,
    ...stringify({ server: { apiKeys: [entry] } }, { lineWidth: 0 })
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
    ``,
    `A gateway that runs reads its file again at SIGHUP.`,
    ``,
  ].join('\n');
}
