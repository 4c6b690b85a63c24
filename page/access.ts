/** Talks to the gateway this page came from, with the API key where one is asked for. */
export type Access = {
  /**
   * Like `fetch`, for paths of this gateway.
   *
   * @throws ApiFailure for an answer that is an error, and for none at all; the signal's reason when it aborts.
   */
  send(path: string, options?: { readonly body?: unknown; readonly signal?: AbortSignal }): Promise<Response>;
  /** The gateway has asked for a key, or has taken one. */
  readonly needsKey: boolean;
  /** Tries a key, and keeps it in this tab if it is taken. */
  useKey(key: string): Promise<boolean>;
};

/** An error of the gateway's, or no answer (`status` 0). */
export class ApiFailure extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const storageName = 'codexpc-api-key';

/** `denied` is told when a key is missing or not taken. */
export function createAccess({ denied }: { readonly denied: () => void }): Access {
  let key = sessionStorage.getItem(storageName);
  let needsKey = key !== null;

  function ask(path: string, body: unknown, signal: AbortSignal | null, bearer: string | null): Promise<Response> {
    return fetch(path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
    });
  }

  return {
    get needsKey() {
      return needsKey;
    },
    async send(path, { body, signal = null as AbortSignal | null } = {}) {
      const answer = await ask(path, body, signal, key).catch((error: unknown) => {
        if (signal?.aborted === true) throw error;
        throw new ApiFailure(0, 'The gateway does not answer. Is it still running?');
      });
      if (answer.ok) return answer;
      if (answer.status === 401) {
        needsKey = true;
        denied();
      }
      throw new ApiFailure(answer.status, await messageOf(answer));
    },
    async useKey(given) {
      // Nothing else may be in a header.
      if (!/^[\x21-\x7e]+$/.test(given)) return false;
      const answer = await ask('/v1/models', undefined, null, given);
      if (!answer.ok) return false;
      key = given;
      needsKey = true;
      sessionStorage.setItem(storageName, given);
      return true;
    },
  };
}

async function messageOf(answer: Response): Promise<string> {
  const text = await answer.text();
  try {
    return (JSON.parse(text) as { readonly error: { readonly message: string } }).error.message;
  } catch {
    return `The gateway answered ${answer.status}.`;
  }
}
