import type { Config } from '../config-decide.ts';
import { codexModels } from '../http/codex-models.ts';
import { keyText, valueText } from './toml-merge.ts';
import type { TomlSetting } from './toml-merge.ts';

/** A setting of Codex's config.toml, for a gateway. */
export type CodexSetting = TomlSetting & {
  /** What it is for; above it, or above its table where it is the first there. */
  readonly comment?: string;
  /** Without it Codex doesn't work with the gateway; the others are advice, for whom Codex is for this gateway alone. */
  readonly needed: boolean;
};

/** What Codex is to know of a gateway. */
export type CodexSetup = {
  readonly model: string;
  readonly baseUrl: string;
  readonly contextWindow: number;
  readonly autoCompactTokenLimit: number;
  readonly settings: readonly CodexSetting[];
  /** The gateway's models as its own list gives them to Codex. */
  readonly catalogue: ReturnType<typeof codexModels>;
};

const provider = 'codexpc';

/** The variable of the environment that has the key of a gateway with keys: it has no place in a file. */
export const keyVariable = 'CODEXPC_API_KEY';

/** @throws Error when a client couldn't know the gateway's address. */
export function codexSetup({ server, models }: Config): CodexSetup {
  if (server.port === 0) {
    throw new Error('server.port is 0, any free port: give the one that Codex is to call, as in --port 8642.');
  }
  const [first] = models;
  const { id: model } = first!;
  const catalogue = codexModels(models);
  const { context_window: contextWindow, auto_compact_token_limit: autoCompactTokenLimit } = catalogue[0]!;
  const baseUrl = `http://${hostOf(server.host)}:${server.port}/v1`;
  const key: readonly [string, readonly string[]] =
    server.apiKeys.length > 0 ? ['printenv', [keyVariable]] : ['echo', ['unused']];
  const root = (key: string, value: TomlSetting['value'], needed: boolean, comment?: string): CodexSetting => ({
    table: [],
    key,
    value,
    needed,
    ...(comment === undefined ? {} : { comment }),
  });
  const table = ['model_providers', provider];
  const auth = [...table, 'auth'];
  const settings: CodexSetting[] = [
    root(
      'model',
      model,
      true,
      'A name of the model as the gateway has it, so that Codex finds it in the gateway’s list.',
    ),
    root('model_provider', provider, true),
    root('model_context_window', contextWindow, true, 'As in that list; they count when Codex can’t read it.'),
    root('model_auto_compact_token_limit', autoCompactTokenLimit, true),
    root('web_search', 'disabled', false, 'OpenAI’s servers would do the searching; here there is nobody to do it.'),
    root('check_for_update_on_startup', false, false, 'Nothing but the gateway is called.'),
    {
      table,
      key: 'name',
      value: provider,
      needed: true,
      comment: 'Any name but "OpenAI", which stands for things that only OpenAI’s servers do.',
    },
    { table, key: 'base_url', value: baseUrl, needed: true },
    { table, key: 'wire_api', value: 'responses', needed: true },
    {
      table: auth,
      key: 'command',
      value: key[0],
      needed: true,
      comment: 'What this command prints is sent as the API key. A provider that has one is asked for its models.',
    },
    { table: auth, key: 'args', value: key[1], needed: true },
    { table: ['analytics'], key: 'enabled', value: false, needed: false },
    { table: ['features'], key: 'plugins', value: false, needed: false },
    {
      table: ['features'],
      key: 'goals',
      value: false,
      needed: false,
      comment:
        'Tools for goals and sub-agents are half of the first prompt, which has to be read before the first answer.',
    },
    { table: ['agents'], key: 'enabled', value: false, needed: false },
    {
      table: ['skills', 'bundled'],
      key: 'enabled',
      value: false,
      needed: false,
      comment: 'About OpenAI’s own products.',
    },
  ];
  return { model, baseUrl, contextWindow, autoCompactTokenLimit, settings, catalogue };
}

/** A whole config.toml of these settings. */
export function codexConfigText(settings: readonly CodexSetting[]): string {
  let table = '';
  let text = '';
  for (const setting of settings) {
    const name = setting.table.map(keyText).join('.');
    const comment = setting.comment === undefined ? '' : `# ${setting.comment}\n`;
    if (name !== table) text += `\n${comment}[${name}]\n`;
    else text += (comment !== '' && text !== '' ? '\n' : '') + comment;
    text += `${keyText(setting.key)} = ${valueText(setting.value)}\n`;
    table = name;
  }
  return text;
}

/** An address that is listened on may stand for all; a client on this machine calls the loopback one then. */
function hostOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
