import { readFileSync } from 'node:fs';
import { describeClient } from '../contract.ts';
import type { Subject } from '../contract.ts';
import { aiSdkChat, aiSdkCompatible, aiSdkResponses } from './ai-sdk.ts';
import { agentsChat, agentsResponses } from './agents.ts';
import { langchainChat, langchainResponses } from './langchain.ts';
import { openaiChat, openaiResponses } from './openai.ts';

const openaiErrors = { 'wrong key': 'AuthenticationError', 'bad request': 'BadRequestError' };
const openaiChatErrors = { ...openaiErrors, 'failure in a stream': 'APIError' };
const aiSdkErrors = {
  'wrong key': 'APICallError',
  'bad request': 'APICallError',
  'failure in a stream': 'StreamProviderError',
};

const subjects: readonly Omit<Subject, 'language'>[] = [
  {
    client: 'openai',
    api: 'Responses',
    does: openaiResponses,
    errors: { ...openaiErrors, 'failure in a stream': 'response.failed' },
  },
  { client: 'openai', api: 'Chat Completions', does: openaiChat, errors: openaiChatErrors },
  {
    client: '@ai-sdk/openai',
    api: 'Responses',
    does: aiSdkResponses,
    errors: aiSdkErrors,
  },
  {
    client: '@ai-sdk/openai',
    api: 'Chat Completions',
    does: aiSdkChat,
    errors: aiSdkErrors,
    gaps: { reasoning: 'OpenAI’s Chat Completions have no reasoning; @ai-sdk/openai-compatible reads it' },
  },
  { client: '@ai-sdk/openai-compatible', api: 'Chat Completions', does: aiSdkCompatible, errors: aiSdkErrors },
  {
    client: '@langchain/openai',
    api: 'Responses',
    does: langchainResponses,
    errors: { ...openaiErrors, 'failure in a stream': 'APIError' },
    gaps: { 'failure in a stream': 'it passes `response.failed` over, so that the answer just ends' },
  },
  { client: '@langchain/openai', api: 'Chat Completions', does: langchainChat, errors: openaiChatErrors },
  {
    client: '@openai/agents',
    api: 'Responses',
    does: agentsResponses,
    errors: { ...openaiErrors, 'failure in a stream': 'ModelBehaviorError' },
    gaps: { 'failure in a stream': 'its error says that the response failed, and not why' },
  },
  { client: '@openai/agents', api: 'Chat Completions', does: agentsChat, errors: openaiChatErrors },
];

const { dependencies: versions } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as {
  dependencies: { [name: string]: string };
};

for (const subject of subjects) {
  const { client } = subject;
  describeClient({ ...subject, language: 'JavaScript', client: `${client} ${versions[client]}` });
}
