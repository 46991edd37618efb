import type { Answer, FinishReason } from '../../core/answer.ts';
import type { ToolCall } from '../../core/chat.ts';
import { failure, isFailure, type Failure, type FailureKind } from '../../core/failure.ts';
import {
  isJsonObject,
  objectMember,
  parseJson,
  stringMember,
  type JsonObject,
  type JsonValue,
} from '../../core/json.ts';
import { bytesUnder, NO_SCAN_LIMITS, scanJson } from '../../core/json-scan.ts';
import { TokenCounts, type UsageReport } from '../../core/usage.ts';
import type { ResponseHeaders } from '../provider.ts';
import { retryAfterMs } from '../retry-after.ts';
import { kindOfStatus } from '../status-failure.ts';
import { thinkingContent } from './thinking-blocks.ts';

const STOP_REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'content_filter',
};

/** The stop reason of an answer that the vendor goes on with once it has it back. */
export const PAUSED = 'pause_turn';

/** What a stop reason means; one we do not know, or cannot carry on from, is a failure. */
export function decodeStopReason(native: string): FinishReason | Failure {
  const reason = Object.hasOwn(STOP_REASONS, native) ? STOP_REASONS[native] : undefined;
  return reason ?? failure('unknown_finish_reason', `the answer ended with \`${native}\`, which cannot be passed on`);
}

/** Token counts; the vendor's input count leaves out the cached tokens, ours includes them. */
export function decodeUsage(usage: JsonObject): UsageReport {
  const counts = new TokenCounts(usage);
  const input = counts.read('input_tokens');
  const completionTokens = counts.read('output_tokens');
  const read = counts.read('cache_read_input_tokens');
  const written = counts.read('cache_creation_input_tokens');
  const hour = counts.read('ephemeral_1h_input_tokens', objectMember(usage, 'cache_creation') ?? {});
  if (input === null || completionTokens === null || counts.isUnreadable) return counts.unknown();
  const promptTokens = input + (read ?? 0) + (written ?? 0);
  const servedTier = stringMember(usage, 'service_tier');
  // A workspace may have these without the request asking for them; their prices are others.
  const apart = usage['inference_geo'] === 'us' ? 'inference_geo' : usage['speed'] === 'fast' ? 'speed' : null;
  return counts.known({
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
    cachedTokens: read,
    cacheWriteTokens: written,
    ...(hour === null ? {} : { cacheWriteOneHourTokens: hour }),
    reasoningTokens: counts.read('thinking_tokens', objectMember(usage, 'output_tokens_details') ?? {}),
    ...(servedTier === null ? {} : { servedTier }),
    ...(apart === null ? {} : { billedApart: apart }),
  });
}

/** What the vendor says about a refusal; the empty text when it says nothing. */
export function refusalText(holder: JsonObject): string {
  return stringMember(objectMember(holder, 'stop_details') ?? {}, 'explanation') ?? '';
}

/** The flags that say what a refusal was about, where the vendor does. */
export function refusalFlags(holder: JsonObject): readonly string[] {
  const category = stringMember(objectMember(holder, 'stop_details') ?? {}, 'category');
  return category === null ? [] : [`refusal_category:${category}`];
}

/** The model that took over inside the vendor's own service, where the block says so; else `null`. */
export function successorModel(block: JsonObject): string | null {
  return block['type'] === 'fallback' ? stringMember(objectMember(block, 'to') ?? {}, 'model') : null;
}

/** The flag of an answer that another model gave than the one asked, by the vendor's own decision. */
export const VENDOR_SIDE_FALLBACK = 'vendor_side_fallback';

/** The failure of an answer of which one model wrote the beginning and another one the rest. */
export function twoAuthors(): Failure {
  return failure('protocol', 'the vendor changed the model in the middle of the answer');
}

/** Decodes a whole message. `bytes` is its own text, from which the arguments of tools keep their digits. */
export function decodeMessage(body: JsonValue, bytes: Buffer | null = null): Answer | Failure {
  if (!isJsonObject(body)) return failure('invalid_answer', 'the answer is not a JSON object');
  if (body['type'] === 'error') return decodeErrorObject(objectMember(body, 'error') ?? {}, null);
  const finishNative = stringMember(body, 'stop_reason');
  if (!Array.isArray(body['content'])) return failure('invalid_answer', 'the answer has no content');
  if (finishNative === null) return failure('truncated', 'the answer does not say why it ended');
  const isPaused = finishNative === PAUSED;
  const finishReason = isPaused ? 'stop' : decodeStopReason(finishNative);
  if (isFailure(finishReason)) return finishReason;
  const content = body['content'] as readonly JsonValue[];
  const read = readBlocks(content, stringMember(body, 'model'), holdsInexactNumbers(content, bytes) ? bytes : null);
  if (isFailure(read)) return read;
  const { usage, flags: usageFlags } = decodeUsage(objectMember(body, 'usage') ?? {});
  return {
    model: read.model,
    text: read.texts.length === 0 ? null : read.texts.join(''),
    reasoning: read.reasoning.length === 0 ? null : read.reasoning.join(''),
    refusal: finishNative === 'refusal' ? refusalText(body) : null,
    toolCalls: read.toolCalls,
    extraContent: thinkingContent(content.filter(isJsonObject)),
    alternatives: [],
    embeddings: null,
    finishReason,
    finishNative,
    usage,
    native: body,
    flags: [...read.flags, ...refusalFlags(body), ...usageFlags],
    ...(isPaused ? { resume: content } : {}),
  };
}

/** Whether arguments in the content hold a number that would be another one once it is written again. */
function holdsInexactNumbers(content: readonly JsonValue[], bytes: Buffer | null): boolean {
  if (bytes === null || !content.some((block) => isJsonObject(block) && block['type'] === 'tool_use')) return false;
  const scan = scanJson(bytes, NO_SCAN_LIMITS);
  return scan.problem === null && scan.inexact.has('content');
}

interface ReadBlocks {
  readonly model: string | null;
  readonly texts: readonly string[];
  readonly reasoning: readonly string[];
  readonly toolCalls: readonly ToolCall[];
  readonly flags: readonly string[];
}

function readBlocks(
  content: readonly JsonValue[],
  announced: string | null,
  bytes: Buffer | null,
): ReadBlocks | Failure {
  const texts: string[] = [];
  const reasoning: string[] = [];
  const toolCalls: ToolCall[] = [];
  const flags: string[] = [];
  let model = announced;
  for (const [index, block] of content.entries()) {
    if (!isJsonObject(block)) return failure('invalid_answer', 'a block of the answer is not an object');
    const successor = successorModel(block);
    if (successor !== null) flags.push(VENDOR_SIDE_FALLBACK);
    if (successor !== null && texts.length + reasoning.length + toolCalls.length > 0) return twoAuthors();
    model = successor ?? model;
    if (block['type'] === 'text') texts.push(stringMember(block, 'text') ?? '');
    else if (block['type'] === 'thinking') reasoning.push(stringMember(block, 'thinking') ?? '');
    else if (block['type'] === 'tool_use') {
      const id = stringMember(block, 'id');
      const name = stringMember(block, 'name');
      if (id === null || name === null) return failure('malformed_tool_call', 'a tool call lacks its id or name');
      const written = bytes === null ? null : bytesUnder(bytes, ['content', String(index), 'input']);
      toolCalls.push({ id, name, arguments: written?.toString('utf8') ?? JSON.stringify(block['input'] ?? {}) });
    } else {
      flags.push(...leftOut(block));
    }
  }
  return { model, texts, reasoning, toolCalls, flags };
}

/** Blocks whose content no client is owed: hidden reasoning, and the mark of a change of model. */
const SILENT_BLOCKS: ReadonlySet<string> = new Set(['text', 'thinking', 'tool_use', 'redacted_thinking', 'fallback']);

/** The flag of a block that an OpenAI client cannot be given. */
export function leftOut(block: JsonObject): readonly string[] {
  const type = stringMember(block, 'type') ?? 'block';
  return SILENT_BLOCKS.has(type) ? [] : [`left_out:${type}`];
}

/** The vendor's error types (API reference, errors). */
const ERROR_TYPES: Readonly<Record<string, FailureKind>> = {
  invalid_request_error: 'invalid_request',
  authentication_error: 'auth',
  billing_error: 'quota',
  permission_error: 'auth',
  not_found_error: 'model_unavailable',
  request_too_large: 'request_too_large_for_model',
  rate_limit_error: 'rate_limited',
  timeout_error: 'timeout',
  overloaded_error: 'overloaded',
};
const CONTEXT_LENGTH = /prompt is too long|context window|maximum context length/i;
const MONEY = /spend_limit_reached|credit balance/i;

/** What one model lacks and another may have. */
const LACKS = /^this model does not support/i;

/** Reads an error answer, whatever its content type. */
export function decodeFailure(status: number, headers: ResponseHeaders, body: string): Failure {
  const json = parseJson(body);
  const error = isJsonObject(json) ? (objectMember(json, 'error') ?? {}) : {};
  return { ...decodeErrorObject(error, status), retryAfterMs: retryAfterMs(headers) };
}

/** Reads the `error` object, also where it comes inside a stream (`status` is then `null`). */
export function decodeErrorObject(error: JsonObject, status: number | null): Failure {
  const message = stringMember(error, 'message');
  const type = stringMember(error, 'type');
  const spoken = `the vendor answered ${status ?? 'with an error'}${message ? `: ${message}` : ''}`;
  return failure(kindOf(type, message, status, error), spoken, {
    upstream: { status, code: type, message, param: null },
  });
}

function kindOf(type: string | null, message: string | null, status: number | null, error: JsonObject): FailureKind {
  if (message !== null && CONTEXT_LENGTH.test(message)) return 'context_length_exceeded';
  if (MONEY.test(JSON.stringify(error))) return 'quota';
  if (message !== null && LACKS.test(message)) return 'unsupported_parameter';
  if (type !== null && Object.hasOwn(ERROR_TYPES, type)) return ERROR_TYPES[type] as FailureKind;
  return status === null ? 'error' : kindOfStatus(status);
}
