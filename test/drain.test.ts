import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { startKeyedGateway, type KeyedGateway } from './support/keyed-gateway.ts';
import { ManualClock } from './support/manual-clock.ts';
import { openSocket, postText } from './support/open-socket.ts';
import { chunk, eventStream, LAST_CHUNK } from './support/raw-upstream.ts';
import { openSlowClient } from './support/slow-client.ts';
import { readStream } from './support/stream-reading.ts';
import { openAiStream } from './support/upstream-streams.ts';
import { completion, json } from './support/vendor-answers.ts';

const GRACE_MS = 5_000;
const CAP_MS = 20_000;
const SERVER = `{ drain: { grace: ${GRACE_MS}ms, cap: ${CAP_MS}ms } }`;
const QUESTION = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] };
const POST = postText('/v1/chat/completions', JSON.stringify(QUESTION));
const STREAM = openAiStream(['ein', 'zwei', 'drei']);

describe('a gateway that drains', () => {
  let clock: ManualClock;
  let gateway: KeyedGateway;
  beforeEach(async () => {
    clock = new ManualClock();
    gateway = await startKeyedGateway({ server: SERVER, clock });
  });
  afterEach(() => gateway.close());

  /** Has the upstream begin a stream and go on only when told to. */
  function playStream() {
    let go: () => void = () => undefined;
    gateway.upstreams.openai.play((socket, request) => {
      eventStream(STREAM.events.slice(0, 3), 'open')(socket, request);
      go = () => socket.write(Buffer.concat([...STREAM.events.slice(3).map((event) => chunk(event)), LAST_CHUNK]));
    });
    return () => go();
  }

  async function openStream() {
    const complete = playStream();
    return { client: await openSlowClient(gateway.url, { ...QUESTION, stream: true }), complete };
  }

  /** Resolves once connections are refused. */
  const stopsListening = () => vi.waitFor(() => expect(fetch(gateway.url)).rejects.toThrow('fetch failed'));

  test('is not ready at once, still serves for the grace, and ends each connection with its answer', async () => {
    gateway.upstreams.openai.play(json(completion()));
    const before = await openSocket(gateway.url);
    before.write(POST);
    expect(await before.until('chat.completion')).not.toMatch(/\r\nconnection: close/i);

    const drained = gateway.drain();
    const ready = await fetch(`${gateway.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({ ready: false, reasons: ['shutting_down'] });
    expect(await (await fetch(`${gateway.url}/healthz`)).json()).toEqual({ status: 'ok' });
    clock.advance(GRACE_MS - 1);
    before.write(POST);
    const text = await before.toEnd();
    expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
    expect(text.match(/\r\nconnection: close\r\n/gi)).toHaveLength(1);
    const anew = await gateway.ask(QUESTION);
    expect([anew.status, anew.headers.get('connection')]).toEqual([200, 'close']);
    await anew.text();
    await clock.passUntil(drained);
    await expect(fetch(`${gateway.url}/healthz`)).rejects.toThrow('fetch failed');
  });

  test('refuses what comes after the grace, but ends what came before when it ends by itself', async () => {
    const { client, complete } = await openStream();
    const late = await openSocket(gateway.url);
    // The beginning of a request keeps the connection from being an idle one.
    late.write(`GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
    await late.until('"ok"');
    const drained = gateway.drain();
    clock.advance(GRACE_MS);
    await stopsListening();
    late.write(POST);
    const [, refused = ''] = (await late.toEnd()).split('"ok"}');
    expect(refused).toMatch(/^HTTP\/1\.1 503 [^]*"code":"shutting_down"/);
    expect(refused).toMatch(/\r\nretry-after-ms: [1-9]\d*\r\n/);
    expect(refused).toMatch(/\r\nconnection: close\r\n/i);
    expect(refused).toMatch(/\r\nx-should-retry: true\r\n/);

    clock.advance(CAP_MS - 1);
    complete();
    const text = await client.readAll();
    expect(readStream(text)).toMatchObject({ hasContent: true, error: null });
    expect(text).toContain('[DONE]');
    await clock.passUntil(drained);
    expect(await gateway.record(String(client.response.headers['x-request-id']))).toMatchObject({ status: 'complete' });
  });

  test('ends inside the stream what has not ended at the cap', async () => {
    const { client } = await openStream();
    const drained = gateway.drain();
    clock.advance(GRACE_MS);
    // The cap counts from the end of the grace, which the gateway notes in a turn of its own.
    await stopsListening();
    clock.advance(CAP_MS);
    expect(readStream(await client.readAll())).toMatchObject({ hasContent: true, error: { code: 'shutting_down' } });
    await drained;
    expect(await gateway.record(String(client.response.headers['x-request-id']))).toMatchObject({
      status: 'failed',
      error: { code: 'shutting_down' },
    });
  });

  test('does not wait when it is told again', async () => {
    const { client } = await openStream();
    const drained = gateway.drain();
    void gateway.stop();
    expect(readStream(await client.readAll())).toMatchObject({ error: { code: 'shutting_down' } });
    await drained;
  });

  test('lets go of idle connections, but not of one whose answer has only just ended', async () => {
    const complete = playStream();
    const idle = await openSocket(gateway.url);
    const used = await openSocket(gateway.url);
    used.write(postText('/v1/chat/completions', JSON.stringify({ ...QUESTION, stream: true })));
    expect(await used.until('ein')).not.toMatch(/\r\nconnection: close/i);
    const drained = gateway.drain();
    clock.advance(GRACE_MS);
    await stopsListening();
    complete();
    await used.until('\r\n0\r\n\r\n');
    clock.advance(500);
    await idle.toEnd();
    // Its client may not know yet that we are going: it hears so, not that the connection was reset.
    used.write(POST);
    expect(await used.toEnd()).toMatch(/\r\n0\r\n\r\nHTTP\/1\.1 503 [^]*"code":"shutting_down"/);
    await clock.passUntil(drained);
  });

  test('does not wait for a client that keeps an idle connection', async () => {
    const idle = await openSocket(gateway.url);
    const startedAt = clock.now();
    await clock.passUntil(gateway.drain());
    expect(clock.now() - startedAt).toBeLessThan(GRACE_MS + 1_100);
    await idle.toEnd();
  });
});
