import { defaultSystem } from '../../harmony/default-system.ts';
import type { HarmonyContent, HarmonyMessage, SystemContent, ToolNamespace } from '../../harmony/message.ts';
import { declaresFunctions } from '../../harmony/render.ts';
import { developerText, systemText } from '../../harmony/sections.ts';
import { dictionary } from '../../xpc/value.ts';
import type { XpcDictionary } from '../../xpc/value.ts';

/*
 * A conversation for a daemon that renders by itself, in the two forms that it takes. In both it writes a default
 * system message first, whatever it is sent, so of ours only what that one doesn't say is left.
 */

/**
 * The members of `messages`. The daemon begins each system message with the default text, so ours brings the rest of
 * the text that the tokens would have had; other contents come as the texts that they render to.
 */
export function typedMessages(messages: readonly HarmonyMessage[]): XpcDictionary[] {
  const functions = messages.some(({ content }) => content.some(declaresFunctions));
  return messages.map(({ role, name, recipient, channel, contentType, content }) =>
    dictionary({
      role,
      ...present({ name, recipient, channel, content_type: contentType }),
      content: content.map((part) =>
        dictionary({ type: 'text', text: textOf(part, functions).replaceAll('\0', '\ufffd') }),
      ),
    }),
  );
}

/** The text of `harmony_conversation`, in the JSON form of openai_harmony's own serialisation. */
export function conversationJson(messages: readonly HarmonyMessage[]): string {
  const json = JSON.stringify({ messages: messages.flatMap(jsonMessage) });
  // JSON.stringify escapes half a surrogate pair, which the daemon's reader refuses as no character.
  return json.replaceAll(/\\(?:\\|u(d[89a-f][0-9a-f]{2}))/g, (escape, half: string | undefined) =>
    half === undefined ? escape : '\ufffd',
  );
}

function textOf(content: HarmonyContent, functions: boolean): string {
  switch (content.type) {
    case 'text':
      return content.text;
    case 'developer':
      return developerText(content.developer);
    case 'system': {
      const whole = systemText(defaultSystem, functions);
      const aboutTools = whole.slice(systemText(defaultSystem, false).length);
      const rest = systemText(beyondDefault(content.system), functions);
      return rest === '' ? aboutTools : `${aboutTools}\n\n${rest}`;
    }
  }
}

/** What a system message says beyond the default one. The effort can't be said twice, and the channels are the same. */
function beyondDefault(system: SystemContent): SystemContent {
  const unless = (value: string | null, usual: string | null) => (value === usual ? null : value);
  return {
    modelIdentity: unless(system.modelIdentity, defaultSystem.modelIdentity),
    knowledgeCutoff: unless(system.knowledgeCutoff, defaultSystem.knowledgeCutoff),
    conversationStartDate: system.conversationStartDate,
    reasoningEffort: null,
    channels: null,
    tools: system.tools,
  };
}

function jsonMessage({ role, name, recipient, channel, contentType, content }: HarmonyMessage): object[] {
  const parts = content.flatMap(jsonContent);
  if (role === 'system' && parts.length === 0) return [];
  return [{ role, ...present({ name, recipient, channel, content_type: contentType }), content: parts }];
}

function jsonContent(content: HarmonyContent): object[] {
  switch (content.type) {
    case 'text':
      return [{ type: 'text', text: content.text }];
    case 'developer': {
      const { instructions, tools } = content.developer;
      return [{ type: 'developer_content', ...present({ instructions }), tools: namespaces(tools) }];
    }
    case 'system': {
      const system = beyondDefault(content.system);
      if (systemText(system, false) === '') return [];
      return [
        {
          type: 'system_content',
          ...present({
            model_identity: system.modelIdentity,
            knowledge_cutoff: system.knowledgeCutoff,
            conversation_start_date: system.conversationStartDate,
          }),
          tools: namespaces(system.tools),
        },
      ];
    }
  }
}

function namespaces(tools: readonly ToolNamespace[]): { [name: string]: ToolNamespace } {
  return Object.fromEntries(tools.map((namespace) => [namespace.name, namespace]));
}

function present<Key extends string>(fields: { readonly [key in Key]: string | null }): { [key in Key]?: string } {
  const entries = Object.entries<string | null>(fields).filter(([, value]) => value !== null);
  return Object.fromEntries(entries) as { [key in Key]?: string };
}
