import { MessageChannel, Worker } from 'node:worker_threads';

import type { Clock, Timer } from '../core/clock.ts';
import { serveTokenizer, type TokenizerReply, type TokenizerRequest } from './tokenizer-service.ts';
import type { TextCount } from './vocabulary.ts';

const IDLE_MS = 600_000;
/** Characters that may wait at once: texts are copied to the thread. */
const WAITING_CHARACTERS = 64_000_000;

interface Port {
  post(request: TokenizerRequest): void;
  stop(): void;
}

interface Call {
  readonly characters: number;
  readonly resolve: (counted: TextCount | null) => void;
}

/** The tokenizer, on a thread of its own that begins with the first count and ends after ten minutes without one. */
export class TokenizerThread {
  readonly #clock: Pick<Clock, 'setTimer'>;
  readonly #calls = new Map<number, Call>();
  #port: Port | null = null;
  #lastId = 0;
  #waiting = 0;
  #idle: Timer | null = null;

  constructor(clock: Pick<Clock, 'setTimer'>) {
    this.#clock = clock;
  }

  /** Whether it runs and has nothing to do. */
  get isFree(): boolean {
    return this.#port !== null && this.#calls.size === 0;
  }

  /** Tokens of the texts together; `null` when too much waits already, or the thread fails. */
  count(texts: readonly string[]): Promise<TextCount | null> {
    const characters = texts.reduce((sum, text) => sum + text.length, 0);
    if (this.#waiting + characters > WAITING_CHARACTERS) return Promise.resolve(null);
    this.#idle?.cancel();
    this.#port ??= connect({
      onReply: ({ id, counted }) => this.#settle(id, counted),
      onExit: () => this.#onExit(),
    });
    const id = ++this.#lastId;
    this.#waiting += characters;
    return new Promise((resolve) => {
      this.#calls.set(id, { characters, resolve });
      this.#port?.post({ id, texts });
    });
  }

  /** Ends it; counts under way come to `null`. A later count starts it again. */
  stop(): void {
    this.#idle?.cancel();
    this.#port?.stop();
    this.#onExit();
  }

  #settle(id: number, counted: TextCount | null): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    this.#calls.delete(id);
    this.#waiting -= call.characters;
    if (this.#calls.size === 0) this.#idle = this.#clock.setTimer(IDLE_MS, () => this.stop());
    call.resolve(counted);
  }

  #onExit(): void {
    this.#port = null;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    this.#waiting = 0;
    for (const { resolve } of calls) resolve(null);
  }
}

interface Listener {
  readonly onReply: (reply: TokenizerReply) => void;
  readonly onExit: () => void;
}

/** As the ledger's store: where Candor runs from sources that a thread of this Node cannot load, on this one. */
function connect(listener: Listener): Port {
  const fromSources = import.meta.url.endsWith('.ts');
  if (fromSources && !(process.features as { readonly typescript?: unknown }).typescript) return connectHere(listener);
  const entry = fromSources ? './tokenizer-worker.ts' : './tokenizer-worker.js';
  const worker = new Worker(new URL(entry, import.meta.url), { execArgv: [] });
  let stopped = false;
  worker.on('message', listener.onReply);
  // A thread that dies is told by its exit; without a listener the error would end the process.
  worker.on('error', () => undefined);
  worker.on('exit', () => {
    if (!stopped) listener.onExit();
  });
  worker.unref();
  return {
    post: (request) => worker.postMessage(request),
    stop: () => {
      stopped = true;
      void worker.terminate();
    },
  };
}

function connectHere(listener: Listener): Port {
  const { port1, port2 } = new MessageChannel();
  port1.on('message', listener.onReply);
  serveTokenizer(port2);
  return {
    post: (request) => port1.postMessage(request),
    stop: () => port1.close(),
  };
}
