import { describe, expect, it } from 'vitest';
import { responsesRequest } from '../../../src/dialects/responses/schema.ts';
import { responsesFields } from '../../../src/dialects/responses/support.ts';
import { refusalOf } from '../../support/refusal.ts';
import { propertiesOf } from '../../support/sdk-declarations.ts';
import { open, question } from './turns.ts';

const responses = 'resources/responses/responses.d.ts';
const fields = responsesFields.map(({ field }) => field);

describe('the support table of Responses', () => {
  it("has every field of the SDK's request", () => {
    const properties = [...propertiesOf(responses, 'ResponseCreateParamsBase'), 'stream'];
    expect(properties.length).toBeGreaterThan(30);
    for (const property of properties) expect(fields).toContain(property);
  });

  it.each([
    ['reasoning', 'resources/shared.d.ts', 'Reasoning'],
    ['text', responses, 'ResponseTextConfig'],
    ['prompt_cache_options', responses, 'PromptCacheOptions'],
    ['background_options', responses, 'BackgroundOptions'],
    ['stream_options', responses, 'StreamOptions'],
  ])("has every field of the SDK's %s", (parent, file, name) => {
    const properties = propertiesOf(file, name);
    expect(properties.length).toBeGreaterThan(0);
    for (const property of properties) expect(fields).toContain(`${parent}.${property}`);
  });

  it('has each field once', () => {
    expect(new Set(fields).size).toBe(fields.length);
  });

  it('gives a reason for every field that is not honoured', () => {
    for (const { support, note } of responsesFields) if (support !== 'honoured') expect(note).not.toBe('');
  });

  it('has every field that the schema reads', () => {
    for (const field of Object.keys(responsesRequest.shape)) expect(fields).toContain(field);
  });

  it('is what refuses', () => {
    for (const { field, neutral } of responsesFields.filter(({ support }) => support === 'refused')) {
      const [parent, child] = field.split('.');
      const bodyWith = (value: unknown) => ({
        ...question,
        [parent!]: child === undefined ? value : { [child]: value },
      });
      expect(refusalOf(() => open(bodyWith('something'))).param).toBe(field);
      for (const value of [null, ...(neutral ?? [])]) expect(open(bodyWith(value)).warnings).toEqual([]);
    }
  });
});
