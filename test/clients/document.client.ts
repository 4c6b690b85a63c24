import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { startGateway } from '../support/process.ts';
import type { GatewayProcess } from '../support/process.ts';

/** What a block of docs/clients.md leaves out: its imports. By the name above the block. */
const imports: { readonly [name: string]: string } = {
  '`openai`': "import OpenAI from 'openai';",
  'AI SDK': "import { createOpenAICompatible } from '@ai-sdk/openai-compatible';\nimport { generateText } from 'ai';",
  '`@langchain/openai`': "import { ChatOpenAI } from '@langchain/openai';",
  '`@openai/agents`': "import { Agent, OpenAIProvider, Runner } from '@openai/agents';",
  '`openai`, Python': 'from openai import OpenAI',
  '`openai-agents`': 'from agents import Agent, OpenAIProvider, RunConfig, Runner',
  '`langchain-openai`': 'from langchain_openai import ChatOpenAI',
  '`pydantic-ai`':
    'from pydantic_ai import Agent\nfrom pydantic_ai.models.openai import OpenAIChatModel\nfrom pydantic_ai.providers.openai import OpenAIProvider',
  '`litellm`': 'import litellm',
  '`instructor`':
    'import instructor\nfrom openai import OpenAI\nfrom pydantic import BaseModel\nclass Town(BaseModel):\n    name: str',
};

const text = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8');
const blocks = [...text.matchAll(/^\*\*(.+?)\*\*.*\n\n```(ts|python)\n([^]*?)```/gm)].map(
  ([, name, language, code]) => ({ name: name!, language: language!, code: code! }),
);

describe('the lines of docs/clients.md', () => {
  let gateway: GatewayProcess;
  beforeAll(async () => {
    gateway = await startGateway({ lifetime: 'file' });
  });

  test('are there for every client', () => {
    expect(blocks.map(({ name }) => name).toSorted()).toEqual(Object.keys(imports).toSorted());
  });

  test.for(blocks)('$name: they reach the model', async ({ name, language, code }, { skip }) => {
    const program = `${imports[name]}\n${code.replaceAll('http://127.0.0.1:8642', gateway.origin)}`;
    const turns = () => gateway.log().filter(({ msg }) => msg === 'turn').length;
    const before = turns();
    if (language === 'ts') await run(process.execPath, ['--input-type=module', '-e', program]);
    else {
      const place = inject('pythons')[name === '`instructor`' ? 'requirements-instructor.txt' : 'requirements.txt']!;
      if ('missing' in place) return skip(place.missing);
      await run(place.python, ['-c', program]);
    }
    await gateway.until(() => turns() > before);
    expect(turns()).toBe(before + 1);
  });
});

/** Runs a program to its end, with no way off this machine; rejects when it fails. */
function run(command: string, args: readonly string[]): Promise<void> {
  const cwd = fileURLToPath(new URL('javascript', import.meta.url));
  const child = spawn(command, args, {
    cwd,
    env: {
      PATH: process.env['PATH'],
      HOME: cwd,
      PYTHONDONTWRITEBYTECODE: '1',
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
      HTTPS_PROXY: 'http://127.0.0.1:9',
      NO_PROXY: '127.0.0.1',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 50_000,
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`it ended with ${code}\n${errors}`))));
  });
}
