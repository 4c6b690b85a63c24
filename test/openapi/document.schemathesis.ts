import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { installPython } from '../support/python.ts';
import { startGateway, temporaryDirectory } from '../support/process.ts';
import type { GatewaySettings } from '../support/process.ts';

const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
const installed = installPython(requirements, 'schemathesis');

/** Checks that don't hold here, each with its reason. */
const excluded = [
  // A body may fit the schema and make no sense: an output without its call, a model that is not served.
  'positive_data_acceptance',
  // `/v1/responses/input_tokens` is a response of that id as well, for GET and DELETE.
  'allow_header_conformance',
];

// A stream without an end is waited for in vain.
const flags =
  `--exclude-path /gateway/events --exclude-checks ${excluded.join(',')} --phases examples,coverage,fuzzing --max-examples 25 --seed 1 --request-timeout 30 --continue-on-failure --no-color`.split(
    ' ',
  );

type Setting = {
  readonly what: string;
  readonly config: GatewaySettings['config'] & {};
  readonly flags: readonly string[];
};

const settings: readonly Setting[] = [
  { what: 'an open gateway', config: { simulator: { output: 'tokens' } }, flags: [] },
  { what: 'one with keys', config: { server: { apiKeys: ['key'] } }, flags: ['-H', 'Authorization: Bearer key'] },
];

test.skipIf('missing' in installed).each(settings)(
  'schemathesis finds nothing in $what that its document does not say',
  async ({ config, flags: own }) => {
    const gateway = await startGateway({ config });
    const program = join(dirname((installed as { python: string }).python), 'st');
    const { code, output } = await runProgram(program, ['run', `${gateway.origin}/openapi.json`, ...flags, ...own]);
    expect(code, output).toBe(0);
    expect(gateway.log().filter(({ level }) => level >= 50)).toEqual([]);
  },
);

function runProgram(program: string, args: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: temporaryDirectory('test'), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
