import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { PROTOCOLS } from './support/fault-cases.ts';
import { ManualClock, turns } from './support/manual-clock.ts';
import { body, chunk, eventStream, type Script } from './support/raw-upstream.ts';
import { openSlowClient, sendRequest } from './support/slow-client.ts';
import { flawsOfCompleteStream, readStream } from './support/stream-reading.ts';
import { openUpstreamBench, type UpstreamBench } from './support/upstream-bench.ts';
import { openAiChunk, openAiStream, textStreams, type UpstreamStream } from './support/upstream-streams.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }];
const CONFIG = `providers:
  openai: { sim: true }
  anthropic: { sim: true }
  google: { sim: true }
  deepseek: { sim: true }
models:
  gpt-4o: { at: openai }
  gpt-4o-mini: { at: openai }
  claude-opus: { at: anthropic, id: claude-opus-4-8 }
  claude-haiku: { at: anthropic, id: claude-haiku-4-5 }
  gemini-flash: { at: google, id: gemini-2.5-flash }
  deepseek-chat: { at: deepseek }
routes:
${Object.entries(PROTOCOLS)
  .flatMap(([name, { model, fallback }]) => [
    `  ${name}-flows: { try: [${model}, ${fallback}] }`,
    `  ${name}-held: { try: [${model}, ${fallback}], stream: hold }`,
  ])
  .join('\n')}
`;

/** The newest generation, as the page of the last requests names it. */
async function newestId(bench: UpstreamBench): Promise<string> {
  const page = await (await fetch(bench.gateway.url)).text();
  return /\/r\/(gen_[0-9A-Za-z]+)/.exec(page)?.[1] ?? '';
}

describe('a client that goes', () => {
  let bench: UpstreamBench;
  beforeAll(async () => {
    bench = await openUpstreamBench({ config: CONFIG });
  });
  afterAll(() => bench.close());

  /** Plays a script and resolves with the socket it is played on. */
  function playOn(provider: string, script: Script): Promise<Socket> {
    return new Promise((resolve) => {
      bench.upstreams[provider]!.play((socket, request) => {
        script(socket, request);
        resolve(socket);
      });
    });
  }

  /** The upstream's connection is closed, nobody else is asked, and the record says that the client went. */
  async function expectCancelled(socket: Socket, http: number): Promise<void> {
    if (!socket.destroyed) await once(socket, 'close');
    const id = await newestId(bench);
    await vi.waitFor(async () => {
      expect(await bench.gateway.record(id)).toMatchObject({ status: 'cancelled', http, error: { code: 'client_closed' } });
    });
    const record = await bench.gateway.record(id);
    expect((record['attempts'] as { kind: string; possibly_billed: boolean }[]).at(-1)).toMatchObject({
      kind: 'client_closed',
      possibly_billed: true,
    });
  }

  const streams = textStreams(['ein', 'zwei', 'drei']).map((stream) => [stream.name, stream] as const);
  const silent: Script = () => undefined;
  const phases: Readonly<Record<string, (stream: UpstreamStream) => Script>> = {
    'before the upstream has answered': () => silent,
    'after the headers, before any content': (stream) => eventStream(stream.events.slice(0, stream.firstContent), 'open'),
  };

  test.each(streams)('%s: before any content', async (_name, stream) => {
    for (const script of Object.values(phases)) {
      for (const isStream of [true, false]) {
        const opened = playOn(stream.provider, script(stream));
        const others = otherRequests(stream.provider);
        const request = sendRequest(bench.gateway.url, { model: `${stream.provider}-flows`, messages: MESSAGES, stream: isStream });
        const socket = await opened;
        request.destroy();
        await expectCancelled(socket, 499);
        expect(otherRequests(stream.provider)).toBe(others);
      }
    }
  });

  test.each(streams)('%s: in the middle of the stream', async (_name, stream) => {
    const opened = playOn(stream.provider, eventStream(stream.events.slice(0, stream.firstContent + 1), 'open'));
    const others = otherRequests(stream.provider);
    const client = await openSlowClient(bench.gateway.url, { model: `${stream.provider}-flows`, messages: MESSAGES, stream: true });
    const socket = await opened;
    client.leave();
    await expectCancelled(socket, 200);
    expect(otherRequests(stream.provider)).toBe(others);
  });

  test.each(streams)('%s: after the finish, before the upstream has ended', async (_name, stream) => {
    const opened = playOn(stream.provider, eventStream(stream.events.slice(0, stream.terminal + 1), 'open'));
    const client = await openSlowClient(bench.gateway.url, { model: `${stream.provider}-flows`, messages: MESSAGES, stream: true });
    const socket = await opened;
    client.leave();
    await expectCancelled(socket, 200);
  });

  test.each(streams)('%s: while a held answer is awaited', async (_name, stream) => {
    const opened = playOn(stream.provider, eventStream(stream.events.slice(0, stream.firstContent + 1), 'open'));
    const request = sendRequest(bench.gateway.url, { model: `${stream.provider}-held`, messages: MESSAGES, stream: true });
    const socket = await opened;
    request.destroy();
    await expectCancelled(socket, 499);
  });

  test('in the middle of a whole answer', async () => {
    const opened = playOn('openai', (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"id":'));
    const request = sendRequest(bench.gateway.url, { model: 'openai-flows', messages: MESSAGES });
    const socket = await opened;
    request.destroy();
    await expectCancelled(socket, 499);
  });

  test('during the second attempt', async () => {
    bench.upstreams['openai']!.play(body('{}', 'application/json', '503 Busy'));
    const opened = playOn('anthropic', silent);
    const request = sendRequest(bench.gateway.url, { model: 'openai-flows', messages: MESSAGES, stream: true });
    const socket = await opened;
    request.destroy();
    await expectCancelled(socket, 499);
  });

  test('leaves no connection behind: at most the idle one of each provider', async () => {
    await vi.waitFor(() => expect(bench.openSockets()).toBeLessThanOrEqual(4));
  });

  function otherRequests(provider: string): number {
    return Object.entries(bench.upstreams)
      .filter(([name]) => name !== provider)
      .reduce((sum, [, upstream]) => sum + upstream.requests.length, 0);
  }
});

describe('a client that is slow', () => {
  const clock = new ManualClock();
  let bench: UpstreamBench;
  beforeAll(async () => {
    bench = await openUpstreamBench({ config: CONFIG, clock });
  });
  afterAll(() => bench.close());

  const EVENT = openAiChunk({ content: 'x'.repeat(8 * 1024) });

  /** An upstream that writes as long as its socket takes more, until told to finish. */
  function pouring(): { readonly script: Script; written(): number; finish(): void } {
    let written = 0;
    let isDone = false;
    const piece = chunk(EVENT);
    const script: Script = (socket, request) => {
      eventStream(openAiStream([]).events.slice(0, 1), 'open')(socket, request);
      const pump = (): void => {
        while (!socket.destroyed && !isDone) {
          written += EVENT.length;
          if (!socket.write(piece)) return;
        }
        if (isDone && !socket.writableEnded) {
          for (const event of openAiStream([]).events.slice(1)) socket.write(chunk(event));
          socket.write('0\r\n\r\n');
        }
      };
      socket.on('drain', pump);
      pump();
    };
    return {
      script,
      written: () => written,
      finish: () => {
        isDone = true;
      },
    };
  }

  /** Waits until nothing has been written for as many looks in a row. */
  async function standstill(written: () => number): Promise<number> {
    let before = -1;
    let still = 0;
    return vi.waitFor(
      () => {
        still = written() === before ? still + 1 : 0;
        before = written();
        expect(still).toBeGreaterThanOrEqual(5);
        return before;
      },
      { timeout: 10_000, interval: 20 },
    );
  }

  test('pauses the upstream, is not taken for a silent one, and gets every byte in the end', async () => {
    const pour = pouring();
    bench.upstreams['openai']!.play(pour.script);
    const client = await openSlowClient(bench.gateway.url, { model: 'openai-flows', messages: MESSAGES, stream: true });
    const stood = await standstill(pour.written);
    // Far less than the gateway would take from a stream in all: what is out lies in the buffers of the sockets.
    expect(stood).toBeLessThan(8 * 1024 * 1024);

    // Ten minutes: the upstream's 30 s of silence do not run while it is we who do not read.
    clock.advance(600_000);
    await turns(20);
    expect(bench.openSockets()).toBe(1);

    pour.finish();
    const bytes = await client.readAll();
    expect(flawsOfCompleteStream(bytes)).toEqual([]);
    expect(readStream(bytes).text).toHaveLength((pour.written() / EVENT.length) * 8 * 1024);
    await vi.waitFor(async () => {
      expect(await bench.gateway.record(await newestId(bench))).toMatchObject({ status: 'complete' });
    });
  });

  test('that goes while the upstream is paused ends it', async () => {
    const pour = pouring();
    bench.upstreams['openai']!.play(pour.script);
    const client = await openSlowClient(bench.gateway.url, { model: 'openai-flows', messages: MESSAGES, stream: true });
    await standstill(pour.written);
    client.leave();
    await vi.waitFor(() => expect(bench.openSockets()).toBe(0));
    const id = await newestId(bench);
    await vi.waitFor(async () => {
      expect(await bench.gateway.record(id)).toMatchObject({ status: 'cancelled', http: 200 });
    });
  });
});
