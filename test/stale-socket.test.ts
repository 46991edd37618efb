import type { Socket } from 'node:net';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { startKeyedGateway, type KeyedGateway } from './support/keyed-gateway.ts';
import { eventStream, type Script } from './support/raw-upstream.ts';
import { flawsOfCompleteStream, readStream } from './support/stream-reading.ts';
import { openAiStream } from './support/upstream-streams.ts';
import { completion, json } from './support/vendor-answers.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }];
const STREAM = openAiStream(['ein', 'zwei']);
const ANSWERS = json(completion());

let gateway: KeyedGateway;
beforeAll(async () => {
  gateway = await startKeyedGateway({
    routes: ['main: { try: [gpt-4o, claude-opus] }', 'held: { try: [gpt-4o, claude-opus], stream: hold }'],
  });
});
afterAll(() => gateway.close());

async function recordOf(response: Response) {
  return gateway.record(response.headers.get('x-request-id') ?? '');
}

describe.each<readonly [string, Script]>([
  ['FIN', (socket) => socket.end()],
  ['RST', (socket) => socket.resetAndDestroy()],
])('an idle connection that the provider closes with %s as the request comes', (_name, breaks) => {
  /** A socket that has answered before breaks; a new one answers. */
  const idle = new WeakSet<Socket>();
  beforeEach(async () => {
    gateway.upstreams.openai.play((socket, request) => {
      idle.add(socket);
      ANSWERS(socket, request);
    });
    expect((await gateway.ask({ model: 'gpt-4o', messages: MESSAGES })).status).toBe(200);
  });
  const play = (onFresh: Script): void =>
    gateway.upstreams.openai.play((socket, request) => (idle.has(socket) ? breaks : onFresh)(socket, request));

  test('is not noticed by the client: the request goes once more over a new one', async () => {
    play(ANSWERS);
    const { openai, anthropic } = gateway.upstreams;
    const before = [openai.requests.length, anthropic.requests.length];
    const response = await gateway.ask({ model: 'main', messages: MESSAGES });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'Hello to you.' } }] });
    expect(response.headers.get('x-candor-fallback')).toBe('?0');
    const record = await recordOf(response);
    expect(record).toMatchObject({ status: 'complete', fallback: null, degraded: null, cost: null });
    expect(record.attempts).toMatchObject([
      { deployment: 'openai/gpt-4o', kind: 'stale_socket', status: null, why: 'primary', possibly_billed: true },
      { deployment: 'openai/gpt-4o', kind: 'ok', status: 200, why: 'retry', possibly_billed: false },
    ]);
    // Whether the first was read nobody knows: what it cost is not known either, and it counts as no answer.
    expect(record.attempts[0]).toMatchObject({ cost: null, usage: null, finish: null });
    expect(record.attempts[0]?.ms).toBeLessThan(1_000);
    expect([openai.requests.length - 2, anthropic.requests.length]).toEqual(before);
  });

  test.each(['main', 'held'])('nor in a stream of the route `%s`', async (model) => {
    play(eventStream(STREAM.events, 'clean'));
    const response = await gateway.ask({ model, messages: MESSAGES, stream: true });
    const text = await response.text();
    expect(flawsOfCompleteStream(text)).toEqual([]);
    expect(readStream(text).text).toBe('ein zwei ');
    expect((await recordOf(response)).attempts.map(({ kind }) => kind)).toEqual(['stale_socket', 'ok']);
  });

  test('is asked once more only: where the new one breaks too, the next model answers', async () => {
    play(breaks);
    gateway.upstreams.anthropic.play((socket) => socket.resetAndDestroy());
    const response = await gateway.ask({ model: 'main', messages: MESSAGES });
    const { attempts } = await recordOf(response);
    expect(attempts.slice(0, 3).map(({ deployment, kind }) => [deployment, kind])).toEqual([
      ['openai/gpt-4o', 'stale_socket'],
      ['openai/gpt-4o', 'reset'],
      ['anthropic/claude-opus', 'reset'],
    ]);
    expect(response.status).toBe(503);
  });
});

test('a provider that closes each connection after its answer costs nobody an answer', async () => {
  for (let time = 0; time < 60; time++) {
    gateway.upstreams.openai.play((socket, request) => {
      ANSWERS(socket, request);
      const close = (turns: number): unknown => (turns === 0 ? socket.end() : setImmediate(() => close(turns - 1)));
      close(time % 12);
    });
    const response = await gateway.ask({ model: 'gpt-4o', messages: MESSAGES });
    expect([response.status, time]).toEqual([200, time]);
    await response.text();
  }
});
