/**
 * What outlives a request: responses, conversations, chat completions. Objects and items are kept as the JSON that
 * clients see; this part knows no more of them than their ids.
 *
 * - What a method has resolved for is durable: neither a killed process nor a power failure takes it back.
 * - Ids are data. An id that nothing has is `null` or `false`, whatever text it is.
 * - What wasn't used for as long as the store keeps things is gone; so is what is oldest when the store is full. Only the
 *   newest object always stays.
 * - All callers share one store: it has no owners.
 * - No call holds up the event loop for longer than a few milliseconds, however large the object; waiting for the disk
 *   or for another process is done elsewhere.
 *
 * @throws GatewayError `storage_failed` from any method when the disk fails or is full.
 */
export type Store = {
  readonly responses: StoredResponses;
  readonly runs: StoredRuns;
  readonly conversations: StoredConversations;
  readonly completions: StoredCompletions;
  /** The item of this id, of whichever response or conversation; the latest where several have it. */
  findItem(id: string): Promise<StoredItem | null>;
  /** Bytes that all of it takes. */
  bytesInUse(): Promise<number>;
  /** Waits for what is being written. Nothing else may be called after. */
  close(): Promise<void>;
};

/** A thing with an id, as clients see it. It must be JSON: no undefined, no cycles. */
export type StoredObject = { readonly id: string; readonly [field: string]: unknown };

/** An item of a conversation, or a message of a chat completion. */
export type StoredItem = StoredObject;

/** At most 16 pairs of short texts. */
export type Metadata = { readonly [key: string]: string };

export type Page<Entry> = { readonly data: readonly Entry[]; readonly hasMore: boolean };

export type PageRequest = {
  /** The id that the page begins behind; null: at the beginning. */
  readonly after: string | null;
  readonly limit: number;
  /** `asc`: the oldest first. */
  readonly order: 'asc' | 'desc';
};

/** A conversation up to some point, on which a response can follow. */
export type Chain = {
  /** Everything said so far, the oldest first: each response's input and output. */
  readonly items: readonly StoredItem[];
  /** What its first turn had as `Turn.conversationKey`; a conversation's own id. */
  readonly key: string | null;
  /** The store's own name of that point; null: nothing has been said. */
  readonly point: number | null;
};

export type ResponseRecord = {
  readonly response: StoredObject;
  /** What was said in this turn: by the client, and by the model. */
  readonly input: readonly StoredItem[];
  readonly output: readonly StoredItem[];
  /** How it was made, in lines that the dialect writes and reads. */
  readonly script: string;
  /** What it follows; null: it begins a conversation. Stays in what can be chained on even if it was deleted meanwhile. */
  readonly after: Chain | null;
  readonly key: string | null;
  /** The conversation that its input and output become part of; null: none. One that was deleted meanwhile stays so. */
  readonly joins: string | null;
};

export type StoredResponses = {
  /** Keeps a new response, and adds it to the conversation that it joins, in one step. */
  save(record: ResponseRecord): Promise<void>;
  find(id: string): Promise<StoredObject | null>;
  /** The response with its script. */
  recall(id: string): Promise<Recalled | null>;
  /**
   * The conversation up to and with this response.
   *
   * @throws GatewayError `invalid_value` for one that is still being made.
   */
  chain(id: string): Promise<Chain | null>;
  /** What was said by the client in this response's own turn. @throws GatewayError `invalid_value` for an unknown `after`. */
  inputItems(id: string, page: PageRequest): Promise<Page<StoredItem> | null>;
  /** Responses that follow on it keep what was said in it. */
  remove(id: string): Promise<boolean>;
};

export type Recalled = {
  /** As it was saved, or as it began when it is still being made. */
  readonly response: StoredObject;
  /** null: an older gateway kept none. */
  readonly script: string | null;
  /** Who makes it; null: it is done. `gone`: a process that has died. */
  readonly runner: 'me' | 'another' | 'gone' | null;
};

/**
 * Responses that are being made in the background, by this process or by others that use the same store. What is
 * appended is durable when it resolves, as everything is.
 */
export type StoredRuns = {
  /** Keeps a response that is to be made by this process, with what was said by its client. */
  begin(run: Omit<ResponseRecord, 'output' | 'joins'>): Promise<void>;
  /** Adds lines to the script. @returns what others did to it meanwhile: it was removed, or is to be cancelled. */
  append(id: string, script: string): Promise<'running' | 'cancelled' | 'gone'>;
  /**
   * The response is made, or will never be. Nothing happens to one that isn't being made any more.
   *
   * @returns whether it was.
   */
  finish(end: Pick<ResponseRecord, 'response' | 'output' | 'script' | 'joins'>): Promise<boolean>;
  /** Asks its maker to cancel it. */
  cancel(id: string): Promise<void>;
  /** The ids of those whose maker has died. */
  abandoned(): Promise<readonly string[]>;
};

export type Conversation = {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly metadata: Metadata;
};

export type StoredConversations = {
  create(conversation: Conversation, items: readonly StoredItem[]): Promise<void>;
  find(id: string): Promise<Conversation | null>;
  /** Replaces the metadata. */
  update(id: string, metadata: Metadata): Promise<Conversation | null>;
  /** Responses that joined it are kept, and what was said in them. */
  remove(id: string): Promise<boolean>;
  chain(id: string): Promise<Chain | null>;
  append(id: string, items: readonly StoredItem[]): Promise<boolean>;
  /** @throws GatewayError `invalid_value` for an unknown `after`. */
  items(id: string, page: PageRequest): Promise<Page<StoredItem> | null>;
  item(id: string, itemId: string): Promise<StoredItem | null>;
  /** Removes what has this id, from responses that follow on the conversation as well. */
  removeItem(id: string, itemId: string): Promise<boolean>;
};

export type CompletionRecord = {
  readonly completion: StoredObject;
  readonly model: string;
  readonly metadata: Metadata;
  readonly messages: readonly StoredItem[];
};

export type FoundCompletion = { readonly completion: StoredObject; readonly metadata: Metadata };

export type CompletionFilter = {
  /** null: of any model. */
  readonly model: string | null;
  /** Pairs that a completion must have. */
  readonly metadata: Metadata;
};

export type StoredCompletions = {
  save(record: CompletionRecord): Promise<void>;
  find(id: string): Promise<FoundCompletion | null>;
  /** @throws GatewayError `invalid_value` for an unknown `after`. */
  list(filter: CompletionFilter, page: PageRequest): Promise<Page<FoundCompletion>>;
  /** Replaces the metadata. */
  update(id: string, metadata: Metadata): Promise<FoundCompletion | null>;
  remove(id: string): Promise<boolean>;
  /** @throws GatewayError `invalid_value` for an unknown `after`. */
  messages(id: string, page: PageRequest): Promise<Page<StoredItem> | null>;
};
