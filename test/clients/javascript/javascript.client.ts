import { describeClient } from '../contract.ts';
import type { Subject } from '../contract.ts';
import { aiSdkChat, aiSdkCompatible, aiSdkResponses } from './ai-sdk.ts';
import { agentsChat, agentsResponses } from './agents.ts';
import { langchainChat, langchainResponses } from './langchain.ts';
import { openaiChat, openaiResponses } from './openai.ts';

const openaiErrors = {
  'wrong key': 'AuthenticationError',
  'bad request': 'BadRequestError',
  'failure in a stream': 'APIError',
};
const aiSdkErrors = {
  'wrong key': 'APICallError',
  'bad request': 'APICallError',
  'failure in a stream': 'APICallError',
};

const subjects: readonly Subject[] = [
  {
    client: 'openai',
    api: 'Responses',
    does: openaiResponses,
    errors: { ...openaiErrors, 'failure in a stream': 'response.failed' },
  },
  { client: 'openai', api: 'Chat Completions', does: openaiChat, errors: openaiErrors },
  { client: '@ai-sdk/openai', api: 'Responses', does: aiSdkResponses, errors: aiSdkErrors },
  { client: '@ai-sdk/openai', api: 'Chat Completions', does: aiSdkChat, errors: aiSdkErrors },
  { client: '@ai-sdk/openai-compatible', api: 'Chat Completions', does: aiSdkCompatible, errors: aiSdkErrors },
  { client: '@langchain/openai', api: 'Responses', does: langchainResponses, errors: openaiErrors },
  { client: '@langchain/openai', api: 'Chat Completions', does: langchainChat, errors: openaiErrors },
  { client: '@openai/agents', api: 'Responses', does: agentsResponses, errors: openaiErrors },
  { client: '@openai/agents', api: 'Chat Completions', does: agentsChat, errors: openaiErrors },
];

for (const subject of subjects) describeClient(subject);
