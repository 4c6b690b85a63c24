import { describe, expect, test } from 'vitest';
import { createEncoding } from '../../src/harmony/encoding.ts';
import { endWith } from '../support/cleanup.ts';
import { startGateway } from '../support/gateway.ts';
import { memoryStore } from '../support/memory-store.ts';
import { checkResponseObject, checkResponseStream } from '../support/response-grammar.ts';
import { complianceCases, complianceScript } from './cases.ts';
import { runCompliance } from './run.ts';

const encoding = createEncoding();

describe.each(['classic', 'tokens'])('the compliance cases of Open Responses, daemon output %s', async (output) => {
  const store = await memoryStore();
  endWith('file', store.close);
  const gateway = await startGateway({
    encoding,
    store,
    script: complianceScript,
    settings: `simulator: { output: ${output} }`,
  });
  endWith('file', gateway.close);

  test.each(complianceCases)('$id', async (each) => {
    const answers = await runCompliance(gateway.url, each);
    for (const { events, response } of answers) {
      if (each.stream) checkResponseStream(events);
      checkResponseObject({ ...response });
      expect(response.status).toBe('completed');
    }
    const { response, events } = answers.at(-1)!;
    expect(response.output.map(({ type }) => type)).toContain(each.item);
    if (!each.stream) return;
    const types = events.map(({ event }) => event);
    const text = each.item === 'message' ? 'output_text' : 'function_call_arguments';
    for (const step of [`${text}.delta`, `${text}.done`, 'output_item.added', 'output_item.done']) {
      expect(types).toContain(`response.${step}`);
    }
  });
});
