import type { AdaptedRequest } from '../core/adapted-request.ts';
import type { Adjustment } from '../core/adjustment.ts';
import type { Answer, AnswerPart } from '../core/answer.ts';
import type { Capabilities, Protocol } from '../core/capabilities.ts';
import type { Deployment } from '../core/deployment.ts';
import type { Failure } from '../core/failure.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { Secret } from '../core/secret.ts';
import type { ServerSentEvent } from '../core/server-sent-event.ts';

/** A request as it will stand on the wire. */
export interface EncodedRequest {
  /** Appended to the deployment's URL. */
  readonly path: string;
  /** Names and values by turns, without the credential. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** What this provider changed beyond what the config asked. */
  readonly adjustments: readonly Adjustment[];
}

/** Response headers, lower-case names. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** One event of a stream, decoded. */
export interface DecodedEvent {
  readonly parts: readonly AnswerPart[];
  /** The event as parsed JSON; `null` for one without (`[DONE]`, a ping). */
  readonly native: JsonObject | null;
  /** `native` is not what the event's bytes say: the vendor writes it in a way that clients of the protocol do not read. */
  readonly isRewritten?: true;
}

/** What was asked for, as far as reading the answer depends on it. */
export interface ExpectedAnswer {
  /** How many answers to the one question. */
  readonly choices: number;
  /** Whether vectors were asked for, not a chat. */
  readonly embeddings: boolean;
}

/** Decodes one stream. Holds its state; never shared between attempts. */
export interface StreamDecoder {
  decode(event: ServerSentEvent): DecodedEvent | Failure;
  /** Whether the protocol's very last word has come, so that nothing can follow that matters. */
  readonly saidAll: boolean;
  /** Whether nothing but counts can follow once it was said why the answer ends. */
  readonly endsWithFinish: boolean;
  /**
   * Called once the upstream has closed the body properly.
   * @param stray text that stood outside any event, where some vendors put an error
   * @returns flags of harmless oddities, or the failure when the terminal signal never came
   */
  end(stray: string): readonly string[] | Failure;
}

/**
 * What an upstream speaks: data and pure functions, no I/O. Adding a provider is one of these in a
 * folder of its own, its fixtures beside it, and one line in `registry.ts`.
 */
export interface Provider {
  readonly kind: string;
  readonly protocol: Protocol;
  /** `null`: every operator has a URL of its own. */
  readonly defaultUrl: string | null;
  readonly capabilities: (modelId: string) => Capabilities;
  /** The header that carries the credential: name and value. */
  readonly credentialHeader: (credential: Secret) => readonly [string, string];
  readonly encode: (adapted: AdaptedRequest, deployment: Deployment) => EncodedRequest;
  /** Reads a whole answer. `bytes` is the body as it came, for numbers that do not outlive being parsed. */
  readonly decode: (body: JsonValue, expected: ExpectedAnswer, bytes?: Buffer) => Answer | Failure;
  readonly streamDecoder: (expected: ExpectedAnswer) => StreamDecoder;
  /** The request that lets a vendor go on which has only paused, with what it wants back. Absent: none pauses. */
  readonly resume?: (encoded: EncodedRequest, resume: JsonValue) => EncodedRequest;
  /**
   * Reads what an answer other than 200 means. `body` is its text, possibly not JSON; `sentBytes` how long
   * the request was, where that tells one meaning from another.
   */
  readonly decodeFailure: (status: number, headers: ResponseHeaders, body: string, sentBytes?: number) => Failure;
  /** The response header that holds the vendor's own request id. */
  readonly requestIdHeader: string;
}
