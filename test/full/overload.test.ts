import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { compileSources, type CompiledSources } from '../support/compiled-sources.ts';
import { startGatewayProcess, writeGatewayConfig, type GatewayProcess } from '../support/gateway-process.ts';
import { completion, json } from '../support/vendor-answers.ts';

const UPSTREAM_MS = 50;
const QUESTION = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello '.repeat(150) }] });
const LOAD = join(import.meta.dirname, '..', 'support', 'overload-load.mjs');
const OVERLOAD_SECONDS = 60;

/** What the clients of `overload-load.mjs` met. */
interface Met {
  readonly goodput: number;
  /** Without the first ten seconds, in which the gateway finds out. */
  readonly settledGoodput: number | null;
  /** Answers for each second of CPU that the gateway's main thread had: how busy the rest of the machine was is no matter. */
  readonly answersPerCpuSecond: number;
  /** The share of the time in which the gateway's thread could have run, and something else ran on its core. */
  readonly hinderedShare: number;
  readonly shed: number;
  readonly other: number;
  readonly others: Readonly<Record<string, number>>;
  readonly answeredMs: Quantiles;
  readonly shedMs: Quantiles;
  readonly settledShedMs: Quantiles;
  readonly lastShedMs: number | null;
}

interface Quantiles {
  readonly p50: number | null;
  readonly p99: number | null;
}

let sources: CompiledSources;
let upstream: Awaited<ReturnType<typeof startUpstream>>;
let directory: string;
let gateway: GatewayProcess;
let healthUrl: string;
/** Answers a second at the best number of clients, and that number. */
let peak = { goodput: 0, clients: 0, answersPerCpuSecond: 0 };

/**
 * Without shedding, goodput falls to a few percent of the peak: each answer comes after its client has
 * gone. The bounds tell that apart from what one machine makes of the same work at different times; the
 * figures themselves are printed.
 */
const LEAST_SHARE = { waiting: 0.5, atOnce: 0.3 };
beforeAll(async () => {
  sources = compileSources();
  upstream = await startUpstream();
  directory = mkdtempSync(join(tmpdir(), 'candor-overload-'));
  const healthPort = await freePort();
  healthUrl = `http://127.0.0.1:${healthPort}/healthz`;
  writeGatewayConfig(directory, upstream.url, `{ health: { listen: "127.0.0.1:${healthPort}" } }`);
  gateway = await startGatewayProcess({ sources, directory });
  await load({ clients: 256, seconds: 5, honour: true });
  for (const clients of [128, 256, 512]) {
    const { goodput, answersPerCpuSecond } = await load({ clients, seconds: 10, honour: true });
    // More clients that bring hardly more only wait longer.
    if (goodput > peak.goodput * 1.05) peak = { goodput, clients, answersPerCpuSecond };
  }
}, 90_000);
afterAll(async () => {
  await gateway.end('SIGKILL');
  upstream.close();
  rmSync(directory, { recursive: true, force: true });
  sources.remove();
});

test('ten times as many clients as it can serve, which come back when they are told', async () => {
  const [met, health] = await overload(true);
  report('clients that wait', met, health);
  expect(met.others).toEqual({});
  expect(met.answersPerCpuSecond).toBeGreaterThanOrEqual(peak.answersPerCpuSecond * LEAST_SHARE.waiting);
  // The slowest refusals waited for the collector of garbage, or for other programs.
  expect(met.settledShedMs.p50).toBeLessThan(60);
  expect(health).toMatchObject({ failed: 0 });
  await expectRecovered();
}, 120_000);

test('ten times as many clients, which come back at once', async () => {
  const [met, health] = await overload(false);
  report('clients that do not wait', met, health);
  expect(met.others).toEqual({});
  // Refusing costs more here: each of these clients is let in or refused as soon as it may come again.
  expect(met.answersPerCpuSecond).toBeGreaterThanOrEqual(peak.answersPerCpuSecond * LEAST_SHARE.atOnce);
  expect(health).toMatchObject({ failed: 0 });
  await expectRecovered();
}, 120_000);

async function overload(honour: boolean): Promise<readonly [Met, Health]> {
  const health = watchHealth();
  const met = await load({ clients: peak.clients * 10, seconds: OVERLOAD_SECONDS, honour });
  return [met, await health.stop()];
}

/** Clients well below what it can serve: within five seconds nobody is refused any more. */
async function expectRecovered(): Promise<void> {
  const { lastShedMs, settledGoodput } = await load({ clients: peak.clients / 4, seconds: 15, honour: true });
  expect(lastShedMs ?? 0).toBeLessThan(5_000);
  expect(settledGoodput).toBeGreaterThan(0);
}

/** For whoever reads the output: the figures themselves. */
function report(name: string, met: Met, health: Health): void {
  process.stdout.write(`${JSON.stringify({ pass: name, peak, ...met, health })}\n`);
}

async function load(options: {
  readonly clients: number;
  readonly seconds: number;
  readonly honour: boolean;
}): Promise<Met> {
  const before = mainThreadMs();
  const child = spawn(process.execPath, [LOAD, JSON.stringify({ url: gateway.url, body: QUESTION, ...options })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await once(child, 'close');
  const after = mainThreadMs();
  const met = JSON.parse(output) as Omit<Met, 'hinderedShare' | 'answersPerCpuSecond'>;
  const ran = after.ran - before.ran;
  return {
    ...met,
    answersPerCpuSecond: (met.goodput * options.seconds) / (ran / 1000),
    hinderedShare: (after.waited - before.waited) / (options.seconds * 1000),
  };
}

/** How long the gateway's main thread has run so far, and how long it could have run and did not, because something else did. */
function mainThreadMs(): { readonly ran: number; readonly waited: number } {
  const { pid } = gateway.child;
  const [ranNs, waitedNs] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'latin1').split(' ');
  return { ran: Number(ranNs) / 1e6, waited: Number(waitedNs) / 1e6 };
}

interface Health {
  readonly asked: number;
  readonly failed: number;
  readonly slowestMs: number;
}

/** Asks for the health of the process ten times a second. */
function watchHealth() {
  let stopped = false;
  const seen = { asked: 0, failed: 0, slowestMs: 0 };
  const watch = async (): Promise<Health> => {
    while (!stopped) {
      const startedAt = performance.now();
      const status = await fetch(healthUrl, { signal: AbortSignal.timeout(1_000) }).then(
        async (response) => {
          await response.arrayBuffer();
          return response.status;
        },
        () => 0,
      );
      seen.asked++;
      if (status !== 200) seen.failed++;
      seen.slowestMs = Math.max(seen.slowestMs, Math.round(performance.now() - startedAt));
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    }
    return seen;
  };
  const done = watch();
  return {
    stop: () => {
      stopped = true;
      return done;
    },
  };
}

/** An upstream that keeps nothing of what it is asked: there are hundreds of thousands of requests. */
async function startUpstream() {
  const answer = json(completion({ text: 'x'.repeat(700) }));
  const server = createServer({ noDelay: true }, (socket) => {
    let received = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      const headEnd = received.indexOf('\r\n\r\n');
      const length = Number(/content-length: *(\d+)/i.exec(received)?.[1] ?? 0);
      if (headEnd < 0 || received.length < headEnd + 4 + length) return;
      received = '';
      setTimeout(() => answer(socket, { head: '', body: '' }), UPSTREAM_MS);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
