import OpenAI from 'openai';

/** A client whose every request is answered with this body. */
export function cannedClient(body: string, contentType: 'application/json' | 'text/event-stream'): OpenAI {
  return new OpenAI({
    apiKey: 'none',
    baseURL: 'http://gateway.test/v1',
    maxRetries: 0,
    fetch: async () => new Response(body, { headers: { 'content-type': contentType } }),
  });
}
