import { MessageChannel, Worker } from 'node:worker_threads';

import type { Clock, Timer } from '../core/clock.ts';

/** Characters that may wait at once: texts are copied to the thread. */
const WAITING_CHARACTERS = 64_000_000;

/** What the thread is asked, and what it answers to the question of that number. */
export interface ThreadQuestion<Job> {
  readonly id: number;
  readonly job: Job;
}
export interface ThreadReply<Result> {
  readonly id: number;
  readonly result: Result;
}

/** The thread's end of the line. */
export interface ThreadLine<Job, Result> {
  postMessage(reply: ThreadReply<Result>): void;
  on(event: 'message', listener: (question: ThreadQuestion<Job>) => void): unknown;
}

export interface HelperThreadOptions<Job, Result> {
  readonly clock: Pick<Clock, 'setTimer'>;
  /** The module that the thread runs, as it is called when Candor runs from sources (`….ts`). */
  readonly entry: URL;
  /** What that module does: for a Node whose threads cannot load sources, where it is done on this one. */
  readonly serve: (line: ThreadLine<Job, Result>) => void;
  /** It ends after so long without a question. */
  readonly idleMs: number;
  /** What it may need of memory, in MiB: beyond it the thread ends, not the process. Default: what Node gives. */
  readonly memoryMib?: number;
  /** What questions come to that the thread does not answer, since it has ended. */
  readonly unanswered: Result;
}

interface Port<Job> {
  post(question: ThreadQuestion<Job>): void;
  stop(): void;
}

interface Call<Result> {
  readonly characters: number;
  readonly resolve: (result: Result) => void;
}

/** Work that takes long, on a thread of its own, which begins with the first question and ends after a while without any. */
export class HelperThread<Job, Result> {
  readonly #options: HelperThreadOptions<Job, Result>;
  readonly #calls = new Map<number, Call<Result>>();
  #port: Port<Job> | null = null;
  #lastId = 0;
  #waiting = 0;
  #idle: Timer | null = null;

  constructor(options: HelperThreadOptions<Job, Result>) {
    this.#options = options;
  }

  /** Whether it runs and has nothing to do. */
  get isFree(): boolean {
    return this.#port !== null && this.#calls.size === 0;
  }

  /** Never rejects. `null`: too much waits already. @param characters of the texts in it */
  ask(job: Job, characters: number): Promise<Result> | null {
    if (this.#waiting + characters > WAITING_CHARACTERS) return null;
    this.#idle?.cancel();
    this.#port ??= connect(this.#options, { onReply: (reply) => this.#settle(reply), onExit: () => this.#onExit() });
    const id = ++this.#lastId;
    this.#waiting += characters;
    return new Promise((resolve) => {
      this.#calls.set(id, { characters, resolve });
      this.#port?.post({ id, job });
    });
  }

  /** Ends it; questions under way are not answered. A later one starts it again. */
  stop(): void {
    this.#idle?.cancel();
    this.#port?.stop();
    this.#onExit();
  }

  #settle({ id, result }: ThreadReply<Result>): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    this.#calls.delete(id);
    this.#waiting -= call.characters;
    const { clock, idleMs } = this.#options;
    if (this.#calls.size === 0) this.#idle = clock.setTimer(idleMs, () => this.stop());
    call.resolve(result);
  }

  #onExit(): void {
    this.#port = null;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    this.#waiting = 0;
    for (const { resolve } of calls) resolve(this.#options.unanswered);
  }
}

interface Listener<Result> {
  readonly onReply: (reply: ThreadReply<Result>) => void;
  readonly onExit: () => void;
}

function connect<Job, Result>(options: HelperThreadOptions<Job, Result>, listener: Listener<Result>): Port<Job> {
  const { entry, memoryMib } = options;
  const fromSources = import.meta.url.endsWith('.ts');
  if (fromSources && !(process.features as { readonly typescript?: unknown }).typescript) {
    return connectHere(options, listener);
  }
  const file = fromSources ? entry : new URL(entry.href.replace(/\.ts$/, '.js'));
  const resourceLimits = memoryMib === undefined ? {} : { maxOldGenerationSizeMb: memoryMib };
  const worker = new Worker(file, { execArgv: [], resourceLimits });
  let stopped = false;
  worker.on('message', listener.onReply);
  // A thread that dies is told by its exit; without a listener the error would end the process.
  worker.on('error', () => undefined);
  worker.on('exit', () => {
    if (!stopped) listener.onExit();
  });
  worker.unref();
  return {
    post: (question) => worker.postMessage(question),
    stop: () => {
      stopped = true;
      void worker.terminate();
    },
  };
}

function connectHere<Job, Result>({ serve }: HelperThreadOptions<Job, Result>, listener: Listener<Result>): Port<Job> {
  const { port1, port2 } = new MessageChannel();
  port1.on('message', listener.onReply);
  serve(port2);
  return {
    post: (question) => port1.postMessage(question),
    stop: () => port1.close(),
  };
}
