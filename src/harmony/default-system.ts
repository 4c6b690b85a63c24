import type { SystemContent } from './message.ts';

/** The system message that the reference implementation, and a daemon built on it, writes when it is told nothing. */
export const defaultSystem: SystemContent = {
  modelIdentity: 'You are ChatGPT, a large language model trained by OpenAI.',
  reasoningEffort: 'medium',
  conversationStartDate: null,
  knowledgeCutoff: '2024-06',
  channels: { valid: ['analysis', 'commentary', 'final'], required: true },
  tools: [],
};
