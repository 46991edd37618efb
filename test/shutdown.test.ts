import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { startKeyedGateway, type KeyedGateway, type ReadRecord } from './support/keyed-gateway.ts';
import { ManualClock } from './support/manual-clock.ts';
import { openSocket, postText } from './support/open-socket.ts';
import { pouring } from './support/pouring.ts';
import { eventStream, type Script } from './support/raw-upstream.ts';
import { openSlowClient } from './support/slow-client.ts';
import { flawsOfBrokenStream, readStream } from './support/stream-reading.ts';
import { completion, json } from './support/vendor-answers.ts';
import { openAiStream, textStreams, type UpstreamStream } from './support/upstream-streams.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }];
const ROUTES = [
  'openai-chain: { try: [gpt-4o, claude-opus] }',
  'anthropic-chain: { try: [claude-opus, gpt-4o] }',
  'google-chain: { try: [gemini-flash, gpt-4o] }',
  'deepseek-chain: { try: [deepseek-chat, gpt-4o] }',
  'held: { try: [gpt-4o, claude-opus], stream: hold }',
  'brief: { try: [gpt-4o], timeout: { total: 5s } }',
];
const SILENT: Script = () => undefined;
const STREAM = openAiStream(['ein', 'zwei', 'drei']);

interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly candor: { readonly attempts: object[] } };
}

/** The record says that we ended it, and nothing in it that the vendor failed. */
function expectOurEnd(record: ReadRecord, http: number): void {
  expect(record).toMatchObject({ status: 'failed', http, error: { code: 'shutting_down' } });
  expect(record.attempts.map((attempt) => attempt.kind)).toEqual(['shutting_down']);
  expect(record.attempts[0]?.upstream.error).toBeNull();
  expect(JSON.stringify([record.error, record.why, record.fallback])).not.toMatch(/upstream|truncated|reset/);
  // The vendor had the request and may have worked on it.
  expect(record.attempts[0]?.possibly_billed).toBe(true);
  expect(record.cost).toBeNull();
}

describe('the end of the process', () => {
  let gateway: KeyedGateway;
  beforeEach(async () => {
    gateway = await startKeyedGateway({ routes: ROUTES });
  });
  afterEach(() => gateway.close());

  /** Whether anybody else than this provider was asked. */
  function askedElsewhere(provider: string): boolean {
    return Object.entries(gateway.upstreams).some(([name, { requests }]) => name !== provider && requests.length > 0);
  }

  const streams = textStreams(['ein', 'zwei', 'drei']).map((stream) => [stream.name, stream] as const);

  test.each(streams)('an open stream is told inside it: %s', async (_name, stream: UpstreamStream) => {
    const upstream = gateway.upstreams[stream.provider as 'openai'];
    upstream.play(eventStream(stream.events.slice(0, stream.firstContent + 1), 'open'));
    const client = await openSlowClient(gateway.url, {
      model: `${stream.provider}-chain`,
      messages: MESSAGES,
      stream: true,
    });
    const stopped = gateway.stop();
    const text = await client.readAll();
    await stopped;
    expect(flawsOfBrokenStream(text)).toEqual([]);
    expect(readStream(text)).toMatchObject({ hasContent: true, error: { code: 'shutting_down' } });
    expect(askedElsewhere(stream.provider)).toBe(false);
    expectOurEnd(await gateway.record(String(client.response.headers['x-request-id'])), 200);
  });

  test.each([
    ['a whole answer', { model: 'openai-chain' }, SILENT],
    ['a named model', { model: 'gpt-4o' }, SILENT],
    [
      'a stream before its first content',
      { model: 'openai-chain', stream: true },
      eventStream(STREAM.events.slice(0, 1), 'open'),
    ],
    ['a held stream', { model: 'held', stream: true }, eventStream(STREAM.events.slice(0, 3), 'open')],
    [
      'a body that has begun',
      { model: 'gpt-4o' },
      (socket: Socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'),
    ],
  ])('%s under way is refused, and may be asked again elsewhere', async (_name, request, script) => {
    gateway.upstreams.openai.play(script);
    const came = gateway.upstreams.openai.nextRequest();
    const asked = gateway.ask({ ...request, messages: MESSAGES });
    await came;
    const stopped = gateway.stop();
    const response = await asked;
    const { error } = (await response.json()) as ErrorBody;
    await stopped;
    expect({ status: response.status, code: error.code }).toEqual({ status: 503, code: 'shutting_down' });
    expect(response.headers.get('x-should-retry')).toBe('true');
    expect(Number(response.headers.get('retry-after-ms'))).toBeGreaterThan(0);
    expect(error.message).not.toMatch(/upstream/);
    expect(askedElsewhere('openai')).toBe(false);
    expectOurEnd(await gateway.record(response.headers.get('x-request-id') ?? ''), 503);
  });

  test('a request that comes on an open connection is refused, and the connection with it', async () => {
    // A connection to the vendor stands ready, so that nothing but the refusal keeps the request from it.
    gateway.upstreams.openai.play(json(completion()));
    await (await gateway.ask({ model: 'gpt-4o', messages: MESSAGES })).text();
    const socket = await openSocket(gateway.url);
    const post = postText('/v1/chat/completions', JSON.stringify({ model: 'gpt-4o', messages: MESSAGES }));
    // The beginning of the second request keeps the connection from being an idle one.
    socket.write(`GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n${post.slice(0, 40)}`);
    await socket.until('"ok"');
    const stopped = gateway.stop();
    socket.write(post.slice(40));
    const text = await socket.toEnd();
    await stopped;
    const [, second = ''] = text.split('"ok"}');
    expect(second).toMatch(/^HTTP\/1\.1 503 /);
    expect(second).toMatch(/\r\nretry-after-ms: [1-9]\d*\r\n/);
    expect(second).toContain('"code":"shutting_down"');
    // Refused at the door: no attempt was even begun.
    expect(second).toContain('"attempts":[]');
    expect(gateway.upstreams.openai.requests).toHaveLength(1);
  });

  test('waits for a client that is still taking an answer which is complete', async () => {
    // More than the buffers between the two can hold.
    const text = 'x'.repeat(16 * 1024 * 1024);
    gateway.upstreams.openai.play(json(completion({ text })));
    const client = await openSlowClient(gateway.url, { model: 'gpt-4o', messages: MESSAGES });
    const stopped = gateway.stop();
    const answered = JSON.parse(await client.readAll()) as { choices: { message: { content: string } }[] };
    await stopped;
    expect(answered.choices[0]?.message.content).toHaveLength(text.length);
    const id = String(client.response.headers['x-request-id']);
    expect(await gateway.record(id)).toMatchObject({ status: 'complete', http: 200 });
  });

  test('is not held up by a client that has stopped reading', async () => {
    const pour = pouring();
    gateway.upstreams.openai.play(pour.script);
    const client = await openSlowClient(gateway.url, { model: 'gpt-4o', messages: MESSAGES, stream: true });
    await pour.standstill();
    const warnings: string[] = [];
    const warn = (warning: Error): void => void warnings.push(warning.name);
    process.on('warning', warn);
    const startedAt = performance.now();
    await gateway.stop();
    process.off('warning', warn);
    // What is left of the answer is not written piece by piece to a client that takes none of it.
    expect(warnings).toEqual([]);
    // Two seconds of grace; a client that stalls otherwise has thirty.
    expect(performance.now() - startedAt).toBeLessThan(8000);
    expectOurEnd(await gateway.record(String(client.response.headers['x-request-id'])), 200);
    client.leave();
  });
});

describe('a client that reads nothing', () => {
  let clock: ManualClock;
  let gateway: KeyedGateway;
  beforeEach(async () => {
    clock = new ManualClock();
    gateway = await startKeyedGateway({ routes: ROUTES, clock });
  });
  afterEach(() => gateway.close());

  /** Opens a stream of which the client takes only the head, and waits until it holds the upstream up. */
  async function stall(model: string) {
    const pour = pouring();
    const opened = new Promise<Socket>((resolve) => {
      gateway.upstreams.openai.play((socket, request) => {
        pour.script(socket, request);
        resolve(socket);
      });
    });
    const client = await openSlowClient(gateway.url, { model, messages: MESSAGES, stream: true });
    const socket = await opened;
    await pour.standstill();
    return { client, socket, id: String(client.response.headers['x-request-id']) };
  }

  test('is given up after 30 s, and the upstream with it', async () => {
    const { client, socket, id } = await stall('gpt-4o');
    clock.advance(29_900);
    expect(await gateway.record(id)).toMatchObject({ status: 'running' });
    expect(socket.destroyed).toBe(false);
    clock.advance(200);
    await vi.waitFor(() => expect(socket.destroyed).toBe(true));
    await vi.waitFor(async () => {
      expect(await gateway.record(id)).toMatchObject({
        status: 'cancelled',
        http: 200,
        error: { code: 'client_closed' },
      });
    });
    // What the kernel holds is still to be had; the end of the stream is not.
    await expect(client.readAll()).rejects.toThrow(/aborted|hang up|ECONNRESET/);
  });

  test('does not outlive the time its request has', async () => {
    const { client, socket, id } = await stall('brief');
    clock.advance(4900);
    expect(await gateway.record(id)).toMatchObject({ status: 'running' });
    clock.advance(200);
    await vi.waitFor(() => expect(socket.destroyed).toBe(true));
    await vi.waitFor(async () => {
      expect(await gateway.record(id)).toMatchObject({
        status: 'failed',
        http: 200,
        error: { code: 'upstream_total_timeout' },
      });
    });
    clock.advance(30_100);
    // The system may have found room for the last bytes after all; what must not be is a proper end.
    const read = await client.readAll().catch(() => null);
    expect(read === null ? 'upstream_total_timeout' : readStream(read).error?.code).toBe('upstream_total_timeout');
  });
});
