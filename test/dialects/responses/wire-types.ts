import type {
  Response,
  ResponseCustomToolCall,
  ResponseCustomToolCallItem,
  ResponseFormatTextConfig,
  ResponseFormatTextJSONSchemaConfig,
  ResponseOutputItem,
  ResponseStreamEvent,
  ResponseTextConfig,
  ResponseUsage,
} from 'openai/resources/responses/responses';

/*
 * What goes over the wire in the types of OpenAI's SDK. Every difference between the two is listed here; anything else
 * that is missing, surplus or of a wrong type in captured-streams.ts is an error of the type checker.
 */

/** The SDK types the call without the `status` that its own item type, and api.openai.com, have. */
type WireItem = Exclude<ResponseOutputItem, ResponseCustomToolCall> | ResponseCustomToolCallItem;

type WireFormat =
  | Exclude<ResponseFormatTextConfig, ResponseFormatTextJSONSchemaConfig>
  // null, not absent, as on api.openai.com.
  | (Omit<ResponseFormatTextJSONSchemaConfig, 'description'> & { description: string | null });

export type WireResponse = Omit<Response, 'output_text' | 'output' | 'error' | 'text' | 'usage' | 'user'> & {
  // `output_text` is added by the SDK when it reads a response.
  output: WireItem[];
  // The SDK's list of codes lacks those that Codex knows.
  error: { code: string; message: string } | null;
  text: Omit<ResponseTextConfig, 'format'> & { format: WireFormat };
  // null, not absent, until it is known.
  usage: ResponseUsage | null;
  user: string | null;
  // Sent by api.openai.com and required by the Open Responses specification.
  store: boolean;
  presence_penalty: number;
  frequency_penalty: number;
};

type WithWireParts<Event> = Event extends { response: Response }
  ? Omit<Event, 'response'> & { response: WireResponse }
  : Event extends { item: ResponseOutputItem }
    ? Omit<Event, 'item'> & { item: WireItem }
    : Event;

export type WireEvent = WithWireParts<ResponseStreamEvent>;
