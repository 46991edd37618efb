import { isContent, type Answer } from '../core/answer.ts';
import type { AnswerEnvelope, ClientStream, StreamedEvent } from '../core/client-dialect.ts';
import { errorReport, retryHeaders } from '../core/error-report.ts';
import type { Deployment } from '../core/deployment.ts';
import type { GatewayError } from '../core/errors.ts';
import type { Failure } from '../core/failure.ts';
import type { GenerationStatus, Provenance } from '../core/record.ts';
import type { StreamMode } from '../core/route.ts';
import type { Watch } from '../transport/watchdog.ts';
import { estimateUsage } from './estimate-usage.ts';
import type { Exchange, Steps } from './exchange.ts';
import { errorOfBrokenStream, ledgerError } from './failure-error.ts';
import type { Generation } from './generation.ts';
import type { Interruption } from './interruption.ts';
import { partsOf } from './parts-of-answer.ts';
import { recordedContent } from './recorded-content.ts';
import { provenanceHeaders, type Known } from './response-headers.ts';
import { StreamWindow } from './stream-window.ts';
import { vendorBody } from './vendor-body.ts';

const STREAM_HEADERS = ['cache-control', 'no-cache', 'x-accel-buffering', 'no'];
const EVENT_STREAM = 'text/event-stream; charset=utf-8';
/** How long a client may leave the connection full before it is given up. */
const CLIENT_STALL_MS = 30_000;
/** How long a client may hear nothing of its stream before a comment tells it that the answer is under way. */
const SILENCE_MS = 10_000;
const JSON_HEADERS = ['content-type', 'application/json', 'cache-control', 'no-store'];

/**
 * What goes back to the client. Nothing does before the first accepted content; the last byte goes
 * only after the record is written.
 */
export class Reply {
  readonly #exchange: Exchange;
  readonly #generation: Generation;
  readonly #interruption: Interruption;
  readonly #steps: Steps;
  #mode: StreamMode = 'trail';
  #window: StreamWindow | null = null;
  #sameProtocol = false;
  #stream: ClientStream | null = null;
  #waiting: Buffer[] = [];
  /** Whether status and headers have gone to the client; of a held stream they may go before any content. */
  #started = false;
  #isRecordTried = false;
  /** Passes when the client has heard nothing for long; `null` while it is not to hear of it. */
  #silenceWatch: Watch | null = null;
  #isStalled = false;

  constructor(exchange: Exchange, generation: Generation, interruption: Interruption, steps: Steps) {
    this.#exchange = exchange;
    this.#interruption = interruption;
    this.#generation = generation;
    this.#steps = steps;
  }

  /** Whether content has gone to the client: from here on nobody else may answer. */
  get committed(): boolean {
    return this.#generation.committed;
  }

  /** Whether what comes is kept back for now. */
  get holds(): boolean {
    return this.#stream !== null && this.#mode !== 'trail' && !this.committed;
  }

  /** Whether the answer that comes may still be handed over otherwise than it came. */
  get mayRewrite(): boolean {
    return !this.committed && (this.#stream === null || this.#mode !== 'trail');
  }

  /** Prepares for an answer of this deployment; what a failed attempt left behind is dropped. */
  expect({ capabilities }: Deployment, mode: StreamMode): void {
    this.#mode = mode;
    this.#sameProtocol = capabilities.protocol === this.#exchange.request.dialect;
    this.restart();
    if (this.#stream !== null && mode === 'hold') this.#keepHeldAlive();
  }

  /** Drops what has been taken of an answer of which nothing has gone out, to take it from its beginning. */
  restart(): void {
    this.#waiting = [];
    this.#window?.stop();
    this.#window = new StreamWindow(this.#mode, this.#steps, () => this.#release());
    this.#stream = this.#exchange.request.stream
      ? this.#exchange.dialect.openStream({
          request: this.#exchange.request,
          id: this.#exchange.id,
          createdSeconds: this.#generation.createdSeconds,
          sameProtocol: this.#sameProtocol,
          includeUsage: this.#exchange.request.includeUsage,
        })
      : null;
  }

  /** A client that hears nothing for long gives up: comments tell it that the answer is under way, and nothing more. */
  #keepHeldAlive(): void {
    this.#silenceWatch ??= this.#steps.transport.watch(SILENCE_MS, () => {
      this.#start(200, this.#streamHeaders(), 'nothing');
      void this.#exchange.client.write(this.#exchange.dialect.keepAlive);
      this.#silenceWatch?.extend(SILENCE_MS);
    });
  }

  /** The same for a stream that flows: what was sent last came in last, so that no event has to be timed again. */
  #keepFlowingAlive(): void {
    const { clock, transport } = this.#steps;
    this.#silenceWatch?.stop();
    this.#silenceWatch = transport.watch(SILENCE_MS, () => {
      const dueAt = (this.#generation.attempts.at(-1)?.lastAt ?? 0) + SILENCE_MS;
      if (dueAt > clock.now()) {
        this.#silenceWatch?.until(dueAt);
        return;
      }
      // Whoever does not read what is there needs no comment after it.
      if (!this.#isStalled) void this.#exchange.client.write(this.#exchange.dialect.keepAlive);
      this.#silenceWatch?.extend(SILENCE_MS);
    });
  }

  /** Takes one event of the stream; its first content commits, unless it is kept back. */
  take(streamed: StreamedEvent): void {
    if (this.#stream === null) return;
    this.#waiting.push(...this.#stream.encode(streamed));
    if (this.committed) return;
    if (this.#window?.take(streamed.parts)) this.#letFlow();
    else if (streamed.parts.some(isContent)) this.#keepHeldAlive();
  }

  /** Of what comes nothing more goes out as it comes: whether any of it does is for the end of the attempt to say. */
  keepBack(): void {
    if (this.#stream === null || this.committed) return;
    this.#window?.shut();
    this.#keepHeldAlive();
  }

  /** The attempt has ended: whether its answer goes out is for others to say, not for the time that passes. */
  pause(): void {
    this.#window?.stop();
  }

  /** The window's time is up: what waits goes out, although nothing more has come. */
  #release(): void {
    if (this.committed || this.#interruption.reason !== null) return;
    this.#letFlow();
    void this.flush();
  }

  #letFlow(): void {
    this.#window?.stop();
    this.#commit('author');
    this.#keepFlowingAlive();
  }

  /** Takes an answer in place of what has been taken of it: it was changed after it had come. */
  retake(answer: Answer): void {
    this.restart();
    const event = { name: null, data: '', plain: null };
    if (this.#stream !== null)
      this.#waiting.push(...this.#stream.encode({ parts: partsOf(answer), native: null, event }));
  }

  /** Sends what has been taken, if the client may have it yet; a promise to wait for while the client is slow. */
  flush(): Promise<void> | undefined {
    // What an interruption finds waiting goes with the last bytes: nobody waits for the client any more.
    if (!this.committed || this.#waiting.length === 0 || this.#interruption.reason !== null) return undefined;
    const drained = this.#exchange.client.write(this.#takeWaiting());
    return drained === undefined ? undefined : this.#drained(drained);
  }

  /** Waits while the client is slow, but not for ever. */
  async #drained(drained: Promise<void>): Promise<void> {
    const stall = this.#steps.transport.watch(CLIENT_STALL_MS, () => this.#exchange.client.destroy());
    this.#isStalled = true;
    await this.#interruption.orInterrupted(drained);
    this.#isStalled = false;
    stall.stop();
  }

  /** Records the answer and completes the response. */
  async complete(accepted: Answer): Promise<void> {
    this.#silenceWatch?.stop();
    const { answer, body: native } = vendorBody(accepted, this.#sameProtocol ? this.#generation.served : null);
    const provenance = this.#generation.provenance();
    const envelope: AnswerEnvelope = {
      request: this.#exchange.request,
      id: this.#exchange.id,
      createdSeconds: this.#generation.createdSeconds,
      provenance: this.#exchange.request.directives.candorBody ? provenance : null,
      costUsd: this.#generation.costUsd(),
      vendorBody: native,
    };
    if (this.#stream !== null) {
      const ending = this.#stream.finish(answer, envelope);
      await this.#record('complete', 200, null, provenance);
      if (!this.committed) this.#commit('all');
      this.#waiting.push(ending);
      await this.#end(this.#takeWaiting());
      return;
    }
    const body = this.#exchange.dialect.encodeAnswer(answer, envelope);
    await this.#record('complete', 200, null, provenance);
    this.#start(200, [...JSON_HEADERS, 'content-length', String(body.length)], 'all');
    await this.#end(body);
  }

  /** Records that the request failed and tells the client, inside the stream where one has begun. */
  async fail(error: GatewayError): Promise<void> {
    this.#silenceWatch?.stop();
    if (error.code === 'internal_error') this.#steps.reportFault(this.#exchange.id, error.cause);
    const gone = this.#exchange.client.closed;
    const http = this.#started ? 200 : gone ? 499 : error.status;
    const status: GenerationStatus = gone ? 'cancelled' : 'failed';
    const { served } = this.#generation;
    if (this.committed && served !== null) await estimateUsage(served, gone ? 'gone' : 'waiting', this.#steps);
    const told = await this.#recordFailure(status, http, error);
    if (gone) return;
    if (this.#started) {
      // What was held back is none of the answer: not even the error may tell of it.
      if (!this.committed) this.restart();
      const { candorBody } = this.#exchange.request.directives;
      const provenance = candorBody ? this.#generation.provenance() : null;
      const bytes = this.#stream?.fail(errorReport(told, this.#errorContext()), provenance);
      await this.#end(Buffer.concat([this.#takeWaiting(), bytes ?? Buffer.alloc(0)]));
      return;
    }
    const body = this.#exchange.dialect.encodeError(errorReport(told, this.#errorContext()));
    this.#start(told.status, [...JSON_HEADERS, 'content-length', String(body.length), ...retryHeaders(told)], 'all');
    await this.#end(body);
  }

  /** Ends a stream that broke after its first content. */
  async breakOff(failed: Failure): Promise<void> {
    await this.fail(errorOfBrokenStream(this.#generation, failed));
  }

  #commit(known: Known): void {
    this.#generation.committed = true;
    this.#start(200, this.#streamHeaders(), known);
  }

  #streamHeaders(): readonly string[] {
    return ['content-type', this.#exchange.dialect.streamContentType ?? EVENT_STREAM, ...STREAM_HEADERS];
  }

  #start(status: number, headers: readonly string[], known: Known): void {
    if (this.#started) return;
    this.#started = true;
    const provenance = provenanceHeaders(this.#generation, known, this.#steps.clock.now());
    this.#exchange.client.start(status, [...headers, ...provenance]);
  }

  #takeWaiting(): Buffer {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting.length === 1 ? (waiting[0] as Buffer) : Buffer.concat(waiting);
  }

  async #record(
    status: GenerationStatus,
    http: number,
    error: GatewayError | null,
    provenance: Provenance,
  ): Promise<void> {
    const record = this.#generation.record(status, http, error, provenance);
    this.#isRecordTried = true;
    await this.#steps.ledger.finish(record, recordedContent(this.#generation));
  }

  /** When even the failure cannot be recorded, that is what the client must hear. */
  async #recordFailure(status: GenerationStatus, http: number, error: GatewayError): Promise<GatewayError> {
    // Without an intent there is nothing to end, and what could not be written a moment ago is not tried again.
    const isHopeless = this.#generation.attempts.length === 0 || this.#isRecordTried;
    if (error.code === 'ledger_unavailable' && isHopeless) return error;
    try {
      await this.#record(status, http, error, this.#generation.provenance());
      return error;
    } catch (cause) {
      return ledgerError(cause);
    }
  }

  #errorContext(): { readonly id: string; readonly trace: string } {
    return { id: this.#exchange.id, trace: this.#generation.trace };
  }

  /** Sends the last bytes. A client that does not take them in time loses the connection: the record is complete. */
  async #end(bytes: Buffer): Promise<void> {
    const { client } = this.#exchange;
    const delivered = client.end(bytes);
    if (delivered === undefined) return;
    const stall = this.#steps.transport.watch(CLIENT_STALL_MS, () => client.destroy());
    await delivered;
    stall.stop();
  }
}
