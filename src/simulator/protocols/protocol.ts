import type { IncomingHttpHeaders } from 'node:http';
import type { JsonObject } from '../../core/json.ts';
import type { Frame } from '../delivery.ts';
import type { EmbeddingQuestion } from '../embedding.ts';
import type { Persona } from '../persona.ts';
import type { Question, SimulatedKind } from '../question.ts';
import type { Reply } from '../reply.ts';

/** An error as a vendor would report it. */
export interface VendorError {
  readonly status: number;
  readonly message: string;
  readonly param: string | null;
  /** The vendor's own word for it; `null`: the one that goes with the status. */
  readonly code: string | null;
  /** Seconds the vendor asks to wait; `null`: it does not say. */
  readonly retryAfterSeconds: number | null;
}

/** Thrown while a request is read, when the vendor would refuse it. */
export class RequestRefused extends Error {
  readonly vendorError: VendorError;

  constructor(status: number, message: string, param: string | null = null, code: string | null = null) {
    super(message);
    this.vendorError = { status, message, param, code, retryAfterSeconds: null };
  }
}

/** Which call a path is. */
export interface Call {
  /** The model where the path names it; `null`: the body does. */
  readonly modelId: string | null;
  /** Whether the path asks for a stream; `null`: the body says. */
  readonly stream: boolean | null;
  /** How a stream is framed. */
  readonly framing: 'sse' | 'json-array';
}

/** What frames an answer beside its content. */
export interface AnswerHead {
  /** `sim-<model>`. */
  readonly model: string;
  /** A number of this simulator's own, one up for each answer; ids are made of it. */
  readonly serial: number;
  readonly createdMs: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly question: Question;
}

/** What frames vectors. */
export interface VectorsHead {
  /** `sim-<model>`. */
  readonly model: string;
  readonly promptTokens: number;
  readonly question: EmbeddingQuestion;
}

/** How a vendor takes requests for embeddings. Pure. */
export interface EmbeddingProtocol {
  /** `null`: it is no request for embeddings. */
  locate(method: string, url: URL): Call | null;
  /** @throws RequestRefused as the vendor would refuse it. */
  read(body: JsonObject, modelId: string): EmbeddingQuestion;
  body(vectors: readonly (readonly number[])[], head: VectorsHead): string;
}

/** One vendor's protocol: what it takes, what it says. Pure. */
export interface Protocol {
  readonly kind: SimulatedKind;
  /** What the vendor's base URL has after the host. */
  readonly basePath: string;
  readonly streamContentType: string;
  /** What the vendor sends while a client waits for the first token. */
  readonly keepAlive: { readonly stream: string; readonly body: string };
  /** What it says when it refuses. */
  readonly refusalText: string;
  /** Whether a refusal is an ordinary answer in words. */
  readonly refusesInWords: boolean;
  /** `null`: no such path or method. */
  locate(method: string, url: URL): Call | null;
  /** Absent: the vendor makes no embeddings. */
  readonly embeddings?: EmbeddingProtocol;
  /** @throws RequestRefused as the vendor would refuse it. */
  read(body: JsonObject, persona: Persona, headers: IncomingHttpHeaders): Question;
  body(replies: readonly Reply[], head: AnswerHead): string;
  frames(replies: readonly Reply[], head: AnswerHead, framing: Call['framing']): readonly Frame[];
  /** Headers every response has. */
  headers(serial: number): Readonly<Record<string, string>>;
  errorBody(error: VendorError, serial: number): string;
  errorHeaders(error: VendorError): Readonly<Record<string, string>>;
  /** What the vendor says when it cannot serve: overloaded, failing, too many requests. */
  outageMessage(status: number): string;
  unknownModel(modelId: string): VendorError;
  tooLong(promptTokens: number, persona: Persona): VendorError;
}

/** An error of the vendor's, without what most have not. */
export function vendorError(
  status: number,
  message: string,
  more: Partial<Pick<VendorError, 'param' | 'code' | 'retryAfterSeconds'>> = {},
): VendorError {
  return { status, message, param: null, code: null, retryAfterSeconds: null, ...more };
}

/** A frame of server-sent events that holds no token. */
export function framing(data: JsonObject, isClosing = false): Frame {
  return { text: `data: ${JSON.stringify(data)}\n\n`, tokens: 0, closing: isClosing };
}

/** A frame of server-sent events that holds one token. */
export function oneToken(data: JsonObject): Frame {
  return { text: `data: ${JSON.stringify(data)}\n\n`, tokens: 1, closing: false };
}
