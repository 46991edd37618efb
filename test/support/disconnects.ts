import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { vi, expect } from 'vitest';

import type { AttemptRecord, GenerationRecord } from '../../src/core/record.ts';
import { startKeyedGateway, type KeyedGateway } from './keyed-gateway.ts';
import { ManualClock, turns } from './manual-clock.ts';
import { postText } from './open-socket.ts';
import { eventStream, type RawUpstream, type Script } from './raw-upstream.ts';
import { openAiStream } from './upstream-streams.ts';
import { BUSY, completion, json } from './vendor-answers.ts';

/** When the client goes: while it sends its request, while its provider is silent, before the first token, and so on. */
export const PHASES = ['body', 'before headers', 'before content', 'back-off', 'content', 'ending'] as const;
export type Phase = (typeof PHASES)[number];

/** One client that went. */
export interface Departure {
  readonly phase: Phase;
  /** From the client's close to the close of the upstream's socket, in milliseconds; `null`: nobody was being asked. */
  readonly upstreamMs: number | null;
  /** `null`: it has none. */
  readonly record: (GenerationRecord & { readonly attempts: readonly AttemptRecord[] }) | null;
}

export interface Departures {
  readonly all: readonly Departure[];
  /** Requests that reached a provider although their client had gone before. */
  readonly strayRequests: number;
  /** Sockets of this process that are open now and were not before. */
  readonly leakedSockets: number;
}

const WORDS = ['ein', 'zwei', 'drei', 'vier', 'fünf'];
const STREAM = openAiStream(WORDS);
/** The time within which what failed before is forgotten, and retries are allowed again. */
const FORGIVEN_MS = 31_000;
/** By then a gateway in the same process has read and handled what was sent to it. */
const SETTLED_TURNS = 40;

const SCRIPTS: Readonly<Record<Phase, Script>> = {
  body: () => undefined,
  'before headers': () => undefined,
  'before content': eventStream(STREAM.events.slice(0, STREAM.firstContent), 'open'),
  'back-off': BUSY,
  content: eventStream(STREAM.events.slice(0, STREAM.firstContent + 2), 'open'),
  ending: eventStream(STREAM.events.slice(0, STREAM.terminal + 1), 'open'),
};
/** What the client has read when it goes. */
const SEEN: Partial<Record<Phase, string>> = { content: 'zwei', ending: 'fünf' };

/** Lets so many clients go in each phase, one after the other, half of them without a word and half with a reset. */
export async function letClientsGo(perPhase: number): Promise<Departures> {
  const clock = new ManualClock();
  const gateway = await startKeyedGateway({ clock, routes: ['again: { try: [deepseek-chat], retries: 1 }'] });
  try {
    await healthy(gateway, 'openai', 'gpt-4o');
    // The tokenizer takes a while to load, and here it does so on this thread.
    await go(gateway, clock, 'content', 'warm');
    await recordsByCase(gateway, 1);
    const before = openSockets();
    const went: { readonly phase: Phase; readonly upstreamMs: number | null; readonly name: string }[] = [];
    for (let time = 0; time < perPhase; time++) {
      for (const phase of PHASES) {
        const name = `${phase.replace(' ', '-')}-${time}`;
        went.push({ phase, name, upstreamMs: await go(gateway, clock, phase, name) });
      }
    }
    clock.advance(FORGIVEN_MS);
    await turns(SETTLED_TURNS);
    const { openai, deepseek } = gateway.upstreams;
    // A healthy answer and the warming one beside; before each back-off DeepSeek was well once, and a body that did not come asked nobody.
    const strayRequests = openai.requests.length + deepseek.requests.length - 2 - went.length;
    const records = await recordsByCase(gateway, went.length + 1);
    const leakedSockets = await socketsSettled(before);
    const all = went.map(({ phase, name, upstreamMs }) => ({ phase, upstreamMs, record: records.get(name) ?? null }));
    return { all, strayRequests, leakedSockets };
  } finally {
    await gateway.close();
  }
}

/** One client: it asks, waits for its phase, and goes. */
async function go(gateway: KeyedGateway, clock: ManualClock, phase: Phase, name: string): Promise<number | null> {
  const isRetried = phase === 'back-off';
  const upstream = isRetried ? gateway.upstreams.deepseek : gateway.upstreams.openai;
  if (isRetried) {
    clock.advance(FORGIVEN_MS);
    await healthy(gateway, 'deepseek', 'deepseek-chat');
  }
  const asked = playOnce(upstream, SCRIPTS[phase]);
  const { hostname, port } = new URL(gateway.url);
  const client = connect(Number(port), hostname);
  client.on('error', () => undefined);
  await once(client, 'connect');
  const text = postText('/v1/chat/completions', question(isRetried ? 'again' : 'gpt-4o'), [
    `x-candor-tags: case=${name}`,
  ]);
  client.write(phase === 'body' ? text.slice(0, -20) : text);
  const socket = phase === 'body' ? null : await asked;
  const seen = SEEN[phase];
  if (seen === undefined) await turns(SETTLED_TURNS);
  else await readUntil(client, seen);
  const closed = socket === null || isRetried ? null : once(socket, 'close');
  const wentAt = performance.now();
  if (name.endsWith('1')) client.resetAndDestroy();
  else client.destroy();
  await closed;
  return closed === null ? null : performance.now() - wentAt;
}

function question(model: string): string {
  return JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Count to five, in German.' }] });
}

function playOnce(upstream: RawUpstream, script: Script): Promise<Socket> {
  return new Promise((resolve) => {
    upstream.play((socket, request) => {
      script(socket, request);
      resolve(socket);
    });
  });
}

async function readUntil(client: Socket, text: string): Promise<void> {
  let received = '';
  await new Promise<void>((resolve) => {
    client.on('data', (bytes) => {
      received += bytes.toString('utf8');
      if (received.includes(text)) resolve();
    });
  });
}

async function healthy(gateway: KeyedGateway, provider: 'openai' | 'deepseek', model: string): Promise<void> {
  gateway.upstreams[provider].play(json(completion()));
  const response = await gateway.ask({ model, messages: [{ role: 'user', content: 'Hello' }] });
  expect(response.status).toBe(200);
  await response.text();
}

/** The records of all that went, by the name they were tagged with, once there are so many. What has no body yet has no tags: these are numbered. */
async function recordsByCase(gateway: KeyedGateway, atLeast: number) {
  const byCase = new Map<string, NonNullable<Departure['record']>>();
  await vi.waitFor(
    async () => {
      let untagged = 0;
      for (let cursor: string | null = ''; cursor !== null;) {
        const after: string = cursor === '' ? '' : `&cursor=${cursor}`;
        const response = await fetch(`${gateway.url}/v1/generations?limit=100${after}`);
        const page = (await response.json()) as {
          readonly data: readonly NonNullable<Departure['record']>[];
          readonly next_cursor: string | null;
        };
        for (const record of page.data) {
          const { tags } = record.request as { readonly tags: Readonly<Record<string, string>> };
          if (tags['case'] !== undefined) byCase.set(tags['case'], record);
          else if (record.asked === null) byCase.set(`body-${untagged++}`, record);
        }
        cursor = page.next_cursor;
      }
      expect(byCase.size).toBeGreaterThanOrEqual(atLeast);
    },
    { timeout: 20_000, interval: 200 },
  );
  return byCase;
}

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}

/** How many sockets are open beyond those before, once nothing closes any more. */
async function socketsSettled(before: number): Promise<number> {
  await vi.waitFor(() => expect(openSockets()).toBeLessThanOrEqual(before), { timeout: 10_000 }).catch(() => undefined);
  return Math.max(0, openSockets() - before);
}
