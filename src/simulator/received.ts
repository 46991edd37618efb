import type { IncomingHttpHeaders } from 'node:http';

/** One request as a simulated vendor received it. */
export interface ReceivedRequest {
  readonly provider: string;
  readonly method: string;
  /** Path and query, without credentials. */
  readonly path: string;
  /** Without those that carry credentials. */
  readonly headers: Readonly<Record<string, string>>;
  /** The exact text of the body. */
  readonly body: string;
}

const MOST_REQUESTS = 512;
const MOST_CHARACTERS = 16 * 1_024 * 1_024;
const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'x-api-key',
  'x-goog-api-key',
  'api-key',
  'cookie',
]);

/** The last requests of all providers, as many as fit. */
export class ReceivedLog {
  readonly #requests: ReceivedRequest[] = [];
  #characters = 0;

  /** Oldest first. */
  get requests(): readonly ReceivedRequest[] {
    return this.#requests;
  }

  add(provider: string, method: string, url: URL, headers: IncomingHttpHeaders, body: string): void {
    const shown = new URL(url);
    shown.searchParams.delete('key');
    const kept = Object.entries(headers).flatMap(([name, value]) =>
      CREDENTIAL_HEADERS.has(name) || value === undefined ? [] : [[name, String(value)] as const],
    );
    this.#requests.push({
      provider,
      method,
      path: `${shown.pathname}${shown.search}`,
      headers: Object.fromEntries(kept),
      body,
    });
    this.#characters += body.length;
    while (this.#requests.length > MOST_REQUESTS || (this.#characters > MOST_CHARACTERS && this.#requests.length > 1)) {
      this.#characters -= this.#requests.shift()?.body.length ?? 0;
    }
  }
}
