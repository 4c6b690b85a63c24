import type {
  DeveloperContent,
  HarmonyContent,
  HarmonyMessage,
  HarmonyRole,
  SystemContent,
  ToolNamespace,
} from '../harmony/message.ts';

type Json = { readonly [key: string]: unknown };

/**
 * The messages of a conversation in JSON as openai_harmony writes it: contents are a text, or parts of the types
 * `text`, `system_content` and `developer_content`.
 *
 * @throws Error when the text is no JSON object with `messages`.
 */
export function messagesOfJson(text: string): HarmonyMessage[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new Error('harmony render failed: the conversation is not JSON', { cause });
  }
  const messages = isObject(parsed) ? parsed['messages'] : undefined;
  if (!Array.isArray(messages)) throw new Error('harmony render failed: the conversation has no messages');
  return messages.filter(isObject).map(toMessage);
}

function toMessage(message: Json): HarmonyMessage {
  const content = message['content'];
  return {
    role: roleOf(message['role']),
    name: text(message['name']),
    recipient: text(message['recipient']),
    channel: text(message['channel']),
    contentType: text(message['content_type']),
    content: typeof content === 'string' ? [{ type: 'text', text: content }] : objects(content).flatMap(toContent),
  };
}

function toContent(part: Json): HarmonyContent[] {
  switch (part['type']) {
    case 'text':
      return [{ type: 'text', text: text(part['text']) ?? '' }];
    case 'system_content':
      return [{ type: 'system', system: toSystem(part) }];
    case 'developer_content':
      return [{ type: 'developer', developer: toDeveloper(part) }];
    default:
      return [];
  }
}

function toSystem(part: Json): SystemContent {
  const effort = text(part['reasoning_effort'])?.toLowerCase();
  const channels = part['channel_config'];
  return {
    modelIdentity: text(part['model_identity']),
    reasoningEffort: effort === 'low' || effort === 'medium' || effort === 'high' ? effort : null,
    conversationStartDate: text(part['conversation_start_date']),
    knowledgeCutoff: text(part['knowledge_cutoff']),
    channels: isObject(channels)
      ? {
          valid: Array.isArray(channels['valid_channels']) ? channels['valid_channels'].map(String) : [],
          required: channels['channel_required'] === true,
        }
      : null,
    tools: toNamespaces(part['tools']),
  };
}

function toDeveloper(part: Json): DeveloperContent {
  return { instructions: text(part['instructions']), tools: toNamespaces(part['tools']) };
}

function toNamespaces(value: unknown): ToolNamespace[] {
  if (!isObject(value)) return [];
  return Object.values(value)
    .filter(isObject)
    .map((namespace) => ({
      name: text(namespace['name']) ?? '',
      description: text(namespace['description']),
      tools: objects(namespace['tools']).map((tool) => ({
        name: text(tool['name']) ?? '',
        description: text(tool['description']) ?? '',
        parameters: isObject(tool['parameters']) ? tool['parameters'] : null,
      })),
    }));
}

/** What names no role of Harmony's is the user's. */
function roleOf(value: unknown): HarmonyRole {
  return value === 'system' || value === 'developer' || value === 'assistant' || value === 'tool' ? value : 'user';
}

function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
