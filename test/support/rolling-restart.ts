import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { Agent, request } from 'undici';
import { vi } from 'vitest';

import { startBalancer } from './balancer.ts';
import type { CompiledSources } from './compiled-sources.ts';
import { startGatewayProcess, writeGatewayConfig, type GatewayProcess } from './gateway-process.ts';
import { chunk, eventStream, LAST_CHUNK, startRawUpstream, type Script } from './raw-upstream.ts';
import { openAiStream } from './upstream-streams.ts';
import { completion, json } from './vendor-answers.ts';

const STREAM = openAiStream(['ein', 'zwei', 'drei']);
const GATEWAYS = 2;
const RETRY_MS = 1_000;
const BACK_WITHIN_MS = 30_000;

export interface RollingRestarts {
  readonly sources: CompiledSources;
  /** How often both gateways are restarted, one after the other. */
  readonly rounds: number;
  /** Clients that have one request after the other under way, of each sort. */
  readonly clients: number;
  /** How long the upstream takes for an answer, streamed or not. */
  readonly answerMs: number;
  /** The value of `server`. */
  readonly server: string;
}

export interface RestartOutcome {
  readonly streams: number;
  readonly wholes: number;
  /** What went wrong as clients saw it, in words. */
  readonly failures: readonly string[];
  /** Exit codes of the processes that were told to end. */
  readonly exitCodes: readonly (number | null)[];
  /** The longest of them took so long to end. */
  readonly slowestEndMs: number;
}

/** Restarts two gateways behind a balancer, again and again, while clients have requests under way. */
export async function runRollingRestarts(options: RollingRestarts): Promise<RestartOutcome> {
  const upstream = await startRawUpstream(patientUpstream(options.answerMs));
  const directories = Array.from({ length: GATEWAYS }, () => mkdtempSync(join(tmpdir(), 'candor-rolling-')));
  for (const directory of directories) writeGatewayConfig(directory, upstream.url, options.server);
  const start = (directory: string, port?: number): Promise<GatewayProcess> =>
    startGatewayProcess({ sources: options.sources, directory, ...(port === undefined ? {} : { port }) });
  const gateways = await Promise.all(directories.map((directory) => start(directory)));
  const balancer = await startBalancer(gateways.map(({ url }) => url));
  const clients = startClients(balancer.url, options.clients);
  const exitCodes: (number | null)[] = [];
  let slowestEndMs = 0;
  try {
    for (let round = 0; round < options.rounds; round++) {
      for (const [index, directory] of directories.entries()) {
        const old = gateways[index] as GatewayProcess;
        const { code, tookMs } = await old.end('SIGTERM');
        exitCodes.push(code);
        slowestEndMs = Math.max(slowestEndMs, tookMs);
        gateways[index] = await start(directory, Number(new URL(old.url).port));
        await clients.another(options.clients / 2);
        // The next one goes when this one is back: else nobody is left.
        await vi.waitUntil(() => balancer.ready.has(old.url), { timeout: BACK_WITHIN_MS });
      }
    }
    const { streams, wholes, failures } = await clients.finish();
    return { streams, wholes, failures, exitCodes, slowestEndMs };
  } finally {
    await Promise.all(gateways.map((gateway) => gateway.end('SIGKILL')));
    await balancer.close();
    await upstream.close();
    for (const directory of directories) rmSync(directory, { recursive: true, force: true });
  }
}

/** Answers each request over so long a time, a stream event by event. */
function patientUpstream(answerMs: number): Script {
  return (socket, received) => {
    if (received.body.includes('"stream":true')) {
      eventStream([], 'open')(socket, received);
      sendPaced(socket, [...STREAM.events.map((event) => chunk(event)), LAST_CHUNK], answerMs);
      return;
    }
    setTimeout(() => json(completion())(socket, received), answerMs);
  };
}

function sendPaced(socket: Socket, pieces: readonly Buffer[], durationMs: number): void {
  const [piece, ...rest] = pieces;
  if (piece === undefined || socket.destroyed) return;
  socket.write(piece);
  setTimeout(() => sendPaced(socket, rest, durationMs), durationMs / STREAM.events.length);
}

/** Clients that ask again as soon as they have their answer. */
function startClients(url: string, count: number) {
  const agent = new Agent({ connections: count * 2, pipelining: 1, headersTimeout: 60_000, bodyTimeout: 60_000 });
  const outcome = { streams: 0, wholes: 0, failures: [] as string[] };
  let going = true;
  let onAnswer: () => void = () => undefined;
  const ask = async (stream: boolean): Promise<void> => {
    const body = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }], stream });
    while (going) {
      const flaw = await askOnce(url, body, stream, agent);
      if (flaw === null) outcome[stream ? 'streams' : 'wholes']++;
      else {
        outcome.failures.push(flaw);
        // One failure is one too many; a storm of them would only hide the first.
        await delay(RETRY_MS);
      }
      onAnswer();
    }
  };
  const all = Array.from({ length: count }, () => [ask(true), ask(false)]).flat();
  return {
    /** Resolves when so many further requests have been answered, for good or ill. */
    another: (answers: number) =>
      new Promise<void>((resolve) => {
        let left = answers;
        onAnswer = () => {
          if (--left <= 0) resolve();
        };
      }),
    async finish() {
      going = false;
      await Promise.all(all);
      await agent.close();
      return outcome;
    },
  };
}

/** What is wrong with the answer; `null` when it is whole. */
async function askOnce(url: string, body: string, stream: boolean, dispatcher: Agent): Promise<string | null> {
  const startedAt = performance.now();
  try {
    const response = await request(`${url}/v1/chat/completions`, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const text = await response.body.text();
    const whole = stream ? text.endsWith('data: [DONE]\n\n') : text.includes('"finish_reason":"stop"');
    if (response.statusCode === 200 && whole) return null;
    return `${stream ? 'stream' : 'whole'}: ${response.statusCode} ${text.slice(-300)}`;
  } catch (error) {
    return `${stream ? 'stream' : 'whole'}: ${String(error)} after ${Math.round(performance.now() - startedAt)} ms`;
  }
}
