import { MessageChannel, Worker } from 'node:worker_threads';

import { systemClock, type Clock, type Timer } from '../../core/clock.ts';
import type { SuppliedContext } from '../supplied-context.ts';
import { TimeLimit } from '../time-limit.ts';
import {
  ground,
  serveGrounding,
  type Grounding,
  type GroundingJob,
  type GroundingReply,
  type GroundingRequest,
} from './grounding-service.ts';

/** So much of context and answer takes a few milliseconds at the worst, and is compared at once. */
const HERE_CHARACTERS = 20_000;
/** Characters that may wait at once: texts are copied to the thread. */
const WAITING_CHARACTERS = 64_000_000;
const IDLE_MS = 60_000;
/** What the thread may need of memory: beyond it the thread ends, not the process. */
const MEMORY_MIB = 1024;

interface Port {
  post(request: GroundingRequest): void;
  stop(): void;
}

interface Call {
  readonly characters: number;
  readonly resolve: (grounding: Grounding) => void;
}

/** Compares answers with what was supplied: long texts on a thread of its own, which ends after a minute without any. */
export class GroundingThread {
  readonly #clock: Pick<Clock, 'setTimer'>;
  readonly #limit = new TimeLimit();
  readonly #calls = new Map<number, Call>();
  readonly #contextIds = new WeakMap<SuppliedContext, number>();
  #port: Port | null = null;
  #lastId = 0;
  #waiting = 0;
  #idle: Timer | null = null;

  constructor(clock: Pick<Clock, 'setTimer'> = systemClock) {
    this.#clock = clock;
  }

  /** What becomes of a comparison. Never rejects: what cannot be compared, or not in time, is a problem. */
  ground<Result>(
    job: GroundingJob,
    context: SuppliedContext,
    judge: (grounding: Grounding) => Result,
  ): Result | Promise<Result> {
    const grounding = this.#ground(job, context);
    return grounding instanceof Promise ? grounding.then(judge) : judge(grounding);
  }

  #ground(job: GroundingJob, context: SuppliedContext): Grounding | Promise<Grounding> {
    const characters = job.answer.reduce((sum, text) => sum + text.length, context.index.length);
    if (characters <= HERE_CHARACTERS) return ground(job, () => context.index, this.#limit);
    if (this.#waiting + characters > WAITING_CHARACTERS) return { problem: 'too many others wait for this check' };
    this.#idle?.cancel();
    this.#port ??= connect({ onReply: (reply) => this.#settle(reply), onExit: () => this.#onExit() });
    const id = ++this.#lastId;
    const contextId = this.#contextIds.get(context) ?? id;
    this.#contextIds.set(context, contextId);
    this.#waiting += characters;
    return new Promise((resolve) => {
      this.#calls.set(id, { characters, resolve });
      this.#port?.post({ ...job, id, contextId, context: context.texts });
    });
  }

  #settle({ id, grounding }: GroundingReply): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    this.#calls.delete(id);
    this.#waiting -= call.characters;
    if (this.#calls.size === 0) this.#idle = this.#clock.setTimer(IDLE_MS, () => this.#stop());
    call.resolve(grounding);
  }

  #stop(): void {
    this.#port?.stop();
    this.#port = null;
  }

  #onExit(): void {
    this.#port = null;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    this.#waiting = 0;
    for (const { resolve } of calls) resolve({ problem: 'the thread that compares ended' });
  }
}

interface Listener {
  readonly onReply: (reply: GroundingReply) => void;
  readonly onExit: () => void;
}

/** As the tokenizer: where Candor runs from sources that a thread of this Node cannot load, on this one. */
function connect(listener: Listener): Port {
  const fromSources = import.meta.url.endsWith('.ts');
  if (fromSources && !(process.features as { readonly typescript?: unknown }).typescript) return connectHere(listener);
  const entry = fromSources ? './grounding-worker.ts' : './grounding-worker.js';
  const resourceLimits = { maxOldGenerationSizeMb: MEMORY_MIB };
  const worker = new Worker(new URL(entry, import.meta.url), { execArgv: [], resourceLimits });
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
  serveGrounding(port2);
  return {
    post: (request) => port1.postMessage(request),
    stop: () => port1.close(),
  };
}
