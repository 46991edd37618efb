import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { Clock, Timer } from '../../core/clock.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { ProcessQuestion } from '../../core/process-question.ts';
import { CommandError } from '../command-error.ts';
import type { CallOutcome, FromWorker, ToWorker, WorkerStart } from './messages.ts';
import { Questions } from './questions.ts';

export interface SupervisorOptions {
  readonly count: number;
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  /** What a worker that begins now is to know. */
  readonly start: (slot: number) => WorkerStart;
  /** How long workers may take to end, from when they are told how; in milliseconds. */
  readonly endsWithinMs: (how: 'drain' | 'stop') => number;
  /** A worker's process has ended without being told to; its ledger wrote under this name. */
  readonly onLost: (lost: { readonly writer: string; readonly pid: number }) => void;
  /** Does what concerns all workers. Never rejects. */
  readonly answer: (request: FromWorker & { readonly type: 'call' }) => Promise<CallOutcome>;
  /** Tells the operator. */
  readonly say: (sentence: string) => void;
}

/** Where the workers listen. */
export interface WorkersReady {
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

/** How long a worker may be silent before it is taken for hung. */
const SILENCE_MS = 60_000;
const PING_INTERVAL_MS = 5_000;
/** A worker that lived longer than this did not die of its start. */
const SETTLED_MS = 10_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

interface Member {
  readonly worker: Worker;
  readonly slot: number;
  readonly begunAt: number;
  writer: string | null;
  heardAt: number;
  /** Whether it was told what to be. Before, it would take nothing else. */
  isTold: boolean;
}

/**
 * The processes that serve one port. A worker that dies, or gives no sign of life for a minute, is
 * replaced; what it had under way is recorded by whoever `onLost` tells.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #members = new Set<Member>();
  readonly #uses = new Map<Member, (problem: string | null) => void>();
  readonly #timers = new Set<Timer>();
  readonly #questions: Questions;
  #state: 'running' | 'stopping' = 'running';
  #pauseMs = FIRST_PAUSE_MS;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#questions = new Questions(options.clock);
    // Workers take connections themselves: one handed to a worker that has just died would be answered by nobody.
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    cluster.setupPrimary({ exec: fileURLToPath(new URL('./gateway-worker.js', import.meta.url)), args: [] });
  }

  /** Begins all workers. @throws CommandError when one of them cannot begin */
  async begin(): Promise<WorkersReady> {
    const started = Array.from({ length: this.#options.count }, () => this.#fork());
    const [first] = await Promise.all(started);
    if (first === undefined) throw new TypeError('there are no workers to begin');
    this.#watch();
    return first;
  }

  broadcast(message: ToWorker): void {
    for (const { worker } of this.#listeners()) worker.send(message);
  }

  /** Asks every worker. @returns what those said that answered in time and have not ended since, by pid */
  ask(question: ProcessQuestion, argument: JsonObject): Promise<ReadonlyMap<number, JsonValue>> {
    const pids = this.#listeners().map(({ worker }) => worker.process.pid ?? 0);
    return this.#questions.ask(pids, (ask) => this.broadcast({ type: 'ask', ask, question, argument }));
  }

  /** Has every worker use another configuration. @returns what kept workers from it; empty when nothing did */
  async use(message: ToWorker & { readonly type: 'use' }): Promise<readonly string[]> {
    // One that is just ending needs none; who takes its place begins with the configuration in force.
    const problems = this.#listeners().map((member) => {
      const using = new Promise<string | null>((resolve) => this.#uses.set(member, resolve));
      member.worker.send(message);
      return using;
    });
    return (await Promise.all(problems)).filter((problem) => problem !== null);
  }

  /** Ends every worker, and waits until their processes are gone. One that has not ended in time, or has not begun, is killed. */
  async end(how: 'drain' | 'stop'): Promise<void> {
    const { clock, endsWithinMs, say } = this.#options;
    this.#state = 'stopping';
    for (const timer of this.#timers) timer.cancel();
    this.broadcast({ type: how });
    const living = [...this.#members].filter(({ worker }) => !worker.isDead());
    for (const { worker, isTold } of living) if (!isTold) worker.process.kill('SIGKILL');
    const deadline = clock.setTimer(endsWithinMs(how), () => {
      for (const { worker } of this.#members) {
        say(`the worker with pid ${worker.process.pid} has not ended in time: ending it`);
        worker.process.kill('SIGKILL');
      }
    });
    await Promise.all(living.map(({ worker }) => once(worker.process, 'exit')));
    deadline.cancel();
  }

  /** The members that take messages now. */
  #listeners(): readonly Member[] {
    return [...this.#members].filter(({ worker, isTold }) => isTold && worker.isConnected());
  }

  /** Begins one worker. @throws CommandError when it cannot begin */
  #fork(): Promise<WorkersReady> {
    const { clock } = this.#options;
    const worker = cluster.fork();
    const member: Member = {
      worker,
      slot: this.#freeSlot(),
      begunAt: clock.now(),
      writer: null,
      heardAt: clock.now(),
      isTold: false,
    };
    this.#members.add(member);
    const ready = new Promise<WorkersReady>((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        member.heardAt = clock.now();
        if (message.type === 'up') this.#tell(member);
        else if (message.type === 'ready') resolve(message);
        else if (message.type === 'failed') reject(new CommandError(1, message.message));
        else void this.#take(member, message);
      });
      worker.on('exit', (code, signal) => {
        reject(new CommandError(1, `a worker process ended before it was ready (${signal ?? code})`));
        this.#onExit(member, signal ?? `exit code ${code}`);
      });
    });
    return ready;
  }

  /** The lowest number nobody has: what was kept under it goes on with whoever takes its place. */
  #freeSlot(): number {
    const taken = new Set([...this.#members].map(({ slot }) => slot));
    let slot = 0;
    while (taken.has(slot)) slot += 1;
    return slot;
  }

  #tell(member: Member): void {
    member.isTold = true;
    member.worker.send({ type: 'start', start: this.#options.start(member.slot) } satisfies ToWorker);
  }

  async #take(member: Member, message: FromWorker): Promise<void> {
    if (message.type === 'writer') member.writer = message.writer;
    if (message.type === 'using') this.#settleUse(member, message.problem);
    if (message.type === 'answer')
      this.#questions.answered(message.ask, member.worker.process.pid ?? 0, message.answer);
    if (message.type !== 'call') return;
    const outcome = await this.#options.answer(message);
    const reply: ToWorker = { type: 'reply', call: message.call, outcome };
    if (member.worker.isConnected()) member.worker.send(reply);
  }

  #settleUse(member: Member, problem: string | null): void {
    this.#uses.get(member)?.(problem);
    this.#uses.delete(member);
  }

  #onExit(member: Member, how: string): void {
    this.#members.delete(member);
    // The one that takes its place begins with the configuration in force.
    this.#settleUse(member, null);
    this.#questions.left(member.worker.process.pid ?? 0);
    if (this.#state === 'stopping') return;
    this.#options.say(`the worker with pid ${member.worker.process.pid} has ended (${how}); another takes its place`);
    const { writer, worker } = member;
    if (writer !== null) this.#options.onLost({ writer, pid: worker.process.pid ?? 0 });
    const lived = this.#options.clock.now() - member.begunAt;
    if (lived > SETTLED_MS) this.#pauseMs = FIRST_PAUSE_MS;
    this.#later(this.#pauseMs, () => {
      this.#fork().catch((error: unknown) => this.#options.say(`a worker could not begin: ${String(error)}`));
    });
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  /** Asks every worker for a sign of life now and then. One that hangs serves nobody and holds its connections. */
  #watch(): void {
    this.#later(PING_INTERVAL_MS, () => {
      const now = this.#options.clock.now();
      for (const member of this.#members) {
        if (now - member.heardAt > SILENCE_MS) {
          this.#options.say(
            `the worker with pid ${member.worker.process.pid} has not answered for a minute: ending it`,
          );
          member.worker.process.kill('SIGKILL');
        }
      }
      this.broadcast({ type: 'ping' });
      this.#watch();
    });
  }

  #later(delayMs: number, action: () => void): void {
    const timer = this.#options.clock.setTimer(delayMs, () => {
      this.#timers.delete(timer);
      if (this.#state === 'running') action();
    });
    this.#timers.add(timer);
  }
}
