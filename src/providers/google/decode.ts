import type { Answer, AnswerPart, FinishReason, Logprobs } from '../../core/answer.ts';
import { AnswerAssembler } from '../../core/answer-assembler.ts';
import { failure, isFailure, type Failure } from '../../core/failure.ts';
import {
  arrayMember,
  isJsonObject,
  numberMember,
  objectMember,
  stringMember,
  type JsonObject,
  type JsonValue,
} from '../../core/json.ts';
import type { ExpectedAnswer } from '../provider.ts';
import { decodeErrorObject } from './failures.ts';
import { FunctionCalls } from './function-calls.ts';
import { decodeUsage } from './usage.ts';

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
  'IMAGE_OTHER',
]);
/** Members of a part that reach the client, or that only the vendor has a use for. */
const CARRIED = new Set(['text', 'thought', 'thoughtSignature', 'functionCall', 'partMetadata']);
const MALFORMED_CALL = new Set(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS']);

/** One of the answers that were asked for, while it comes. */
class OpenCandidate {
  readonly choice: { readonly choice?: number };
  readonly calls: FunctionCalls;
  hasText = false;
  finish: FinishReason | null = null;

  constructor(index: number) {
    this.choice = index === 0 ? {} : { choice: index };
    this.calls = new FunctionCalls(index);
  }
}

/** Decodes responses of one answer: a whole one, or the chunks of a stream in order. Holds their state. */
export class GeminiResponseDecoder {
  readonly #candidates: readonly OpenCandidate[];
  #model: string | null = null;
  #responseId = '';
  #reasoningTokens = 0;
  readonly #flags: string[] = [];

  constructor({ choices }: Pick<ExpectedAnswer, 'choices'>) {
    this.#candidates = Array.from({ length: choices }, (_, index) => new OpenCandidate(index));
  }

  /** Whether the vendor has said why the answer ended: all of them, where several were asked for. */
  get finished(): boolean {
    return this.#candidates.every((candidate) => candidate.finish !== null);
  }

  /** What the answer held that an OpenAI client cannot be given, and what is odd about it. */
  get flags(): readonly string[] {
    const isEmpty = this.#candidates.some(
      ({ finish, hasText, calls }) => finish === 'length' && !hasText && calls.count === 0,
    );
    return isEmpty && this.#reasoningTokens > 0 ? [...this.#flags, 'all_output_spent_on_reasoning'] : this.#flags;
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
    const candidates = arrayMember(body, 'candidates').filter(isJsonObject);
    if (candidates.length === 0) this.#blocked(body, parts);
    for (const [position, candidate] of candidates.entries()) {
      const problem = this.#candidate(candidate, position, stringMember(body, 'responseId') ?? '', parts);
      if (problem !== null) return problem;
    }
    const report = decodeUsage(objectMember(body, 'usageMetadata') ?? {});
    if (report.usage !== null || report.flags.length > 0) parts.push({ type: 'usage', report });
    this.#reasoningTokens = report.usage?.reasoningTokens ?? this.#reasoningTokens;
    return parts;
  }

  #candidate(candidate: JsonObject, position: number, responseId: string, parts: AnswerPart[]): Failure | null {
    const open = this.#candidates[numberMember(candidate, 'index') ?? position];
    if (open === undefined) return failure('invalid_answer', 'the answer has more candidates than were asked for');
    if (this.#responseId !== '' && responseId !== '' && responseId !== this.#responseId) {
      return failure('protocol', 'a second answer began inside the stream of the first');
    }
    if (responseId !== '') this.#responseId = responseId;
    return this.#content(candidate, open, responseId, parts) ?? this.#finish(candidate, open, parts);
  }

  #content(candidate: JsonObject, open: OpenCandidate, responseId: string, parts: AnswerPart[]): Failure | null {
    for (const part of arrayMember(objectMember(candidate, 'content') ?? {}, 'parts')) {
      if (!isJsonObject(part)) continue;
      const text = stringMember(part, 'text');
      const call = objectMember(part, 'functionCall');
      const signature = stringMember(part, 'thoughtSignature');
      this.#noteLeftOut(part);
      if (text) {
        const type = part['thought'] === true ? 'reasoning' : 'text';
        if (type === 'text') open.hasText = true;
        parts.push({ type, text, ...open.choice });
      }
      if (call !== null) {
        const problem = open.calls.take(call, { responseId, signature }, parts);
        if (problem !== null) return problem;
      } else if (signature !== null) {
        const content = { google: { thought_signature: signature } };
        parts.push({ type: 'extra', toolCall: null, content, ...open.choice });
      }
    }
    const logprobs = decodeLogprobs(objectMember(candidate, 'logprobsResult'));
    if (logprobs !== null) parts.push({ type: 'logprobs', logprobs, ...open.choice });
    return null;
  }

  #noteLeftOut(part: JsonObject): void {
    for (const kind of Object.keys(part)) {
      if (!CARRIED.has(kind) && !this.#flags.includes(`left_out:${kind}`)) this.#flags.push(`left_out:${kind}`);
    }
  }

  #finish(candidate: JsonObject, open: OpenCandidate, parts: AnswerPart[]): Failure | null {
    const native = stringMember(candidate, 'finishReason');
    if (native === null) return null;
    const reason = finishReason(native, open.calls.count > 0);
    if (isFailure(reason)) return reason;
    open.finish = reason;
    open.calls.close(parts);
    // The vendor has only paused, and goes on when it is given the token back.
    const token = native === 'CONTINUATION' ? stringMember(candidate, 'continuationToken') : null;
    const resume = token === null ? {} : { resume: token };
    parts.push({ type: 'finish', reason, native, ...resume, ...open.choice });
    return null;
  }

  /** A prompt that the vendor blocked has no candidates at all, at status 200. */
  #blocked(body: JsonObject, parts: AnswerPart[]): void {
    const native = stringMember(objectMember(body, 'promptFeedback') ?? {}, 'blockReason');
    if (native === null) return;
    for (const open of this.#candidates) {
      open.finish = 'content_filter';
      parts.push({ type: 'finish', reason: 'content_filter', native, ...open.choice });
    }
  }
}

function finishReason(native: string, hasCalls: boolean): FinishReason | Failure {
  if (native === 'STOP') return hasCalls ? 'tool_calls' : 'stop';
  // One answer has a length, and this one is over it.
  if (native === 'MAX_TOKENS' || native === 'CONTINUATION') return 'length';
  if (CONTENT_FILTER.has(native)) return 'content_filter';
  if (MALFORMED_CALL.has(native))
    return failure('malformed_tool_call', `the model made a tool call that cannot be used (${native})`);
  return failure('unknown_finish_reason', `the answer ended with \`${native}\`, which cannot be passed on`);
}

/** The tokens in OpenAI's form, each with its likeliest others beside it. The vendor does not tell their bytes. */
function decodeLogprobs(result: JsonObject | null): Logprobs | null {
  if (result === null) return null;
  const others = arrayMember(result, 'topCandidates');
  const entry = (token: JsonObject): JsonObject => ({
    token: stringMember(token, 'token') ?? '',
    logprob: numberMember(token, 'logProbability'),
    bytes: null,
  });
  const content = arrayMember(result, 'chosenCandidates')
    .filter(isJsonObject)
    .map((chosen, index) => {
      const beside = others[index];
      const candidates = isJsonObject(beside) ? arrayMember(beside, 'candidates').filter(isJsonObject) : [];
      return { ...entry(chosen), top_logprobs: candidates.map(entry) };
    });
  return content.length === 0 ? null : { content, refusal: null };
}

/** Decodes a whole answer. */
export function decodeResponse(body: JsonValue, expected: Pick<ExpectedAnswer, 'choices'>): Answer | Failure {
  if (!isJsonObject(body)) return failure('invalid_answer', 'the answer is not a JSON object');
  const decoder = new GeminiResponseDecoder(expected);
  const parts = decoder.decode(body);
  if (isFailure(parts)) return parts;
  const assembler = new AnswerAssembler({ keepsContent: true, choices: expected.choices });
  for (const part of parts) assembler.add(part);
  const answer = assembler.answer(decoder.flags);
  return answer === null ? failure('truncated', 'the answer does not say why it ended') : { ...answer, native: body };
}
