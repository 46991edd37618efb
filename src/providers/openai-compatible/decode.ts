import type { Answer, FinishReason } from '../../core/answer.ts';
import type { ToolCall } from '../../core/chat.ts';
import { failure, isFailure, type Failure } from '../../core/failure.ts';
import {
  arrayMember,
  isJsonObject,
  objectMember,
  stringMember,
  type JsonObject,
  type JsonValue,
} from '../../core/json.ts';
import { TokenCounts, type UsageReport } from '../../core/usage.ts';
import { decodeErrorObject } from './failures.ts';

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  content_filter: 'content_filter',
};

/** What the vendor's finish reason means; one we do not know is a failure, never a stop. */
export function decodeFinishReason(native: string): FinishReason | Failure {
  if (native === 'insufficient_system_resource') {
    return failure('interrupted', 'the vendor ran out of resources in the middle of the answer');
  }
  const reason = Object.hasOwn(FINISH_REASONS, native) ? FINISH_REASONS[native] : undefined;
  return reason ?? failure('unknown_finish_reason', `the answer ended with \`${native}\`, which is not a known reason`);
}

/** Token counts of the protocol, with DeepSeek's names for the cached part. */
export function decodeUsage(usage: JsonObject): UsageReport {
  const counts = new TokenCounts(usage);
  const promptTokens = counts.read('prompt_tokens');
  const completionTokens = counts.read('completion_tokens');
  if (promptTokens === null || completionTokens === null) return counts.unknown();
  const promptDetails = objectMember(usage, 'prompt_tokens_details') ?? {};
  return counts.known({
    promptTokens,
    completionTokens,
    totalTokens: counts.read('total_tokens') ?? promptTokens + completionTokens,
    cachedTokens: counts.read('cached_tokens', promptDetails) ?? counts.read('prompt_cache_hit_tokens'),
    cacheWriteTokens: counts.read('cache_write_tokens', promptDetails),
    reasoningTokens: counts.read('reasoning_tokens', objectMember(usage, 'completion_tokens_details') ?? {}),
  });
}

/** Decodes a whole `chat.completion`. */
export function decodeCompletion(body: JsonValue): Answer | Failure {
  if (!isJsonObject(body)) return failure('invalid_answer', 'the answer is not a JSON object');
  if (isJsonObject(body['error'])) return decodeErrorObject(body['error'], null);
  const choices = arrayMember(body, 'choices');
  if (choices.length > 1) return failure('invalid_answer', 'the answer has more choices than were asked for');
  const [choice] = choices;
  const message = isJsonObject(choice) ? objectMember(choice, 'message') : null;
  if (!isJsonObject(choice) || message === null)
    return failure('invalid_answer', 'the answer has no choice with a message');
  const finishNative = stringMember(choice, 'finish_reason');
  if (finishNative === null) return failure('truncated', 'the answer does not say why it ended');
  const finishReason = decodeFinishReason(finishNative);
  if (isFailure(finishReason)) return finishReason;
  const toolCalls = decodeToolCalls(message);
  if (isFailure(toolCalls)) return toolCalls;
  const { usage, flags } = decodeUsage(objectMember(body, 'usage') ?? {});
  return {
    model: stringMember(body, 'model'),
    text: stringMember(message, 'content'),
    reasoning: stringMember(message, 'reasoning_content'),
    refusal: stringMember(message, 'refusal'),
    toolCalls,
    extraContent: null,
    alternatives: [],
    embeddings: null,
    finishReason,
    finishNative,
    usage,
    native: body,
    flags,
  };
}

function decodeToolCalls(message: JsonObject): readonly ToolCall[] | Failure {
  const calls: ToolCall[] = [];
  for (const entry of arrayMember(message, 'tool_calls')) {
    const called = isJsonObject(entry) ? objectMember(entry, 'function') : null;
    const id = isJsonObject(entry) ? stringMember(entry, 'id') : null;
    const name = called === null ? null : stringMember(called, 'name');
    const args = called === null ? null : stringMember(called, 'arguments');
    if (id === null || name === null || args === null) {
      return failure('malformed_tool_call', 'a tool call lacks its id, name or arguments');
    }
    calls.push({ id, name, arguments: args });
  }
  return calls;
}
