import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { newGenerationId } from '../src/core/identifier.ts';
import { decodeChatRequest } from '../src/dialects/openai-chat/decode.ts';
import { openAiChatDialect } from '../src/dialects/openai-chat/encode.ts';
import type { ClientConnection, Exchange } from '../src/pipeline/exchange.ts';
import { handleChat } from '../src/pipeline/handle-chat.ts';
import { flowingAndHeldConfig } from './support/fault-cases.ts';
import { startInjectedGateway, type InjectedGateway } from './support/injected-gateway.ts';
import { ManualClock, turns } from './support/manual-clock.ts';
import { body, chunk, eventStream, type Script } from './support/raw-upstream.ts';
import { openSlowClient, sendRequest } from './support/slow-client.ts';
import { openUpstreamBench, type UpstreamBench } from './support/upstream-bench.ts';
import { openAiChunk, textStreams, type UpstreamStream } from './support/upstream-streams.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }];
const CONFIG = flowingAndHeldConfig();

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
  beforeEach(() => bench.gateway.closeCircuits());
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
    await vi.waitFor(
      async () => {
        expect(await bench.gateway.record(id)).toMatchObject({
          status: 'cancelled',
          http,
          error: { code: 'client_closed' },
        });
      },
      { timeout: 5_000 },
    );
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
    'after the headers, before any content': (stream) =>
      eventStream(stream.events.slice(0, stream.firstContent), 'open'),
  };

  test.each(streams)('%s: before any content', async (_name, stream) => {
    for (const script of Object.values(phases)) {
      for (const isStream of [true, false]) {
        const opened = playOn(stream.provider, script(stream));
        const others = otherRequests(stream.provider);
        const request = sendRequest(bench.gateway.url, {
          model: `${stream.provider}-flows`,
          messages: MESSAGES,
          stream: isStream,
        });
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
    const client = await openSlowClient(bench.gateway.url, {
      model: `${stream.provider}-flows`,
      messages: MESSAGES,
      stream: true,
    });
    const socket = await opened;
    client.leave();
    await expectCancelled(socket, 200);
    expect(otherRequests(stream.provider)).toBe(others);
  });

  test.each(streams)('%s: after the finish, before the upstream has ended', async (_name, stream) => {
    const opened = playOn(stream.provider, eventStream(stream.events.slice(0, stream.terminal + 1), 'open'));
    const client = await openSlowClient(bench.gateway.url, {
      model: `${stream.provider}-flows`,
      messages: MESSAGES,
      stream: true,
    });
    const socket = await opened;
    client.leave();
    await expectCancelled(socket, 200);
  });

  test.each(streams)('%s: while a held answer is awaited', async (_name, stream) => {
    const opened = playOn(stream.provider, eventStream(stream.events.slice(0, stream.firstContent + 1), 'open'));
    const request = sendRequest(bench.gateway.url, {
      model: `${stream.provider}-held`,
      messages: MESSAGES,
      stream: true,
    });
    const socket = await opened;
    request.destroy();
    await expectCancelled(socket, 499);
  });

  test('in the middle of a whole answer', async () => {
    const opened = playOn('openai', (socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"id":'),
    );
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
  const EVENT = openAiChunk({ content: 'x'.repeat(8 * 1024) });

  /** An upstream that writes an answer of so many bytes, or without end, as long as its socket takes more. */
  function pouring(mostBytes = Number.POSITIVE_INFINITY): { readonly script: Script; readonly written: () => number } {
    let written = 0;
    const piece = chunk(EVENT);
    const script: Script = (socket, request) => {
      eventStream([], 'open')(socket, request);
      const pump = (): void => {
        while (written < mostBytes && !socket.destroyed) {
          written += piece.length;
          if (!socket.write(piece)) return;
        }
      };
      socket.on('drain', pump);
      pump();
    };
    return { script, written: () => written };
  }

  /** Waits until nothing has been written for some looks in a row; fails when it goes on and on. */
  async function expectStandstill(written: () => number): Promise<void> {
    let before = -1;
    let still = 0;
    await vi.waitFor(
      () => {
        still = written() === before ? still + 1 : 0;
        before = written();
        expect(still).toBeGreaterThanOrEqual(5);
      },
      { timeout: 10_000, interval: 20 },
    );
  }

  test('and goes with much of the answer unread takes the upstream with it', async () => {
    const bench = await openUpstreamBench({ config: CONFIG });
    try {
      // Less than a stream may have in all, since the buffers of the sockets may hold that much.
      const pour = pouring(6 * 1024 * 1024);
      const opened = new Promise<Socket>((resolve) => {
        bench.upstreams['openai']!.play((socket, request) => {
          pour.script(socket, request);
          resolve(socket);
        });
      });
      const client = await openSlowClient(bench.gateway.url, {
        model: 'openai-flows',
        messages: MESSAGES,
        stream: true,
      });
      const socket = await opened;
      await expectStandstill(pour.written);
      expect(socket.destroyed).toBe(false);
      client.leave();
      await vi.waitFor(() => expect(socket.destroyed).toBe(true));
      const id = await newestId(bench);
      await vi.waitFor(async () => {
        expect(await bench.gateway.record(id)).toMatchObject({ status: 'cancelled', http: 200 });
      });
    } finally {
      await bench.close();
    }
  });

  test('pauses the upstream, is read for by small pieces only, and its slowness is not taken for silence of the upstream', async () => {
    const clock = new ManualClock();
    const gateway = await startInjectedGateway({ clock });
    try {
      const pour = pouring();
      const opened = new Promise<Socket>((resolve) => {
        gateway.upstreams.openai.play((socket, request) => {
          pour.script(socket, request);
          resolve(socket);
        });
      });
      const client = new HeldClient();
      const done = handleChat(exchangeOf(gateway, client, 'patient'), gateway.steps);
      const socket = await opened;
      await expectStandstill(pour.written);
      // The pipeline has taken one piece and waits; the transport holds one measure of it back, and the rest is the kernel's.
      expect(client.bytes).toBeGreaterThan(0);
      expect(client.bytes).toBeLessThanOrEqual(128 * 1024);

      clock.advance(25_000);
      await turns(20);
      expect(socket.destroyed).toBe(false);

      // When the client reads again, so does the gateway; one that takes nothing for 30 s is given up.
      const before = client.bytes;
      client.release();
      await vi.waitFor(() => expect(client.bytes).toBeGreaterThan(before));
      clock.advance(29_900);
      await turns(20);
      expect(client.closed).toBe(false);
      clock.advance(200);
      expect(client.closed).toBe(true);
      const generation = await done;
      expect(generation.attempts[0]?.kind).toBe('client_closed');
      await vi.waitFor(() => expect(socket.destroyed).toBe(true));
    } finally {
      await gateway.close();
    }
  });
});

/** A client that takes what it is given only when told to. */
class HeldClient implements ClientConnection {
  closed = false;
  bytes = 0;
  #release: (() => void) | null = null;
  #onClosed: (() => void) | null = null;

  onClosed(callback: () => void): void {
    this.#onClosed = callback;
  }
  start(): void {
    // The head is not what is counted here.
  }
  write(bytes: Buffer): Promise<void> | undefined {
    if (this.closed) return undefined;
    this.bytes += bytes.length;
    return new Promise((resolve) => {
      this.#release = resolve;
    });
  }
  end(bytes: Buffer): undefined {
    this.bytes += bytes.length;
  }
  destroy(): void {
    this.leave();
  }
  /** Lets the write under way be done. */
  release(): void {
    this.#release?.();
  }
  leave(): void {
    this.closed = true;
    this.#onClosed?.();
    this.release();
  }
}

function exchangeOf(gateway: InjectedGateway, client: ClientConnection, model: string): Exchange {
  const bytes = Buffer.from(JSON.stringify({ model, messages: MESSAGES, stream: true }));
  return {
    id: newGenerationId(gateway.steps.clock.wallTime()),
    request: decodeChatRequest(bytes, new Map()),
    dialect: openAiChatDialect,
    client,
    held: gateway.steps.held.hold(),
    configuration: gateway.configuration,
    arrivedAt: gateway.steps.clock.now(),
  };
}
