import type { Answer, AnswerPart } from './answer.ts';
import type { ChatRequest, DialectId } from './chat.ts';
import type { JsonObject } from './json.ts';
import type { Provenance } from './record.ts';
import type { ServerSentEvent } from './server-sent-event.ts';

/** What an answer is dressed in, beside its content. */
export interface AnswerEnvelope {
  /** What is answered, for dialects whose answers repeat it. */
  readonly request: ChatRequest;
  readonly id: string;
  readonly createdSeconds: number;
  /** `null`: the client wants the plain vendor shape. */
  readonly provenance: Provenance | null;
  /** Cost of all attempts in USD; `null` when one is unknown. */
  readonly costUsd: number | null;
  /** The vendor's own whole answer where it is of the client's protocol, so that its bytes may be kept; else `null`. */
  readonly vendorBody: Buffer | null;
}

/** One upstream event with what it means. */
export interface StreamedEvent {
  readonly parts: readonly AnswerPart[];
  readonly native: JsonObject | null;
  readonly event: ServerSentEvent;
}

/** What an error says to a client; each dialect has its own envelope for it. */
export interface ErrorReport {
  /** The HTTP status it has, or would have outside a stream that has begun. */
  readonly status: number;
  readonly message: string;
  readonly type: string;
  readonly code: string;
  readonly param: string | null;
  /** `error.candor`. */
  readonly candor: JsonObject;
}

/** Encodes one stream to a client. Holds its state. */
export interface ClientStream {
  /** The bytes this event becomes, possibly none. The finish and the usage are kept back for `finish`. */
  encode(streamed: StreamedEvent): readonly Buffer[];
  /** The end of a complete answer: finish, usage if asked, provenance, terminal event. */
  finish(answer: Answer, envelope: AnswerEnvelope): Buffer;
  /**
   * The end of a broken one: an error, and no event that says an answer is complete.
   * @param provenance for dialects whose error holds it; `null`: the client wants the plain vendor shape
   */
  fail(error: ErrorReport, provenance: Provenance | null): Buffer;
}

/** A request as it came, to be decoded by the dialect of the path it came to. */
export interface ArrivedRequest {
  readonly body: Buffer;
  /** The headers that ask something of Candor or belong to the dialect, under lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  /** What the path names, where the dialect puts more than a fixed word there; empty elsewhere. */
  readonly pathParameter: string;
  /** Whether it came to be explained, whatever it says itself. */
  readonly explain: boolean;
}

/** What one kind of client speaks, seen from the pipeline. */
export interface ClientDialect {
  readonly id: DialectId;
  /** What keeps a silent stream alive and means nothing: a comment, where the SDKs of the dialect pass over one. */
  readonly keepAlive: Buffer;
  /** Of streams that are no `text/event-stream`. */
  readonly streamContentType?: string;
  encodeAnswer(answer: Answer, envelope: AnswerEnvelope): Buffer;
  openStream(start: {
    readonly request: ChatRequest;
    readonly id: string;
    readonly createdSeconds: number;
    readonly sameProtocol: boolean;
    readonly includeUsage: boolean;
  }): ClientStream;
  encodeError(error: ErrorReport): Buffer;
}
