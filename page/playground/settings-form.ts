import { byId, element } from '../dom.ts';
import { parseSchema } from './json-editor.ts';
import type { Parsed } from './json-editor.ts';
import type { Api, Format, Settings } from './settings.ts';
import { exampleTools, parseTools } from './tools.ts';

export type SettingsForm = {
  /** What the form says; null: something in it is wrong, and marked. */
  read(): Settings | null;
  /** Moves to what is wrong. */
  focusProblem(): void;
  setModels(models: readonly string[]): void;
};

const exampleSchema = JSON.stringify(
  {
    type: 'object',
    properties: { answer: { type: 'string' }, certain: { type: 'boolean' } },
    required: ['answer', 'certain'],
    additionalProperties: false,
  },
  null,
  2,
);

/** `changed` is told whenever the form says something else. */
export function createSettingsForm(changed: () => void): SettingsForm {
  const form = byId('settings', HTMLFormElement);
  const model = byId('model', HTMLSelectElement);
  const instructions = byId('instructions', HTMLTextAreaElement);
  const effort = byId('effort', HTMLSelectElement);
  const temperature = byId('temperature', HTMLInputElement);
  const maxTokens = byId('max-tokens', HTMLInputElement);
  const format = byId('format', HTMLSelectElement);
  const schema = byId('schema', HTMLTextAreaElement);
  const tools = byId('tools', HTMLTextAreaElement);
  const toolChoice = byId('tool-choice', HTMLSelectElement);

  // On a narrow screen the conversation comes first.
  byId('settings-fold', HTMLDetailsElement).open = matchMedia('(min-width: 1181px)').matches;
  schema.value = exampleSchema;
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('input', () => {
    byId('schema-field', HTMLElement).hidden = format.value !== 'json_schema';
    changed();
  });
  byId('tools-example', HTMLButtonElement).addEventListener('click', () => {
    tools.value = exampleTools;
    tools.rows = 12;
    changed();
  });

  function read(): Settings | null {
    const parsedFormat = readFormat();
    const parsedTools = checked(tools, byId('tools-problem', HTMLElement), parseTools(tools.value));
    const numbers = [temperature, maxTokens].map(checkedNumber);
    if (parsedFormat === null || parsedTools === null || numbers.includes(false)) return null;
    return {
      api: new FormData(form).get('api') as Api,
      model: model.value,
      instructions: instructions.value,
      tools: parsedTools,
      toolChoice: toolChoice.value as Settings['toolChoice'],
      format: parsedFormat,
      effort: effort.value === '' ? null : effort.value,
      temperature: temperature.value === '' ? null : temperature.valueAsNumber,
      maxTokens: maxTokens.value === '' ? null : maxTokens.valueAsNumber,
    };
  }

  function readFormat(): Format | null {
    if (format.value !== 'json_schema') return { type: format.value as 'text' | 'json_object' };
    const parsed = checked(schema, byId('schema-problem', HTMLElement), parseSchema(schema.value));
    return parsed === null ? null : { type: 'json_schema', schema: parsed };
  }

  return {
    read,
    focusProblem() {
      byId('settings-fold', HTMLDetailsElement).open = true;
      form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    },
    setModels(models) {
      const chosen = model.value;
      model.replaceChildren(...models.map((id) => element('option', {}, id)));
      if (models.includes(chosen)) model.value = chosen;
    },
  };
}

/** The value that was read; null: it is marked and explained. */
function checked<Value>(field: HTMLElement, problem: HTMLElement, parsed: Parsed<Value>): Value | null {
  const isWrong = 'problem' in parsed;
  mark(field, isWrong);
  const text = isWrong ? parsed.problem : '';
  if (problem.textContent !== text) problem.textContent = text;
  return isWrong ? null : parsed.value;
}

/** The browser knows the bounds; its own message is what the field's title says. */
function checkedNumber(input: HTMLInputElement): boolean {
  mark(input, !input.validity.valid);
  input.title = input.validationMessage;
  return input.validity.valid;
}

function mark(field: HTMLElement, isWrong: boolean): void {
  if (isWrong) field.setAttribute('aria-invalid', 'true');
  else field.removeAttribute('aria-invalid');
}
