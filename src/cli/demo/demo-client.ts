import { Agent, request as send } from 'undici';

import { isJsonObject, type JsonObject, parseJson } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import { readEvents } from '../client.ts';
import { deltaText, messageText } from '../requests/answer-view.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A chat request of the demo. */
export interface DemoRequest {
  /** `model`, `messages` and whatever else the body has. */
  readonly body: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What came of one request, as the client saw it. */
export interface Asked {
  readonly request: DemoRequest;
  /** The gateway's id of it. */
  readonly id: string;
  readonly status: number;
  /** The whole answer, or the error; of a stream its last chunk. */
  readonly body: JsonObject;
  readonly text: string;
  /** Virtual milliseconds to the first content, and to the end. */
  readonly ttftMs: number;
  readonly totalMs: number;
  /** Real milliseconds to the end. */
  readonly wallMs: number;
}

const NO_TIMERS = { headersTimeout: 0, bodyTimeout: 0 } as const;

/** A client of one gateway, as an application has one. */
export class DemoClient {
  readonly #agent = new Agent(NO_TIMERS);
  readonly #url: string;
  readonly #adminToken: Secret;
  readonly #clock: VirtualClock;
  readonly #isPlain: boolean;

  /** @param isPlain whether answers come in their vendor's plain shape, without a word of Candor's */
  constructor(url: string, adminToken: Secret, clock: VirtualClock, isPlain: boolean) {
    this.#url = url;
    this.#adminToken = adminToken;
    this.#clock = clock;
    this.#isPlain = isPlain;
  }

  ask(request: DemoRequest): Promise<Asked> {
    return this.#clock.during(this.#ask(request));
  }

  async records(asked: readonly Asked[]): Promise<readonly JsonObject[]> {
    const records: JsonObject[] = [];
    for (const { id } of asked) {
      const response = await send(`${this.#url}/v1/generations/${id}`, { dispatcher: this.#agent });
      const record = parseJson(await response.body.text());
      if (response.statusCode !== 200 || !isJsonObject(record)) throw new TypeError(`there is no record of ${id}`);
      records.push(record);
    }
    return records;
  }

  administer(path: string, body: JsonObject): Promise<readonly JsonObject[]> {
    return this.#clock.during(this.#administer(path, body));
  }

  /** Gives up whatever is still awaited. */
  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #ask(request: DemoRequest): Promise<Asked> {
    const startedMs = this.#clock.now();
    const wallStartedMs = performance.now();
    const response = await send(`${this.#url}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.#isPlain ? { 'x-candor-body': 'off' } : {}),
        ...request.headers,
      },
      body: JSON.stringify(request.body),
      dispatcher: this.#agent,
    });
    const isStream = request.body['stream'] === true && response.statusCode === 200;
    const read = isStream ? await this.#readStream(response.body) : readWhole(await response.body.text());
    const totalMs = this.#clock.now() - startedMs;
    return {
      request,
      id: String(response.headers['x-request-id']),
      status: response.statusCode,
      body: read.body,
      text: read.text,
      ttftMs: read.firstMs === null ? totalMs : read.firstMs - startedMs,
      totalMs,
      wallMs: performance.now() - wallStartedMs,
    };
  }

  async #readStream(chunks: AsyncIterable<Uint8Array>): Promise<ReadAnswer> {
    let [text, body, firstMs]: [string, JsonObject, number | null] = ['', {}, null];
    for await (const data of readEvents(chunks)) {
      const chunk = parseJson(data);
      if (!isJsonObject(chunk)) continue;
      body = chunk;
      text += deltaText(chunk);
      if (text !== '') firstMs ??= this.#clock.now();
    }
    return { text, body, firstMs };
  }

  async #administer(path: string, body: JsonObject): Promise<readonly JsonObject[]> {
    const response = await send(this.#url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#adminToken.reveal()}` },
      body: JSON.stringify(body),
      dispatcher: this.#agent,
    });
    const text = await response.body.text();
    if (response.statusCode !== 200) throw new TypeError(`${path} was answered ${response.statusCode}: ${text}`);
    return text.trim().split('\n').map(parseJson).filter(isJsonObject);
  }
}

interface ReadAnswer {
  readonly text: string;
  readonly body: JsonObject;
  /** When the first content came; `null`: none did, or all at once. */
  readonly firstMs: number | null;
}

function readWhole(text: string): ReadAnswer {
  const body = parseJson(text);
  return isJsonObject(body) ? { text: messageText(body), body, firstMs: null } : { text: '', body: {}, firstMs: null };
}
