import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

import { isJsonObject, parseJson, stringMember } from '../../src/core/json.ts';
import { readSegment } from '../../src/ledger/journal/journal-reader.ts';
import { decodePayload } from '../../src/ledger/journal/payload.ts';
import { verifyLedger } from '../../src/ledger/verify/verify.ts';
import type { CompiledSources } from './compiled-sources.ts';
import { chunk, LAST_CHUNK, startRawUpstream, type RawUpstream } from './raw-upstream.ts';
import { openAiStream } from './upstream-streams.ts';
import { completion } from './vendor-answers.ts';

const LANES = 12;
const { events } = openAiStream(['ein', 'zwei', 'drei', 'vier']);
const WHOLE = JSON.stringify(completion());

/** What came of a run of kills. Each list should be empty but the times. */
export interface KillReport {
  /** Answers that clients had whole. */
  readonly answered: number;
  /** Ids of answers that clients had whole, without a final record. */
  readonly unrecorded: readonly string[];
  /** Ids of answers whose first byte clients saw, without an intent. */
  readonly unannounced: readonly string[];
  /** How many requests were under way at a kill, by the journal. */
  readonly unfinished: number;
  /** Those of them that the next process did not tell as interrupted. */
  readonly notInterrupted: readonly string[];
  /** Records that the next process did not find as they were written. */
  readonly notFound: readonly string[];
  /** What verifying the folder found wrong, after any of the kills. */
  readonly problems: readonly string[];
  /** From the start of a process until it answered that it is ready. */
  readonly restartMs: readonly number[];
}

/** What a report must say. */
export const NOTHING_LOST: Partial<KillReport> = {
  unrecorded: [],
  unannounced: [],
  notInterrupted: [],
  notFound: [],
  problems: [],
};

/** What clients have seen of one process. */
interface Seen {
  readonly begun: Set<string>;
  readonly answered: Set<string>;
}

/** What the journal has of one process. */
interface Written {
  readonly intents: Set<string>;
  readonly finals: Set<string>;
}

/** A gateway in a process of its own that is killed and started again, always on the same folder. */
class KilledGateway {
  readonly #directory = mkdtempSync(join(tmpdir(), 'candor-kills-'));
  readonly #sources: CompiledSources;
  readonly #upstream: RawUpstream;
  readonly #read = new Set<string>();
  #process: ChildProcess | null = null;
  url = '';

  constructor(sources: CompiledSources, upstream: RawUpstream) {
    this.#sources = sources;
    this.#upstream = upstream;
    writeFileSync(join(this.#directory, 'key'), 'sk-test-kills', { mode: 0o600 });
    writeFileSync(
      join(this.#directory, 'candor.yaml'),
      `providers: { openai: { url: "${upstream.url}", allow_private: true, key: "file:key" } }\nmodels: { gpt-4o: { at: openai } }\n`,
    );
  }

  /** @returns how long it took until it was ready */
  async start(): Promise<number> {
    const startedAt = performance.now();
    const gateway = spawn(process.execPath, [this.#sources.path('cli/main'), 'dev', '--port', '0', '--json'], {
      cwd: this.#directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = gateway;
    const said: string[] = [];
    createInterface({ input: gateway.stderr }).on('line', (line) => said.push(line));
    for await (const line of createInterface({ input: gateway.stdout })) {
      this.url = (JSON.parse(line) as { readonly url: string }).url;
      const ready = await fetch(`${this.url}/readyz`);
      if (ready.status !== 200) throw new Error(`not ready: ${await ready.text()}`);
      return performance.now() - startedAt;
    }
    throw new Error(`the gateway did not start: ${said.join('\n')}`);
  }

  async kill(): Promise<void> {
    const gateway = this.#process;
    if (gateway === null || gateway.exitCode !== null || gateway.signalCode !== null) return;
    const exited = once(gateway, 'exit');
    gateway.kill('SIGKILL');
    await exited;
  }

  /** What the segments hold that were not there before. */
  newlyWritten(): Written {
    const journal = join(this.#directory, '.candor', 'journal');
    const written: Written = { intents: new Set(), finals: new Set() };
    for (const name of readdirSync(journal).filter((file) => file.endsWith('.jnl') && !this.#read.has(file))) {
      this.#read.add(name);
      const frames = readSegment(join(journal, name), { from: null, upTo: null, checkChain: true });
      for (const frame of frames) {
        const payload = decodePayload(frame.payload.toString());
        if (payload?.type === 'intent') written.intents.add(stringMember(payload.intent, 'id') ?? '');
        if (payload?.type === 'final') written.finals.add(stringMember(payload.record, 'id') ?? '');
      }
    }
    return written;
  }

  problems(): readonly string[] {
    const verification = verifyLedger(join(this.#directory, '.candor'), { publicKeys: null, keptCheckpoints: null });
    const found = verification.problems.map(({ segment, offset, reason }) => `${segment} at ${offset}: ${reason}`);
    return verification.ok || found.length > 0 ? found : ['not ok'];
  }

  /** Those of the generations that the gateway does not tell to have this status. */
  async without(status: string, ids: readonly string[]): Promise<readonly string[]> {
    const found = await Promise.all(
      ids.map(async (id) => {
        const record = parseJson(await (await fetch(`${this.url}/v1/generations/${id}`)).text());
        return isJsonObject(record) && stringMember(record, 'status') === status ? null : id;
      }),
    );
    return found.filter((id) => id !== null);
  }

  async remove(): Promise<void> {
    await this.kill();
    await this.#upstream.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/**
 * Kills a gateway under load, again and again, each time at another moment, and looks what became of
 * what it had done: half of the requests stream, half do not.
 * @param answersPerKill about how many answers there are before each kill
 */
export async function killAgainAndAgain(
  sources: CompiledSources,
  options: { readonly kills: number; readonly answersPerKill: number; readonly random: () => number },
): Promise<KillReport> {
  const { kills, answersPerKill, random } = options;
  const upstream = await startRawUpstream((socket, request) =>
    request.body.includes('"stream":true') ? answerSlowly(socket, random) : answerWhole(socket, random),
  );
  const gateway = new KilledGateway(sources, upstream);
  const report = {
    answered: 0,
    unrecorded: [] as string[],
    unannounced: [] as string[],
    unfinished: 0,
    notInterrupted: [] as string[],
    notFound: [] as string[],
    problems: [] as string[],
    restartMs: [] as number[],
  };
  try {
    let unfinished: readonly string[] = [];
    let answered: readonly string[] = [];
    for (let kill = 1; ; kill++) {
      report.restartMs.push(await gateway.start());
      report.notInterrupted.push(...(await gateway.without('interrupted', unfinished)));
      report.notFound.push(...(await gateway.without('complete', answered)));
      if (kill > kills) break;
      const seen = await load(gateway, Math.ceil(answersPerKill * (0.5 + random())), random() * 20);
      const { intents, finals } = gateway.newlyWritten();
      unfinished = [...intents].filter((id) => !finals.has(id));
      answered = [...seen.answered].filter((id) => finals.has(id));
      report.problems.push(...gateway.problems().map((problem) => `after kill ${kill}: ${problem}`));
      report.answered += seen.answered.size;
      report.unfinished += unfinished.length;
      report.unrecorded.push(...[...seen.answered].filter((id) => !finals.has(id)));
      report.unannounced.push(...[...seen.begun].filter((id) => !intents.has(id)));
    }
    return report;
  } finally {
    await gateway.remove();
  }
}

/** Has the ledger of these sources say that a record is written some time before it is. */
export function writeBehind(sources: CompiledSources): void {
  const module = sources.path('ledger/ledger');
  const real = `${module.slice(0, -'.js'.length)}-real.js`;
  renameSync(module, real);
  writeFileSync(
    module,
    `export * from './ledger-real.js';
     import { openLedger as open } from './ledger-real.js';
     export async function openLedger(options) {
       const ledger = await open(options);
       const finish = async (...record) => {
         setTimeout(() => ledger.finish(...record).catch(() => undefined), 200);
         return { writer: ledger.writer, seq: 0, prev: '', hash: '' };
       };
       const get = (target, name) => {
         if (name === 'finish') return finish;
         const value = target[name];
         return typeof value === 'function' ? value.bind(target) : value;
       };
       return new Proxy(ledger, { get });
     }\n`,
  );
}

/** Asks on several connections at once, and kills the gateway so long after so many answers. */
async function load(gateway: KilledGateway, answers: number, thenMs: number): Promise<Seen> {
  const seen: Seen = { begun: new Set(), answered: new Set() };
  const kills: Promise<void>[] = [];
  const onAnswer = (): void => {
    if (seen.answered.size < answers || kills.length > 0) return;
    kills.push(pause(thenMs).then(() => gateway.kill()));
  };
  const lane = async (number: number): Promise<void> => {
    for (let n = number; ; n++) {
      try {
        await ask(gateway.url, n % 2 === 0, seen);
      } catch (error) {
        // What a client of a killed gateway sees; anything else is told.
        if (kills.length > 0 && error instanceof TypeError) return;
        throw error;
      }
      onAnswer();
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
  await Promise.all(kills);
  return seen;
}

/** @throws TypeError when the connection breaks, Error for an answer that is none */
async function ask(url: string, stream: boolean, seen: Seen): Promise<void> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }], stream }),
  });
  const id = response.headers.get('x-request-id') ?? '';
  if (response.status === 200) seen.begun.add(id);
  const text = await response.text();
  // The machine is too slow at this moment: the request was not taken, and is asked again.
  if (response.status === 503 && text.includes('"overloaded"')) return await pause(50);
  const isWhole = stream ? text.endsWith('data: [DONE]\n\n') : parseJson(text) !== undefined;
  if (response.status !== 200 || !isWhole) throw new Error(`no whole answer: ${response.status} ${text.slice(-300)}`);
  seen.answered.add(id);
}

/** An event stream whose events come at moments of their own. */
function answerSlowly(socket: Socket, random: () => number): void {
  socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n');
  const pieces = [...events.map((event) => chunk(event)), LAST_CHUNK];
  const next = (index: number): void => {
    const piece = pieces[index];
    if (piece === undefined || socket.destroyed) return;
    socket.write(piece);
    if (random() < 0.5) next(index + 1);
    else setTimeout(next, random() * 8, index + 1);
  };
  next(0);
}

function answerWhole(socket: Socket, random: () => number): void {
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(WHOLE)}\r\n\r\n`;
  setTimeout(() => socket.write(head + WHOLE), random() * 15);
}
