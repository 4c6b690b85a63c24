import type { ApiClient } from './api-clients.ts';
import type { Step } from './conversations.ts';
import { randomText } from './random-text.ts';
import type { Random } from './random.ts';
import type { Said } from './scripted-engine.ts';

export const call = (recipient: string, input: string): Said => ({ recipient, input });
export const final = (text: string): Said => ({ channel: 'final', text });
const analysis = (text: string): Said => ({ channel: 'analysis', text });
const preamble = (text: string): Said => ({ channel: 'commentary', text });

/** A text that anybody could say: words, and now and then what tokenisers trip over. */
export function text(random: Random): string {
  const sentence = () => random.list(2, 14, () => random.pick(words)).join(' ');
  return random.chance(0.2) ? `${sentence()} ${randomText(random)}` : `${sentence()}.`;
}

export const words =
  'the build fails when a header is parsed twice src/main.ts line 42 throws because nothing reads it later `npm test` says so we should look at gestern'.split(
    ' ',
  );

/** JSON with the blanks that a model may write. */
function looseJson(random: Random, value: Record<string, unknown>): string {
  return random.pick([JSON.stringify(value), JSON.stringify(value, null, 1), JSON.stringify(value).replace(':', ': ')]);
}

const parameters = {
  type: 'object',
  properties: { cmd: { type: 'string', description: 'What to run.' }, n: { type: 'integer' } },
  required: ['cmd'],
};
export const shell = { name: 'exec_command', description: 'Runs a command.', parameters, strict: false };
const look = { name: 'view_image', description: 'Looks at an image.', parameters: { type: 'object', properties: {} } };
export const responsesTools = [
  { type: 'function', ...shell },
  { type: 'function', ...look },
  { type: 'custom', name: 'apply_patch', description: 'Changes files.', format: patchGrammar('responses') },
  {
    type: 'namespace',
    name: 'mcp__docs',
    description: 'Documentation',
    tools: [{ type: 'function', name: 'search', description: 'Searches.', parameters }],
  },
  { type: 'web_search' },
];
export const chatTools = [
  { type: 'function', function: shell },
  { type: 'function', function: look },
  { type: 'custom', custom: { name: 'apply_patch', description: 'Changes files.', format: patchGrammar('chat') } },
];

function patchGrammar(api: 'responses' | 'chat') {
  const grammar = { syntax: 'lark', definition: 'start: "*** Begin Patch" /(.|\\n)*/' };
  return api === 'responses' ? { type: 'grammar', ...grammar } : { type: 'grammar', grammar };
}

const schema = { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'] };
export const responseFormat = (name: string, strict = false) => ({
  format: { type: 'json_schema', name, schema, strict },
});
export const jsonAnswer = (random: Random) => final(JSON.stringify({ answer: text(random) }));

/** A call as the model may write it, of any tool that is declared under these recipients. */
function anyCall(random: Random, recipients: readonly string[]): Said {
  const recipient = random.pick(recipients);
  if (recipient.endsWith('apply_patch')) {
    return call(recipient, looseJson(random, { input: `*** Begin Patch\n+"${text(random)}"\n*** End Patch` }));
  }
  return call(recipient, looseJson(random, { cmd: text(random), n: random.below(1000) }));
}

export const alone = ['functions.exec_command', 'functions.apply_patch'];
export const withNamespaces = [...alone, 'functions.mcp__docs__search'];

type Talk = {
  readonly fields: object;
  readonly recipients?: readonly string[];
  readonly developer?: number;
  readonly answer?: (random: Random) => Said;
  /** Probability of a thought before something is said; absent: it mostly thinks. */
  readonly thinks?: number;
  readonly preambles?: number;
  readonly client?: number;
};

/** Someone asks, the model calls some tools and answers; some times over. */
export function talk(random: Random, options: Talk): Step[] {
  const { fields, recipients = [], developer = 0, answer, thinks = 0.8, preambles = 0.4, client = 0 } = options;
  const steps: Step[] = [];
  const thought = () => (random.chance(thinks) ? [analysis(text(random))] : []);
  const exchanges = 2 + random.below(3);
  for (let exchange = 0; exchange < exchanges; exchange += 1) {
    const question = text(random);
    const note = random.chance(developer) ? text(random) : null;
    let before = (asking: ApiClient): void => {
      asking.say('user', question);
      if (note !== null) asking.say('developer', note);
    };
    const calls = recipients.length === 0 ? 0 : random.below(4);
    for (let each = 0; each < calls; each += 1) {
      const said = [...thought()];
      if (random.chance(preambles)) said.push(preamble(text(random)), ...(random.chance(0.2) ? thought() : []));
      steps.push({ client, before, fields, scripts: [[...said, anyCall(random, recipients)]] });
      const output = text(random);
      const warning = random.chance(developer / 2) ? text(random) : null;
      before = (asking) => {
        asking.answerCalls(output);
        if (warning !== null) asking.say('developer', warning);
      };
    }
    const last = answer === undefined ? final(text(random)) : answer(random);
    steps.push({ client, before, fields, scripts: [[...thought(), last]] });
  }
  return steps;
}

/** The conversation's first words are put in front of its first step. */
export function opening(steps: readonly Step[], open: (client: ApiClient) => void): Step[] {
  return steps.map((step, index) =>
    index > 0
      ? step
      : {
          ...step,
          before(client) {
            open(client);
            step.before(client);
          },
        },
  );
}
