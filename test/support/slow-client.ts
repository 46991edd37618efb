import { once } from 'node:events';
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';

/** A client that decides itself when it reads and when it goes. */
export interface SlowClient {
  readonly response: IncomingMessage;
  /** Reads on to the end; gives all that came. */
  readAll(): Promise<string>;
  /** Goes without a word. */
  leave(): void;
}

/** Sends a chat request and does not wait for its answer. */
export function sendRequest(url: string, body: Readonly<Record<string, unknown>>): ClientRequest {
  const request = httpRequest(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    agent: false,
  });
  // Going in the middle of an answer ends the request with an error of our own making.
  request.on('error', () => undefined);
  request.end(JSON.stringify(body));
  return request;
}

/** Sends a chat request and takes the head of its answer, but not a byte of its body. */
export async function openSlowClient(url: string, body: Readonly<Record<string, unknown>>): Promise<SlowClient> {
  const request = sendRequest(url, body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.pause();
  response.on('error', () => undefined);
  return {
    response,
    async readAll() {
      const chunks: Buffer[] = [];
      for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
      return Buffer.concat(chunks).toString('utf8');
    },
    leave: () => request.destroy(),
  };
}
