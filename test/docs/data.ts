import { expect } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '../../src/config-schema.ts';
import { readToml } from '../../src/cli/toml-document.ts';
import { loadConfig } from '../../src/config.ts';
import { failures } from '../../src/core/errors.ts';
import { parseScript } from '../../src/simulator/script-schema.ts';
import type { Block } from './documents.ts';

type Fields = { readonly [name: string]: unknown };

/** Paths of the API by the field that only its requests have. */
const paths = { input: '/v1/responses', messages: '/v1/chat/completions', prompt: '/v1/completions' };

/**
 * Reads a block of data, and puts what it can be recognised as to its real reader: the gateway's configuration, a
 * script, a request, an error. Addresses of the gateway must be good ones.
 */
export async function checkData({ language, code }: Block, origin: string, toReal: (text: string) => string) {
  const text = toReal(code);
  for (const [address] of text.matchAll(new RegExp(`${origin.replaceAll('.', '\\.')}[^\\s"'\`]*`, 'g'))) {
    const url = address.endsWith('/v1') ? `${address}/models` : address;
    expect((await fetch(url)).status, url).toBe(200);
  }
  if (language === 'toml') return void readToml(text);
  const value = parse(text, { strict: true, uniqueKeys: true }) as unknown;
  if (language === 'json') JSON.parse(text);
  expect(value).toBeTypeOf('object');
  const fields = value as Fields;
  if ('rules' in fields) parseScript(fields);
  else if ('error' in fields) checkError(fields['error'] as Fields);
  else if ('model' in fields && Object.keys(paths).some((name) => name in fields)) await send(fields, origin);
  else if (language === 'yaml' && Object.keys(fields).every((name) => name in configSchema.shape)) checkConfig(text);
}

function checkError({ code, type, ...rest }: Fields): void {
  const { type: expected } = failures[code as keyof typeof failures];
  expect({ type, fields: Object.keys(rest).toSorted() }).toEqual({ type: expected, fields: ['message', 'param'] });
}

async function send(body: Fields, origin: string): Promise<void> {
  const path = Object.entries(paths).find(([name]) => name in body)![1];
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(origin + path, { method: 'POST', headers, body: JSON.stringify(body) });
  expect([answer.status, answer.status === 200 ? '' : await answer.text()]).toEqual([200, '']);
  await answer.arrayBuffer();
}

function checkConfig(text: string): void {
  const loaded = loadConfig({
    flags: [],
    configFile: 'gateway.yaml',
    environment: {},
    directory: '/',
    readFile: () => text,
  });
  expect('problems' in loaded ? loaded.problems : loaded.warnings).toEqual([]);
}
