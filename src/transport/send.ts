import type { Dispatcher } from 'undici';

import type { Clock } from '../core/clock.ts';
import { failure, isFailure, type Failure } from '../core/failure.ts';
import type { Connection } from './connection.ts';
import { Connections } from './connections.ts';
import type { ConnectTerms } from './connector.ts';
import { failureOfError, isOwnFault } from './failures.ts';
import { NameResolver, type LookUpHost } from './name-resolver.ts';
import { Watchdog, type Watch } from './watchdog.ts';

/** One HTTP request to an upstream. */
export interface Call extends ConnectTerms {
  readonly origin: string;
  readonly path: string;
  /** Names and values by turns. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** From when the request begins to be written, which is after connecting, to the response's headers. */
  readonly firstByteMs: number;
  /** Over a socket that no call has used before, not over one that is kept open. */
  readonly fresh?: boolean;
}

/** Response headers, lower-case names. */
export type CallHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What came back: the head at once, the body as it is read. */
export interface CallResponse {
  readonly status: number;
  readonly headers: CallHeaders;
  /** Monotonic time at which the head came. */
  readonly headersAt: number;
  /**
   * The next chunk; `null` when the body has ended properly. Once a failure, always that failure.
   * It waits without limit: what silence means, and when to abort, is for the reader to say.
   */
  next(): Promise<Buffer | null | Failure>;
}

/** A call under way. */
export interface OpenCall {
  /** @throws Error when the request is one that cannot be sent at all: a fault of our own, not of the upstream */
  readonly response: Promise<CallResponse | Failure>;
  /** Ends the call with this failure and closes its socket. Does nothing once the body has ended. */
  abort(reason: Failure): void;
}

/** Node would read up to 64 KiB at once, of which a stream that has to wait would hold several. */
const READ_BYTES = 16 * 1024;

/** Sends HTTP requests over kept-alive connections, one set of them an origin. */
export class Transport {
  readonly #clock: Clock;
  readonly #watchdog: Watchdog;
  readonly #resolver: NameResolver;
  readonly #origins = new Map<string, Connections>();
  /** What every connection reads into: it is empty again before the next one reads. */
  readonly #readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);
  #closed = false;

  /** @param lookUp how names are resolved; by the system when left out */
  constructor(clock: Clock, lookUp?: LookUpHost) {
    this.#clock = clock;
    this.#watchdog = new Watchdog(clock);
    this.#resolver = new NameResolver(clock, lookUp);
  }

  /** Begins a POST. What goes wrong is the response's value; after `close` nothing is sent any more. */
  send(call: Call): OpenCall {
    if (this.#closed) return refusedCall(failure('shutting_down', 'the gateway is ending and sends nothing any more'));
    const connections = this.#connections(call);
    const connection = connections.take(call.fresh ?? false);
    const open = new UpstreamCall(call, this.#clock, this.#watchdog, connection, () => connections.release(connection));
    const options: Dispatcher.DispatchOptions = {
      path: call.path,
      method: 'POST',
      headers: call.headers as string[],
      body: call.body,
      // Our own timers decide; undici's are too coarse and would cut long answers.
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    connection.client.dispatch(options, open);
    return open;
  }

  /** Watches one deadline on the transport's shared timer. */
  watch(delayMs: number, onExpire: () => void): Watch {
    return this.#watchdog.watch(delayMs, onExpire);
  }

  /** Closes every connection, also those in use: their calls fail with `shutting_down`. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#origins.values()].map((connections) => connections.destroy()));
  }

  #connections(call: Call): Connections {
    const { origin, connectMs, allowsPrivate } = call;
    const key = `${origin} ${connectMs} ${allowsPrivate}`;
    let connections = this.#origins.get(key);
    if (connections === undefined) {
      const parts = { resolver: this.#resolver, watchdog: this.#watchdog };
      connections = new Connections(origin, { connectMs, allowsPrivate }, parts, this.#readBuffer);
      this.#origins.set(key, connections);
    }
    return connections;
  }
}

function refusedCall(reason: Failure): OpenCall {
  return { response: Promise.resolve(reason), abort: () => undefined };
}

/** One call while undici carries it out, for both sides: what undici reports, and what the reader of the body asks. */
class UpstreamCall implements Dispatcher.DispatchHandler, OpenCall, CallResponse {
  readonly response: Promise<CallResponse | Failure>;
  status = 0;
  headers: CallHeaders = {};
  headersAt = 0;
  readonly #clock: Clock;
  readonly #firstByteMs: number;
  readonly #watch: Watch;
  readonly #connection: Connection;
  readonly #release: () => void;
  readonly #chunks: Buffer[] = [];
  /** Whether the request is being written, or has been. */
  #isBegun = false;
  #paused = false;
  /** Whether the response's head has come. */
  #answered = false;
  #end: 'open' | 'ended' | Failure = 'open';
  #resolveResponse: (value: CallResponse | Failure) => void = () => undefined;
  #rejectResponse: (error: Error) => void = () => undefined;
  #resolveNext: ((value: Buffer | null | Failure) => void) | null = null;

  constructor(call: Call, clock: Clock, watchdog: Watchdog, connection: Connection, release: () => void) {
    this.#clock = clock;
    this.#connection = connection;
    this.#release = release;
    this.#firstByteMs = call.firstByteMs;
    this.response = new Promise((resolve, reject) => {
      this.#resolveResponse = resolve;
      this.#rejectResponse = reject;
    });
    this.#watch = watchdog.prepare(() =>
      this.abort(failure('first_byte_timeout', `the upstream sent nothing for ${call.firstByteMs} ms`)),
    );
  }

  abort(reason: Failure): void {
    if (this.#end !== 'open') return;
    this.#finish(reason);
    if (this.#isBegun) this.#connection.breakOff(new Error(reason.message));
  }

  next(): Promise<Buffer | null | Failure> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      if (this.#paused && this.#chunks.length === 0) this.#resume();
      return Promise.resolve(chunk);
    }
    if (this.#end !== 'open') return Promise.resolve(this.#end === 'ended' ? null : this.#end);
    return new Promise((resolve) => {
      this.#resolveNext = resolve;
    });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#isBegun = true;
    if (isFailure(this.#end)) controller.abort(new Error(this.#end.message));
    else {
      this.#connection.beginCall();
      this.#watch.extend(this.#firstByteMs);
    }
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (statusCode < 200) return;
    this.status = statusCode;
    this.headers = headers;
    // These are views of all that was read with them, and would keep it.
    controller.rawHeaders = null;
    this.headersAt = this.#clock.now();
    this.#answered = true;
    this.#watch.stop();
    this.#resolveResponse(this);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#end !== 'open') return;
    if (this.#resolveNext !== null) {
      this.#settleNext(chunk);
      return;
    }
    // One read at most waits to be asked for, and the next one in the connection.
    this.#chunks.push(chunk);
    this.#paused = true;
    this.#connection.pause();
  }

  onResponseEnd(): void {
    this.#connection.endCall();
    this.#release();
    if (this.#end === 'open') this.#finish('ended');
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    const isStale = this.#connection.isUnheardReuse;
    this.#release();
    if (this.#end !== 'open') return;
    if (isOwnFault(error)) {
      this.#end = 'ended';
      this.#rejectResponse(error);
    } else this.#finish(failureOfError(error, this.#answered ? 'answered' : isStale ? 'reused' : 'asked'));
  }

  #resume(): void {
    this.#paused = false;
    // Once the body has ended, the connection is another call's.
    if (this.#end === 'open') this.#connection.resume();
  }

  #finish(end: 'ended' | Failure): void {
    this.#end = end;
    this.#watch.stop();
    // Chunks that wait to be read came before the end, whatever end it is: `next` gives them out first.
    if (isFailure(end)) this.#resolveResponse(end);
    if (this.#resolveNext !== null) this.#settleNext(end === 'ended' ? null : end);
  }

  #settleNext(value: Buffer | null | Failure): void {
    const resolve = this.#resolveNext;
    this.#resolveNext = null;
    resolve?.(value);
  }
}
