import type { StreamFrame } from '../support/response-grammar.ts';
import type { ComplianceCase, ResponseObject } from './cases.ts';

export type ComplianceAnswer = {
  readonly events: readonly StreamFrame[];
  /** The plain object, or that of the last event. */
  readonly response: ResponseObject;
};

/** Asks a gateway for everything that a case wants, one after another. @throws Error for an answer that is an error. */
export async function runCompliance(url: string, { requests, stream }: ComplianceCase): Promise<ComplianceAnswer[]> {
  const answers: ComplianceAnswer[] = [];
  for (const request of requests) {
    const before = answers.at(-1)?.response ?? null;
    const answer = await fetch(`${url}/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer any' },
      body: JSON.stringify({ model: 'gpt-oss-20b', ...request(before), stream }),
    });
    const body = await answer.text();
    if (answer.status !== 200) throw new Error(`${answer.status} ${body}`);
    const events = stream ? framesOf(body) : [];
    const response = stream ? (JSON.parse(events.at(-1)!.data!) as { response: unknown }).response : JSON.parse(body);
    answers.push({ events, response: response as ResponseObject });
  }
  return answers;
}

function framesOf(body: string): StreamFrame[] {
  return body
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(frame)!;
      return { event: event!, data: data! };
    });
}
