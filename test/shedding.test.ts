import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { startInjectedGateway, type InjectedGateway } from './support/injected-gateway.ts';
import { ManualClock } from './support/manual-clock.ts';
import { openSocket, postText } from './support/open-socket.ts';
import { sendRaw } from './support/raw-http.ts';
import { completion, json } from './support/vendor-answers.ts';

const PATH = '/v1/chat/completions';
const QUESTION = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: 'Hello' }] };
const POST = postText(PATH, JSON.stringify(QUESTION));
const LAST_POST = postText(PATH, JSON.stringify(QUESTION), ['connection: close']);

describe('a gateway that has no room', () => {
  let full: boolean;
  let clock: ManualClock;
  let gateway: InjectedGateway;
  beforeEach(async () => {
    full = true;
    clock = new ManualClock();
    gateway = await startInjectedGateway({ clock, pressures: [{ reason: 'memory', exceeded: () => full }] });
    gateway.upstreams.openai.play(json(completion()));
  });
  afterEach(() => gateway.close());

  const ask = (): Promise<Response> =>
    fetch(gateway.url + PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(QUESTION),
    });

  test('says so, with when to come back, and has not begun with the request', async () => {
    const response = await ask();
    expect(response.status).toBe(503);
    const retryAfterMs = Number(response.headers.get('retry-after-ms'));
    expect(retryAfterMs).toBeGreaterThanOrEqual(500);
    expect(retryAfterMs).toBeLessThanOrEqual(1_500);
    expect(response.headers.get('retry-after')).toBe(String(Math.ceil(retryAfterMs / 1000)));
    expect(response.headers.get('x-should-retry')).toBe('true');
    const id = response.headers.get('x-request-id') ?? '';
    const text = await response.text();
    expect(Number(response.headers.get('content-length'))).toBe(Buffer.byteLength(text));
    expect(JSON.parse(text)).toEqual({
      error: {
        message: 'the gateway holds as much of requests and answers as it may, so this request was not begun',
        type: 'server_error',
        param: null,
        code: 'overloaded',
        candor: {
          id,
          retry: { advised: true, after_ms: retryAfterMs },
          attempts: [],
          refused: [],
          fix: expect.stringContaining('retry-after-ms'),
          trace: null,
        },
      },
    });
    expect(id).toMatch(/^gen_[0-9A-Z]{26}$/);
    expect(await gateway.ledger.find(id)).toBeNull();
    expect(gateway.upstreams.openai.requests).toEqual([]);
  });

  test('still answers whoever looks after it', async () => {
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
    // There is no simulator here: whoever has a token hears that.
    expect((await fetch(`${gateway.url}/admin/sim`)).status).toBe(404);
    expect((await fetch(`${gateway.url}/v1/models`)).status).toBe(503);
  });

  test('keeps the connection, and reads past the request it did not begin', async () => {
    const socket = await openSocket(gateway.url);
    socket.write(POST);
    expect(await socket.until('"trace":null')).not.toMatch(/\r\nconnection: close/i);
    full = false;
    socket.write(POST);
    expect(await socket.until('chat.completion')).toMatch(/HTTP\/1\.1 503 [^]*HTTP\/1\.1 200 /);
    socket.destroy();
  });

  test('ends the connection where there is too much to read past, and takes none of it for a request', async () => {
    const smuggled = 'GET /v1/models HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n';
    for (const framing of [`content-length: ${2 * 1024 * 1024}`, 'transfer-encoding: chunked']) {
      const socket = await openSocket(gateway.url);
      socket.write(`POST ${PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n${framing}\r\n\r\n`);
      await socket.until('"trace":null');
      socket.write(smuggled);
      const text = await socket.toEnd();
      expect(text).toMatch(/^HTTP\/1\.1 503 [^]*\r\nconnection: close\r\n/i);
      expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    }
  });

  test('is asked again by the SDK, no sooner than it said', async () => {
    let refusedAt = Number.NaN;
    const client = new OpenAI({
      apiKey: 'any',
      baseURL: `${gateway.url}/v1`,
      maxRetries: 2,
      // There is room again as soon as it was refused once.
      fetch: async (...asked) => {
        const response = await fetch(...asked);
        if (response.status === 503) refusedAt = performance.now();
        full = false;
        return response;
      },
    });
    const answered = await client.chat.completions.create(QUESTION);
    expect(answered.choices[0]?.finish_reason).toBe('stop');
    // The first refusal is told half a second.
    expect(performance.now() - refusedAt).toBeGreaterThan(450);
  });

  test('lets a client that comes too early wait, once there are many, and then looks at it', async () => {
    const early = await openSocket(gateway.url);
    early.write(POST);
    const told = await early.until('"trace":null');
    const retryAfterMs = Number(/\r\nretry-after-ms: (\d+)\r\n/.exec(told)?.[1]);
    // As many refusals in a moment as are too many, each over a connection of its own.
    const others = Array.from({ length: 100 }, () => sendRaw(gateway.url, LAST_POST));
    for (const { status } of await Promise.all(others)) expect(status).toBe(503);
    early.write(POST);
    // One that was told nothing is refused at once, as ever, and shows that the early one has been read.
    expect((await sendRaw(gateway.url, LAST_POST)).status).toBe(503);
    full = false;
    clock.advance(retryAfterMs - 1);
    expect((await sendRaw(gateway.url, LAST_POST)).status).toBe(200);
    expect((await early.until('"trace":null')).match(/HTTP\/1\.1 /g)).toHaveLength(1);
    clock.advance(1);
    expect(await early.until('chat.completion')).toContain('HTTP/1.1 200 ');
    early.destroy();
  });
});
