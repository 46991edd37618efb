import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { compileSources, type CompiledSources } from './support/compiled-sources.ts';
import { startGatewayProcess, writeGatewayConfig, type GatewayProcess } from './support/gateway-process.ts';
import { eventStream, startRawUpstream, type RawUpstream } from './support/raw-upstream.ts';
import { openSlowClient } from './support/slow-client.ts';
import { flawsOfBrokenStream, readStream } from './support/stream-reading.ts';
import { openAiStream } from './support/upstream-streams.ts';

const STREAM = openAiStream(['ein', 'zwei', 'drei']);
const QUESTION = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }], stream: true };
/** Throws in the middle of the process when it is told to. */
const PLANTED = 'data:text/javascript,process.on("SIGUSR2",()=>{throw new Error("planted")})';
/** What a busy machine may add to a time. */
const SLACK_MS = 2_000;

let sources: CompiledSources;
beforeAll(() => {
  sources = compileSources();
});
afterAll(() => sources.remove());

describe('a process that is told to end', () => {
  let directory: string;
  let upstream: RawUpstream;
  let gateways: GatewayProcess[];
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'candor-process-'));
    upstream = await startRawUpstream(eventStream(STREAM.events.slice(0, 3), 'open'));
    gateways = [];
  });
  afterEach(async () => {
    for (const gateway of gateways) await gateway.end('SIGKILL');
    await upstream.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function start(
    server: string,
    options: { readonly nodeOptions?: readonly string[]; readonly openFiles?: number } = {},
  ): Promise<GatewayProcess> {
    writeGatewayConfig(directory, upstream.url, server);
    const gateway = await startGatewayProcess({ sources, directory, ...options });
    gateways.push(gateway);
    return gateway;
  }

  /** Every client has its error in the stream, and nothing that looks like an end. */
  async function expectBrokenOff(clients: readonly { readAll(): Promise<string> }[]): Promise<void> {
    for (const client of clients) {
      const text = await client.readAll();
      expect(flawsOfBrokenStream(text)).toEqual([]);
      expect(readStream(text)).toMatchObject({ hasContent: true, error: { code: 'shutting_down' } });
    }
  }

  const openStreams = (gateway: GatewayProcess) =>
    Promise.all(Array.from({ length: 20 }, () => openSlowClient(gateway.url, QUESTION)));

  test('ends within its cap, whatever its streams do', async () => {
    const gateway = await start('{ drain: { grace: 100ms, cap: 1s } }');
    const clients = await openStreams(gateway);
    const ended = gateway.end('SIGTERM');
    await expectBrokenOff(clients);
    const { code, tookMs } = await ended;
    expect(code).toBe(0);
    expect(tookMs).toBeGreaterThan(1_100 - 20);
    expect(tookMs).toBeLessThan(1_100 + 1_000 + SLACK_MS);
  });

  test.each<readonly [NodeJS.Signals, NodeJS.Signals | null]>([
    ['SIGTERM', 'SIGTERM'],
    ['SIGTERM', 'SIGINT'],
    ['SIGINT', null],
  ])('does not wait once it has been told twice, nor after Ctrl-C: %s, %s', async (first, second) => {
    const gateway = await start('{ drain: { grace: 1m, cap: 10m } }');
    const clients = await openStreams(gateway);
    const ended = gateway.end(first);
    if (second !== null) {
      await vi.waitFor(async () => expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503));
      gateway.child.kill(second);
    }
    await expectBrokenOff(clients);
    expect(await ended).toMatchObject({ code: 0 });
  });

  test('goes the same way after a fault of its own, and says so', async () => {
    const gateway = await start('{ drain: { grace: 1s, cap: 300ms } }', { nodeOptions: ['--import', PLANTED] });
    const clients = await openStreams(gateway);
    const ended = gateway.end('SIGUSR2');
    await vi.waitFor(async () => expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503));
    await expectBrokenOff(clients);
    expect(await ended).toMatchObject({ code: 1 });
    expect(gateway.said.join('\n')).toMatch(/"event":"fault"[^]*planted/);
  });

  test('is not ended by more connections than it may open', async () => {
    // It reads that many modules at once when it starts.
    const openFiles = 256;
    const gateway = await start('{ drain: { cap: 1s } }', { openFiles });
    const { hostname, port } = new URL(gateway.url);
    const sockets: Socket[] = Array.from({ length: openFiles * 2 }, () => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      return socket;
    });
    await vi.waitFor(() => expect(sockets.some((socket) => socket.destroyed)).toBe(true), { timeout: 10_000 });
    for (const socket of sockets) socket.destroy();
    await vi.waitFor(async () => expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200), { timeout: 10_000 });
    expect(await gateway.end('SIGTERM')).toMatchObject({ code: 0 });
  });
});
