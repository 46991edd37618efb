import type { Socket } from 'node:net';

import OpenAI from 'openai';

import { startTestGateway, type TestGateway } from './gateway.ts';
import { chunk, LAST_CHUNK, startRawUpstream, type RawUpstream } from './raw-upstream.ts';
import { differences, type Ask, type ReceivedAnswer } from './received-answer.ts';
import type { RecordedResponse } from './recordings.ts';

const PROVIDERS = ['openai', 'anthropic', 'google', 'deepseek', 'openai-compatible'] as const;
const CONFIG = `providers:
${PROVIDERS.map((name) => `  ${name}: { sim: true }`).join('\n')}
models:
${PROVIDERS.map((name) => `  m-${name}: { at: ${name} }`).join('\n')}
routes:
${PROVIDERS.map((name) => `  held-${name}: { try: [m-${name}], stream: hold }`).join('\n')}
`;

/** What the upstream answers to one request. */
interface Play {
  readonly recorded: RecordedResponse;
  /** The body, a write each; the upstream's next one goes when the one before has had its turn. */
  readonly pieces: readonly Buffer[];
}

/** How a recording is replayed. */
export interface ReplayOptions {
  readonly ask: Ask;
  /** The body as it is written; the recorded one in one piece when left out. */
  readonly pieces?: readonly Buffer[];
  readonly held?: boolean;
}

/** A gateway before an upstream that answers each request with the recording it was asked for. */
export interface ReplayBench {
  readonly gateway: TestGateway;
  readonly upstream: RawUpstream;
  /** The text that a request must hold to be answered with this recording, once. */
  prepare(recorded: RecordedResponse, pieces: readonly Buffer[]): string;
  /** What the client made of it: an answer, or what it threw. */
  replay(recorded: RecordedResponse, options: ReplayOptions): Promise<ReceivedAnswer | Error>;
  /** Why the answer is not the recording's; `null` when it is. */
  readonly flawOfAnswer: (recorded: RecordedResponse, options: ReplayOptions) => Promise<string | null>;
  /** Why it is not an error of the gateway that names the upstream; `null` when it is. */
  readonly flawOfError: (recorded: RecordedResponse, options: ReplayOptions) => Promise<string | null>;
  close(): Promise<void>;
}

export async function openReplayBench(): Promise<ReplayBench> {
  const plays = new Map<string, Play>();
  let played = 0;
  const upstream = await startRawUpstream((socket, request) => {
    const number = /play-(\d+)/.exec(request.body)?.[1] ?? '';
    const play = plays.get(number);
    plays.delete(number);
    if (play === undefined) socket.destroy();
    else perform(socket, play);
  });
  const upstreams = Object.fromEntries(PROVIDERS.map((name) => [name, upstream.url]));
  const gateway = await startTestGateway({ config: CONFIG, upstreams });
  const client = new OpenAI({ apiKey: 'any', baseURL: `${gateway.url}/v1`, maxRetries: 0 });

  function prepare(recorded: RecordedResponse, pieces: readonly Buffer[]): string {
    const number = String(++played);
    plays.set(number, { recorded, pieces });
    return `play-${number}`;
  }
  async function replay(recorded: RecordedResponse, options: ReplayOptions): Promise<ReceivedAnswer | Error> {
    await gateway.closeCircuits();
    const target = options.held === true ? `held-${recorded.provider}` : `m-${recorded.provider}`;
    try {
      return await options.ask(client, target, prepare(recorded, options.pieces ?? [Buffer.from(recorded.body)]));
    } catch (error) {
      return error as Error;
    }
  }
  return {
    gateway,
    upstream,
    prepare,
    replay,
    async flawOfAnswer(recorded, options) {
      const received = await replay(recorded, options);
      if (received instanceof Error) return `it threw ${received.message}`;
      return differences(received, recorded).join('; ') || null;
    },
    async flawOfError(recorded, options) {
      const received = await replay(recorded, options);
      if (!(received instanceof Error)) return `it ended normally: ${received.content}`;
      const isOurs = received instanceof OpenAI.APIError && received.message.includes(`/m-${recorded.provider}`);
      return isOurs ? null : `it threw ${received.message}`;
    },
    async close() {
      await gateway.close();
      await upstream.close();
    },
  };
}

/** Writes status and head, then a piece at a time: each has left before the next one is written. */
function perform(socket: Socket, { recorded, pieces }: Play): void {
  const type = recorded.headers['content-type'] ?? 'application/json';
  socket.write(`HTTP/1.1 ${recorded.status} Recorded\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n`);
  let at = 0;
  const next = (): void => {
    if (socket.destroyed) return;
    const piece = pieces[at++];
    const isFree = socket.write(piece === undefined ? LAST_CHUNK : chunk(piece));
    if (piece === undefined) return;
    if (isFree) setImmediate(next);
    else socket.once('drain', next);
  };
  setImmediate(next);
}

/** Runs the jobs, so many at a time, and gives what they gave, without `null`s. */
export async function allOf<Result>(
  jobs: readonly (() => Promise<Result | null>)[],
  atOnce: number,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = [...jobs];
  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const result = await job();
      if (result !== null) results.push(result);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}
