import type { Dispatcher } from 'undici';

import type { Clock } from '../core/clock.ts';
import { failure, isFailure, type Failure } from '../core/failure.ts';
import { Connections } from './connections.ts';
import { failureOfError } from './failures.ts';
import { Watchdog, type Watch } from './watchdog.ts';

/** One HTTP request to an upstream. */
export interface Call {
  readonly origin: string;
  readonly path: string;
  /** Names and values by turns. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  readonly connectMs: number;
  /** To the response's headers, from when it is sent. */
  readonly firstByteMs: number;
  /** Between two chunks of the body. Counts only while somebody waits for the next one. */
  readonly idleMs: number;
}

/** Response headers, lower-case names. */
export type CallHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What came back: the head at once, the body as it is read. */
export interface CallResponse {
  readonly status: number;
  readonly headers: CallHeaders;
  /** Monotonic time at which the head came. */
  readonly headersAt: number;
  /** The next chunk; `null` when the body has ended properly. Once a failure, always that failure. */
  next(): Promise<Buffer | null | Failure>;
}

/** A call under way. */
export interface OpenCall {
  readonly response: Promise<CallResponse | Failure>;
  /** Ends the call with this failure and closes its socket. Does nothing once the body has ended. */
  abort(reason: Failure): void;
}

/** At most this much of a body waits to be read; past it the upstream is paused. */
const MAX_WAITING_BYTES = 64 * 1024;

/** Sends HTTP requests over kept-alive connections, one set of them an origin. */
export class Transport {
  readonly #clock: Clock;
  readonly #watchdog: Watchdog;
  readonly #origins = new Map<string, Connections>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#watchdog = new Watchdog(clock);
  }

  /** Begins a POST. Failures are values; nothing is thrown. */
  send(call: Call): OpenCall {
    const connections = this.#connections(call);
    const connection = connections.take();
    const exchange = new Exchange(call, this.#clock, this.#watchdog, () => connections.release(connection));
    const options: Dispatcher.DispatchOptions = {
      path: call.path,
      method: 'POST',
      headers: call.headers as string[],
      body: call.body,
      // Our own timers decide; undici's are too coarse and would cut long answers.
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    connection.dispatch(options, exchange);
    return exchange;
  }

  /** Watches one deadline on the transport's shared timer. */
  watch(delayMs: number, onExpire: () => void): Watch {
    return this.#watchdog.watch(delayMs, onExpire);
  }

  /** Closes every connection, also those in use. */
  async close(): Promise<void> {
    await Promise.all([...this.#origins.values()].map((connections) => connections.destroy()));
  }

  #connections(call: Call): Connections {
    const key = `${call.origin} ${call.connectMs}`;
    let connections = this.#origins.get(key);
    if (connections === undefined) {
      connections = new Connections(call.origin, call.connectMs);
      this.#origins.set(key, connections);
    }
    return connections;
  }
}

class Exchange implements Dispatcher.DispatchHandler, OpenCall, CallResponse {
  readonly response: Promise<CallResponse | Failure>;
  status = 0;
  headers: CallHeaders = {};
  headersAt = 0;
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #watch: Watch;
  readonly #release: () => void;
  readonly #chunks: Buffer[] = [];
  #waitingBytes = 0;
  #controller: Dispatcher.DispatchController | null = null;
  #paused = false;
  /** Whether the response's head has come. */
  #answered = false;
  #end: 'open' | 'ended' | Failure = 'open';
  #resolveResponse: (value: CallResponse | Failure) => void = () => undefined;
  #resolveNext: ((value: Buffer | null | Failure) => void) | null = null;

  constructor(call: Call, clock: Clock, watchdog: Watchdog, release: () => void) {
    this.#clock = clock;
    this.#release = release;
    this.#idleMs = call.idleMs;
    this.response = new Promise((resolve) => {
      this.#resolveResponse = resolve;
    });
    this.#watch = watchdog.watch(call.firstByteMs, () => this.abort(this.#silence(call.firstByteMs)));
  }

  abort(reason: Failure): void {
    if (this.#end !== 'open') return;
    this.#finish(reason);
    this.#controller?.abort(new Error(reason.message));
  }

  next(): Promise<Buffer | null | Failure> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#waitingBytes -= chunk.length;
      if (this.#paused && this.#waitingBytes < MAX_WAITING_BYTES / 2) this.#resume();
      return Promise.resolve(chunk);
    }
    if (this.#end !== 'open') return Promise.resolve(this.#end === 'ended' ? null : this.#end);
    this.#watch.extend(this.#idleMs);
    return new Promise((resolve) => {
      this.#resolveNext = resolve;
    });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (isFailure(this.#end)) controller.abort(new Error(this.#end.message));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (statusCode < 200) return;
    this.status = statusCode;
    this.headers = headers;
    this.headersAt = this.#clock.now();
    this.#answered = true;
    this.#watch.stop();
    this.#resolveResponse(this);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#end !== 'open') return;
    // The parser's buffer is used again for the next read: what waits must be a copy.
    const copy = Buffer.from(chunk);
    if (this.#resolveNext !== null) {
      this.#watch.stop();
      this.#settleNext(copy);
      return;
    }
    this.#chunks.push(copy);
    this.#waitingBytes += copy.length;
    if (this.#waitingBytes >= MAX_WAITING_BYTES && !this.#paused) {
      this.#paused = true;
      controller.pause();
    }
  }

  onResponseEnd(): void {
    this.#release();
    if (this.#end === 'open') this.#finish('ended');
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#release();
    if (this.#end === 'open') this.#finish(failureOfError(error, this.#answered));
  }

  #resume(): void {
    this.#paused = false;
    this.#controller?.resume();
  }

  #finish(end: 'ended' | Failure): void {
    this.#end = end;
    this.#watch.stop();
    // A broken body is not to be read to its last whole chunk first: what is waiting is still true, and comes first.
    if (isFailure(end)) this.#resolveResponse(end);
    if (this.#resolveNext !== null) this.#settleNext(end === 'ended' ? null : end);
  }

  #settleNext(value: Buffer | null | Failure): void {
    const resolve = this.#resolveNext;
    this.#resolveNext = null;
    resolve?.(value);
  }

  #silence(firstByteMs: number): Failure {
    return this.#answered
      ? failure('idle_timeout', `the upstream fell silent for ${this.#idleMs} ms in the middle of the answer`)
      : failure('first_byte_timeout', `the upstream sent nothing for ${firstByteMs} ms`);
  }
}
