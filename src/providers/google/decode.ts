import type { Answer, AnswerPart, FinishReason } from '../../core/answer.ts';
import { AnswerAssembler } from '../../core/answer-assembler.ts';
import { failure, isFailure, type Failure, type FailureKind } from '../../core/failure.ts';
import {
  arrayMember,
  isJsonObject,
  objectMember,
  parseJson,
  stringMember,
  type JsonObject,
  type JsonValue,
} from '../../core/json.ts';
import { TokenCounts, type UsageReport } from '../../core/usage.ts';
import type { ResponseHeaders } from '../provider.ts';
import { durationMs, retryAfterMs } from '../retry-after.ts';
import { kindOfStatus } from '../status-failure.ts';
import { FunctionCalls } from './function-calls.ts';

const CONTENT_FILTER = new Set([
  'SAFETY',
  'RECITATION',
  'LANGUAGE',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MODEL_ARMOR',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION',
]);
/** Members of a part that reach the client, or that only the vendor has a use for. */
const CARRIED = new Set(['text', 'thought', 'thoughtSignature', 'functionCall', 'partMetadata']);
const MALFORMED_CALL = new Set(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS']);

/** Decodes responses of one answer: a whole one, or the chunks of a stream in order. Holds their state. */
export class GeminiResponseDecoder {
  #model: string | null = null;
  readonly #calls = new FunctionCalls();
  #finished = false;
  #responseId = '';
  /** What the answer held that an OpenAI client cannot be given. */
  readonly flags: string[] = [];

  /** Whether the vendor has said why the answer ended. */
  get finished(): boolean {
    return this.#finished;
  }

  /** The parts of one response object. */
  decode(body: JsonObject): readonly AnswerPart[] | Failure {
    if (isJsonObject(body['error'])) return decodeErrorObject(body['error'], null);
    const parts: AnswerPart[] = [];
    const model = stringMember(body, 'modelVersion');
    if (model !== null && model !== this.#model) {
      this.#model = model;
      parts.push({ type: 'model', model });
    }
    const candidate = arrayMember(body, 'candidates')[0];
    if (isJsonObject(candidate)) {
      const responseId = stringMember(body, 'responseId') ?? '';
      if (this.#responseId !== '' && responseId !== '' && responseId !== this.#responseId) {
        return failure('protocol', 'a second answer began inside the stream of the first');
      }
      if (responseId !== '') this.#responseId = responseId;
      const problem = this.#content(candidate, responseId, parts) ?? this.#finish(candidate, parts);
      if (problem !== null) return problem;
    } else {
      this.#blocked(body, parts);
    }
    const report = decodeUsage(objectMember(body, 'usageMetadata') ?? {});
    if (report.usage !== null || report.flags.length > 0) parts.push({ type: 'usage', report });
    return parts;
  }

  #content(candidate: JsonObject, responseId: string, parts: AnswerPart[]): Failure | null {
    for (const part of arrayMember(objectMember(candidate, 'content') ?? {}, 'parts')) {
      if (!isJsonObject(part)) continue;
      const text = stringMember(part, 'text');
      const call = objectMember(part, 'functionCall');
      this.#noteLeftOut(part);
      if (text) parts.push({ type: part['thought'] === true ? 'reasoning' : 'text', text });
      const problem = call === null ? null : this.#calls.take(call, responseId, parts);
      if (problem !== null) return problem;
    }
    return null;
  }

  #noteLeftOut(part: JsonObject): void {
    for (const kind of Object.keys(part)) {
      if (!CARRIED.has(kind) && !this.flags.includes(`left_out:${kind}`)) this.flags.push(`left_out:${kind}`);
    }
  }

  #finish(candidate: JsonObject, parts: AnswerPart[]): Failure | null {
    const native = stringMember(candidate, 'finishReason');
    if (native === null) return null;
    const reason = this.#finishReason(native);
    if (isFailure(reason)) return reason;
    this.#finished = true;
    this.#calls.close(parts);
    parts.push({ type: 'finish', reason, native });
    return null;
  }

  #finishReason(native: string): FinishReason | Failure {
    if (native === 'STOP') return this.#calls.count > 0 ? 'tool_calls' : 'stop';
    if (native === 'MAX_TOKENS') return 'length';
    if (CONTENT_FILTER.has(native)) return 'content_filter';
    if (MALFORMED_CALL.has(native))
      return failure('malformed_tool_call', `the model made a tool call that cannot be used (${native})`);
    return failure('unknown_finish_reason', `the answer ended with \`${native}\`, which cannot be passed on`);
  }

  /** A prompt that the vendor blocked has no candidates at all, at status 200. */
  #blocked(body: JsonObject, parts: AnswerPart[]): void {
    const native = stringMember(objectMember(body, 'promptFeedback') ?? {}, 'blockReason');
    if (native === null) return;
    this.#finished = true;
    parts.push({ type: 'finish', reason: 'content_filter', native });
  }
}

/** Decodes a whole answer. */
export function decodeResponse(body: JsonValue): Answer | Failure {
  if (!isJsonObject(body)) return failure('invalid_answer', 'the answer is not a JSON object');
  const decoder = new GeminiResponseDecoder();
  const parts = decoder.decode(body);
  if (isFailure(parts)) return parts;
  const assembler = new AnswerAssembler();
  for (const part of parts) assembler.add(part);
  const answer = assembler.answer(decoder.flags);
  return answer === null ? failure('truncated', 'the answer does not say why it ended') : { ...answer, native: body };
}

/** Token counts; the vendor leaves out those that are 0, and counts the thinking apart. */
function decodeUsage(usage: JsonObject): UsageReport {
  const counts = new TokenCounts(usage);
  const prompt = counts.read('promptTokenCount');
  const tools = counts.read('toolUsePromptTokenCount');
  const written = counts.read('candidatesTokenCount');
  const thoughts = counts.read('thoughtsTokenCount');
  if (prompt === null || counts.isUnreadable) return counts.unknown();
  const promptTokens = prompt + (tools ?? 0);
  const completionTokens = (written ?? 0) + (thoughts ?? 0);
  return counts.known({
    promptTokens,
    completionTokens,
    totalTokens: counts.read('totalTokenCount') ?? promptTokens + completionTokens,
    cachedTokens: counts.read('cachedContentTokenCount'),
    cacheWriteTokens: null,
    reasoningTokens: thoughts,
  });
}

/** The vendor's canonical statuses (google.rpc.Code). */
const STATUSES: Readonly<Record<string, FailureKind>> = {
  INVALID_ARGUMENT: 'invalid_request',
  FAILED_PRECONDITION: 'invalid_request',
  OUT_OF_RANGE: 'invalid_request',
  UNAUTHENTICATED: 'auth',
  PERMISSION_DENIED: 'auth',
  NOT_FOUND: 'model_unavailable',
  RESOURCE_EXHAUSTED: 'rate_limited',
  UNAVAILABLE: 'overloaded',
  DEADLINE_EXCEEDED: 'timeout',
  INTERNAL: 'error',
};
const CONTEXT_LENGTH = /exceeds the maximum number of tokens|input token count/i;

/** Reads an error answer, whatever its content type. */
export function decodeFailure(status: number, headers: ResponseHeaders, body: string): Failure {
  const json = parseJson(body);
  const holder = Array.isArray(json) ? (json as readonly JsonValue[])[0] : json;
  const error = isJsonObject(holder) ? (objectMember(holder, 'error') ?? {}) : {};
  const decoded = decodeErrorObject(error, status);
  return { ...decoded, retryAfterMs: decoded.retryAfterMs ?? retryAfterMs(headers) };
}

/** Reads the `error` object, also where it comes inside a stream (`status` is then `null`). */
export function decodeErrorObject(error: JsonObject, status: number | null): Failure {
  const message = stringMember(error, 'message');
  const code = stringMember(error, 'status');
  const details = arrayMember(error, 'details').filter(isJsonObject);
  const delay = details.map((detail) => stringMember(detail, 'retryDelay')).find((text) => text !== null);
  const badKey = details.some((detail) => detail['reason'] === 'API_KEY_INVALID');
  const kind = badKey ? 'auth' : kindOf(code, message, status);
  return failure(kind, `the vendor answered ${status ?? 'with an error'}${message ? `: ${message}` : ''}`, {
    upstream: { status, code, message, param: null },
    retryAfterMs: delay === undefined || delay === null ? null : durationMs(delay),
  });
}

function kindOf(code: string | null, message: string | null, status: number | null): FailureKind {
  if (message !== null && CONTEXT_LENGTH.test(message)) return 'context_length_exceeded';
  if (code !== null && Object.hasOwn(STATUSES, code)) return STATUSES[code] as FailureKind;
  return status === null ? 'error' : kindOfStatus(status);
}
