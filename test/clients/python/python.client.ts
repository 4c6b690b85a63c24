import { readFileSync } from 'node:fs';
import { inject } from 'vitest';
import { describeClient } from '../contract.ts';
import type { Api, Subject } from '../contract.ts';
import { exercises } from '../exercises.ts';
import type { Client } from '../exercises.ts';
import { startPython } from './process.ts';

type PythonSubject = {
  readonly client: string;
  readonly script: string;
  readonly requirements: string;
  readonly apis: { readonly [api in Api]: Pick<Subject, 'errors' | 'gaps'> };
};

const openaiErrors = { 'wrong key': 'AuthenticationError', 'bad request': 'BadRequestError' };
const openaiChatErrors = { ...openaiErrors, 'failure in a stream': 'APIError' };
const langchainErrors = { 'wrong key': 'OpenAIAuthenticationError', 'bad request': 'OpenAIInvalidRequestError' };
const pydanticErrors = {
  'wrong key': 'ModelAuthenticationError',
  'bad request': 'ModelRequestRejectedError',
  'failure in a stream': 'ModelServerError',
};
const litellmErrors = { ...openaiErrors, 'failure in a stream': 'MidStreamFallbackError' };
const instructorErrors = {
  'wrong key': 'InstructorRetryException',
  'bad request': 'InstructorRetryException',
  'failure in a stream': 'InstructorRetryException',
};

const subjects: readonly PythonSubject[] = [
  {
    client: 'openai',
    script: 'openai_client.py',
    requirements: 'requirements.txt',
    apis: {
      Responses: { errors: { ...openaiErrors, 'failure in a stream': 'response.failed' } },
      'Chat Completions': { errors: openaiChatErrors },
    },
  },
  {
    client: 'openai-agents',
    script: 'agents_client.py',
    requirements: 'requirements.txt',
    apis: {
      Responses: { errors: { ...openaiErrors, 'failure in a stream': 'ModelBehaviorError' } },
      'Chat Completions': { errors: openaiChatErrors },
    },
  },
  {
    client: 'langchain-openai',
    script: 'langchain_client.py',
    requirements: 'requirements.txt',
    apis: {
      Responses: {
        errors: { ...langchainErrors, 'failure in a stream': 'ValueError' },
      },
      'Chat Completions': {
        errors: { ...langchainErrors, 'failure in a stream': 'APIError' },
        gaps: { reasoning: 'it reads the fields of OpenAI’s own API only, and that has no reasoning here' },
      },
    },
  },
  {
    client: 'pydantic-ai-slim[openai]',
    script: 'pydantic_ai_client.py',
    requirements: 'requirements.txt',
    apis: { Responses: { errors: pydanticErrors }, 'Chat Completions': { errors: pydanticErrors } },
  },
  {
    client: 'litellm',
    script: 'litellm_client.py',
    requirements: 'requirements.txt',
    apis: {
      Responses: {
        errors: litellmErrors,
        gaps: { stream: 'it streams only models of its own list; others it asks in one piece, and cuts that up' },
      },
      'Chat Completions': { errors: litellmErrors },
    },
  },
  {
    client: 'instructor',
    script: 'instructor_client.py',
    requirements: 'requirements-instructor.txt',
    apis: { Responses: { errors: instructorErrors }, 'Chat Completions': { errors: instructorErrors } },
  },
];

const never = () => Promise.reject(new Error('it is not installed'));
const everyExercise = Object.fromEntries(exercises.map((exercise) => [exercise, never])) as Client;

for (const { client, script, requirements, apis } of subjects) {
  const place = inject('pythons')[requirements]!;
  const missing = 'missing' in place ? place.missing : null;
  const clients = 'missing' in place ? null : await startPython(place.python, script);
  for (const [api, expected] of Object.entries(apis)) {
    const does = clients === null ? everyExercise : clients[api]!;
    describeClient({
      language: 'Python',
      client: pinned(client, requirements),
      api: api as Api,
      does,
      missing,
      ...expected,
    });
  }
}

/** `openai 3.54.0`, from `openai==3.54.0` in the requirements file. */
function pinned(client: string, requirements: string): string {
  const lines = readFileSync(new URL(requirements, import.meta.url), 'utf8').split('\n');
  const line = lines.find((line) => line.startsWith(`${client}==`))!;
  return line.replace(/\[.*\]/, '').replace('==', ' ');
}
