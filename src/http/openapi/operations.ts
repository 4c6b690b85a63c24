import type { FailureCode } from '../../core/errors.ts';
import type { RequestSchemaName } from '../../dialects/request-schemas.ts';
import type { AnswerSchemaName } from './answers.ts';

/** A route of the server as /openapi.json shows it. */
export type Operation = {
  readonly method: 'get' | 'post' | 'delete';
  /** As in OpenAPI: `/v1/responses/{response_id}`. */
  readonly path: string;
  readonly id: string;
  readonly tag: 'Responses' | 'Conversations' | 'Chat' | 'Completions' | 'Models' | 'Operation';
  readonly summary: string;
  readonly body?: { readonly schema: RequestSchemaName; readonly required: boolean };
  readonly query?: readonly QueryName[];
  /** A schema of a JSON answer; `text`: plain text; `events`: a stream of events and nothing else. */
  readonly answer: AnswerSchemaName | 'text' | 'events';
  /** The answer can be a stream of events as well. */
  readonly streams?: boolean;
  /** Beside those that any request can have. */
  readonly failures: readonly FailureCode[];
  /** No API key is asked for, nor anything else. */
  readonly open?: boolean;
};

export type QueryName = 'after' | 'limit' | 'order' | 'model' | 'metadata' | 'stream' | 'starting_after' | 'include';

const ofBody: readonly FailureCode[] = [
  'invalid_json',
  'missing_required_parameter',
  'invalid_type',
  'invalid_value',
  'request_timeout',
  'payload_too_large',
  'unsupported_media_type',
];
const ofRequest: readonly FailureCode[] = [
  ...ofBody,
  'unknown_parameter',
  'unsupported_parameter',
  'unsupported_value',
  'tool_call_not_found',
  'context_length_exceeded',
  'model_not_found',
];
const ofTurn: readonly FailureCode[] = [
  ...ofRequest,
  'rate_limit_exceeded',
  'engine_error',
  'invalid_answer',
  'backend_lost',
  'backend_unavailable',
  'shutting_down',
  'backend_timeout',
];
const ofStore: readonly FailureCode[] = ['not_found', 'storage_failed'];
const ofReferences: readonly FailureCode[] = ['previous_response_not_found', ...ofStore];
/** DELETE has no body, but one that is sent is read. */
const ofList: readonly FailureCode[] = [...ofStore, 'invalid_value'];

const page: readonly QueryName[] = ['after', 'limit', 'order'];

/** Every route, in the order in which it is shown. A test compares it with what the server has. */
export const operations: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/responses',
    id: 'createResponse',
    tag: 'Responses',
    summary: 'Answers, streamed or in one piece.',
    body: { schema: 'ResponseRequest', required: true },
    answer: 'Response',
    streams: true,
    failures: [...ofTurn, ...ofReferences],
  },
  {
    method: 'post',
    path: '/v1/responses/input_tokens',
    id: 'countInputTokens',
    tag: 'Responses',
    summary: 'Counts the tokens that the engine would read for a response.',
    body: { schema: 'InputTokensRequest', required: false },
    answer: 'InputTokens',
    failures: [...ofRequest, ...ofReferences],
  },
  {
    method: 'post',
    path: '/v1/responses/compact',
    id: 'compactResponse',
    tag: 'Responses',
    summary: 'Has the model sum a conversation up, for a client that goes on with the summary.',
    body: { schema: 'CompactRequest', required: true },
    answer: 'CompactedResponse',
    failures: [...ofTurn, ...ofReferences],
  },
  {
    method: 'get',
    path: '/v1/responses/{response_id}',
    id: 'getResponse',
    tag: 'Responses',
    summary: 'A stored response, as it is now, or its events.',
    query: ['stream', 'starting_after', 'include'],
    answer: 'Response',
    streams: true,
    failures: [...ofStore, 'invalid_type'],
  },
  {
    method: 'delete',
    path: '/v1/responses/{response_id}',
    id: 'deleteResponse',
    tag: 'Responses',
    summary: 'Forgets a stored response.',
    answer: 'ResponseDeleted',
    failures: [...ofStore, ...ofBody],
  },
  {
    method: 'post',
    path: '/v1/responses/{response_id}/cancel',
    id: 'cancelResponse',
    tag: 'Responses',
    summary: 'Cancels a response that is made in the background.',
    answer: 'Response',
    failures: [...ofStore, ...ofBody],
  },
  {
    method: 'get',
    path: '/v1/responses/{response_id}/input_items',
    id: 'listInputItems',
    tag: 'Responses',
    summary: 'What a client said in the turn of a stored response, the newest first.',
    query: [...page, 'include'],
    answer: 'ItemList',
    failures: ofList,
  },
  {
    method: 'post',
    path: '/v1/conversations',
    id: 'createConversation',
    tag: 'Conversations',
    summary: 'Begins a conversation.',
    body: { schema: 'ConversationRequest', required: false },
    answer: 'Conversation',
    failures: [...ofBody, ...ofStore, 'unsupported_value'],
  },
  {
    method: 'get',
    path: '/v1/conversations/{conversation_id}',
    id: 'getConversation',
    tag: 'Conversations',
    summary: 'A conversation.',
    answer: 'Conversation',
    failures: ofStore,
  },
  {
    method: 'post',
    path: '/v1/conversations/{conversation_id}',
    id: 'updateConversation',
    tag: 'Conversations',
    summary: 'Replaces the metadata of a conversation.',
    body: { schema: 'ConversationUpdate', required: false },
    answer: 'Conversation',
    failures: [...ofBody, ...ofStore],
  },
  {
    method: 'delete',
    path: '/v1/conversations/{conversation_id}',
    id: 'deleteConversation',
    tag: 'Conversations',
    summary: 'Forgets a conversation, but not the responses in it.',
    answer: 'ConversationDeleted',
    failures: [...ofStore, ...ofBody],
  },
  {
    method: 'post',
    path: '/v1/conversations/{conversation_id}/items',
    id: 'addItems',
    tag: 'Conversations',
    summary: 'Adds items to a conversation.',
    query: ['include'],
    body: { schema: 'ConversationItems', required: true },
    answer: 'ItemList',
    failures: [...ofBody, ...ofStore, 'unsupported_value'],
  },
  {
    method: 'get',
    path: '/v1/conversations/{conversation_id}/items',
    id: 'listItems',
    tag: 'Conversations',
    summary: 'The items of a conversation, the newest first.',
    query: [...page, 'include'],
    answer: 'ItemList',
    failures: ofList,
  },
  {
    method: 'get',
    path: '/v1/conversations/{conversation_id}/items/{item_id}',
    id: 'getItem',
    tag: 'Conversations',
    summary: 'An item of a conversation.',
    query: ['include'],
    answer: 'Item',
    failures: ofStore,
  },
  {
    method: 'delete',
    path: '/v1/conversations/{conversation_id}/items/{item_id}',
    id: 'deleteItem',
    tag: 'Conversations',
    summary: 'Takes an item out of a conversation.',
    answer: 'Conversation',
    failures: [...ofStore, ...ofBody],
  },
  {
    method: 'post',
    path: '/v1/chat/completions',
    id: 'createChatCompletion',
    tag: 'Chat',
    summary: 'Answers, streamed or in one piece.',
    body: { schema: 'ChatCompletionRequest', required: true },
    answer: 'ChatCompletion',
    streams: true,
    failures: [...ofTurn, 'storage_failed'],
  },
  {
    method: 'get',
    path: '/v1/chat/completions',
    id: 'listChatCompletions',
    tag: 'Chat',
    summary: 'Stored chat completions, the oldest first.',
    query: [...page, 'model', 'metadata'],
    answer: 'ChatCompletionList',
    failures: ofList,
  },
  {
    method: 'get',
    path: '/v1/chat/completions/{completion_id}',
    id: 'getChatCompletion',
    tag: 'Chat',
    summary: 'A stored chat completion.',
    answer: 'ChatCompletion',
    failures: ofStore,
  },
  {
    method: 'post',
    path: '/v1/chat/completions/{completion_id}',
    id: 'updateChatCompletion',
    tag: 'Chat',
    summary: 'Replaces the metadata of a stored chat completion.',
    body: { schema: 'CompletionUpdate', required: false },
    answer: 'ChatCompletion',
    failures: [...ofBody, ...ofStore],
  },
  {
    method: 'delete',
    path: '/v1/chat/completions/{completion_id}',
    id: 'deleteChatCompletion',
    tag: 'Chat',
    summary: 'Forgets a stored chat completion.',
    answer: 'ChatCompletionDeleted',
    failures: [...ofStore, ...ofBody],
  },
  {
    method: 'get',
    path: '/v1/chat/completions/{completion_id}/messages',
    id: 'listMessages',
    tag: 'Chat',
    summary: 'The messages that a stored chat completion answered.',
    query: page,
    answer: 'ItemList',
    failures: ofList,
  },
  {
    method: 'post',
    path: '/v1/completions',
    id: 'createCompletion',
    tag: 'Completions',
    summary: 'Goes on with a text; the older form of chat.',
    body: { schema: 'CompletionRequest', required: true },
    answer: 'Completion',
    streams: true,
    failures: ofTurn,
  },
  {
    method: 'get',
    path: '/v1/models',
    id: 'listModels',
    tag: 'Models',
    summary: 'The models that are served.',
    answer: 'ModelList',
    failures: [],
  },
  {
    method: 'get',
    path: '/v1/models/{model}',
    id: 'getModel',
    tag: 'Models',
    summary: 'A model, by its id or an alias; slashes in it may be written as they are.',
    answer: 'Model',
    failures: ['model_not_found'],
  },
  {
    method: 'get',
    path: '/healthz',
    id: 'isAlive',
    tag: 'Operation',
    summary: 'Whether this process lives.',
    answer: 'Health',
    failures: [],
    open: true,
  },
  {
    method: 'get',
    path: '/readyz',
    id: 'isReady',
    tag: 'Operation',
    summary: 'Whether requests can be answered, since the backend answers.',
    answer: 'Health',
    failures: ['backend_unavailable', 'backend_lost', 'engine_error', 'backend_timeout'],
    open: true,
  },
  {
    method: 'get',
    path: '/metrics',
    id: 'getMetrics',
    tag: 'Operation',
    summary: 'What has been counted, for Prometheus; absent when metrics are off.',
    answer: 'text',
    failures: [],
  },
  {
    method: 'get',
    path: '/gateway/state',
    id: 'getState',
    tag: 'Operation',
    summary: 'What the gateway is doing: turns, engines, health. No word of what is said.',
    answer: 'GatewayState',
    failures: [],
  },
  {
    method: 'get',
    path: '/gateway/events',
    id: 'watchState',
    tag: 'Operation',
    summary: 'What the gateway is doing, as it changes, without an end.',
    answer: 'events',
    failures: ['rate_limit_exceeded'],
  },
  {
    method: 'post',
    path: '/gateway/prefill',
    id: 'showPrefill',
    tag: 'Operation',
    summary: 'What the engine would read for a request, which is not run.',
    body: { schema: 'PrefillRequest', required: true },
    answer: 'Prefill',
    failures: [...ofRequest, ...ofReferences],
  },
  {
    method: 'get',
    path: '/openapi.json',
    id: 'getDocument',
    tag: 'Operation',
    summary: 'This document.',
    answer: 'Document',
    failures: [],
  },
];
