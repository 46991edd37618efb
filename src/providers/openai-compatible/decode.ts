import type { Answer, AnswerChoice, FinishReason, Logprobs } from '../../core/answer.ts';
import type { ToolCall } from '../../core/chat.ts';
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
import { TokenCounts, type UsageReport } from '../../core/usage.ts';
import type { ExpectedAnswer } from '../provider.ts';
import { decodeErrorIn } from './failures.ts';
import { readSpokenText } from './spoken-text.ts';

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  content_filter: 'content_filter',
  // Mistral's word for a full window.
  model_length: 'length',
};

/** What the vendor's finish reason means; one we do not know is a failure, never a stop. */
export function decodeFinishReason(native: string): FinishReason | Failure {
  if (native === 'insufficient_system_resource') {
    return failure('interrupted', 'the vendor ran out of resources in the middle of the answer');
  }
  const reason = Object.hasOwn(FINISH_REASONS, native) ? FINISH_REASONS[native] : undefined;
  return reason ?? failure('unknown_finish_reason', `the answer ended with \`${native}\`, which is not a known reason`);
}

/** Token counts of the protocol, with DeepSeek's names for the cached part. @param servedTier the service tier the answer names beside them */
export function decodeUsage(usage: JsonObject, servedTier: string | null = null): UsageReport {
  const counts = new TokenCounts(usage);
  const promptTokens = counts.read('prompt_tokens');
  const written = counts.read('completion_tokens');
  if (promptTokens === null || written === null) return counts.unknown();
  const promptDetails = objectMember(usage, 'prompt_tokens_details') ?? {};
  const reasoningTokens = counts.read('reasoning_tokens', objectMember(usage, 'completion_tokens_details') ?? {});
  const totalTokens = counts.read('total_tokens');
  // xAI counts the reasoning beside what was written; the sum tells.
  const isApart = reasoningTokens !== null && totalTokens === promptTokens + written + reasoningTokens;
  const completionTokens = isApart ? written + reasoningTokens : written;
  const costNanoUsd = chargedNanoUsd(usage);
  const counted = {
    promptTokens,
    completionTokens,
    totalTokens: totalTokens ?? promptTokens + completionTokens,
    cachedTokens: counts.read('cached_tokens', promptDetails) ?? counts.read('prompt_cache_hit_tokens'),
    cacheWriteTokens: counts.read('cache_write_tokens', promptDetails),
    reasoningTokens,
  };
  // Spreading costs, and most answers say neither.
  if (costNanoUsd === null && servedTier === null) return counts.known(counted);
  return counts.known({
    ...counted,
    ...(costNanoUsd === null ? {} : { costNanoUsd }),
    ...(servedTier === null ? {} : { servedTier }),
  });
}

const NANO_PER_USD = 1_000_000_000;
/** xAI's unit: ten thousand million to the dollar. */
const TICKS_PER_NANO_USD = 10;

/**
 * What the vendor itself says it charges: xAI's ticks, or OpenRouter's `cost` in dollars, which is the whole of it where
 * `is_byok` says that no key of the operator's own pays as well. `null` when it does not say; nobody else has these words.
 */
function chargedNanoUsd(usage: JsonObject): number | null {
  const ticks = usage['cost_in_usd_ticks'];
  const dollars = usage['cost'];
  if (typeof ticks === 'number' && ticks >= 0) return Math.round(ticks / TICKS_PER_NANO_USD);
  return typeof dollars === 'number' && dollars >= 0 && usage['is_byok'] === false
    ? Math.round(dollars * NANO_PER_USD)
    : null;
}

/** Decodes a whole `chat.completion` with so many choices as were asked for. */
export function decodeCompletion(body: JsonValue, expected: Pick<ExpectedAnswer, 'choices'>): Answer | Failure {
  if (!isJsonObject(body)) return failure('invalid_answer', 'the answer is not a JSON object');
  const error = decodeErrorIn(body, null);
  if (error !== null) return error;
  const choices: DecodedChoice[] = [];
  const entries = arrayMember(body, 'choices');
  for (const entry of entries) {
    const choice = decodeChoice(entry, choices.length);
    if (isFailure(choice)) return choice;
    const index = isJsonObject(entry) ? (numberMember(entry, 'index') ?? choices.length) : 0;
    if (choices[index] !== undefined) return failure('invalid_answer', 'two choices have the same index');
    choices[index] = choice;
  }
  const first = choices[0];
  if (first === undefined) return failure('invalid_answer', 'the answer has no choice with a message');
  if (entries.length !== expected.choices || choices.length !== expected.choices) {
    const asked = expected.choices === 1 ? 'one was' : `${expected.choices} were`;
    return failure('invalid_answer', `the answer has ${entries.length} choices, and ${asked} asked for`);
  }
  const { usage, flags } = decodeUsage(objectMember(body, 'usage') ?? {}, stringMember(body, 'service_tier'));
  const { choice } = first;
  const answer: Answer = {
    text: choice.text,
    reasoning: choice.reasoning,
    refusal: choice.refusal,
    toolCalls: choice.toolCalls,
    extraContent: choice.extraContent,
    finishReason: choice.finishReason,
    finishNative: choice.finishNative,
    model: stringMember(body, 'model') || null,
    alternatives: choices.length === 1 ? [] : choices.slice(1).map((other) => other.choice),
    embeddings: null,
    usage,
    // What is written in a way of the vendor's own reaches the client in the protocol's.
    native: choices.every(({ isPlain }) => isPlain) ? body : null,
    flags,
  };
  return choice.logprobs === undefined ? answer : { ...answer, logprobs: choice.logprobs };
}

interface DecodedChoice {
  readonly choice: AnswerChoice;
  readonly isPlain: boolean;
}

function decodeChoice(choice: JsonValue, position: number): DecodedChoice | Failure {
  const message = isJsonObject(choice) ? objectMember(choice, 'message') : null;
  if (!isJsonObject(choice) || message === null)
    return failure('invalid_answer', `choice ${position} of the answer has no message`);
  const finishNative = stringMember(choice, 'finish_reason');
  if (finishNative === null) return failure('truncated', 'the answer does not say why it ended');
  const finishReason = decodeFinishReason(finishNative);
  if (isFailure(finishReason)) return finishReason;
  const toolCalls = decodeToolCalls(message);
  if (isFailure(toolCalls)) return toolCalls;
  const { text, reasoning, isPlain } = readSpokenText(message);
  const logprobs = decodeLogprobs(choice);
  const said: AnswerChoice = {
    text,
    reasoning,
    refusal: stringMember(message, 'refusal'),
    toolCalls,
    extraContent: null,
    finishReason,
    finishNative,
  };
  return {
    choice: logprobs === null ? said : { ...said, logprobs },
    isPlain: isPlain && finishReason === finishNative,
  };
}

/** The probabilities of a choice's tokens; `null` where there are none. */
export function decodeLogprobs(choice: JsonObject): Logprobs | null {
  const given = objectMember(choice, 'logprobs');
  if (given === null) return null;
  const list = (name: string): readonly JsonValue[] | null =>
    Array.isArray(given[name]) ? arrayMember(given, name) : null;
  const logprobs = { content: list('content'), refusal: list('refusal') };
  return logprobs.content === null && logprobs.refusal === null ? null : logprobs;
}

function decodeToolCalls(message: JsonObject): readonly ToolCall[] | Failure {
  const calls: ToolCall[] = [];
  for (const entry of arrayMember(message, 'tool_calls')) {
    const call = isJsonObject(entry) ? decodeToolCall(entry) : null;
    if (call === null) return failure('malformed_tool_call', 'a tool call lacks its id, name or arguments');
    calls.push(call);
  }
  return calls;
}

function decodeToolCall(entry: JsonObject): ToolCall | null {
  const custom = objectMember(entry, 'custom');
  const called = custom ?? objectMember(entry, 'function') ?? {};
  const id = stringMember(entry, 'id');
  const name = stringMember(called, 'name');
  const written = stringMember(called, custom === null ? 'arguments' : 'input');
  if (id === null || name === null || written === null) return null;
  return { id, name, arguments: written, ...(custom === null ? {} : { kind: 'custom' }) };
}
