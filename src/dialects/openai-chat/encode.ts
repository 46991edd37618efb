import type { Answer } from '../../core/answer.ts';
import type { AnswerEnvelope, ClientDialect, ErrorReport } from '../../core/client-dialect.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';
import { ChunkStream } from './stream.ts';

/** Encodes a whole `chat.completion`. A vendor's body of the same protocol keeps what else it holds. */
function encodeAnswer(answer: Answer, envelope: AnswerEnvelope): Buffer {
  const native = envelope.sameProtocol ? answer.native : null;
  const nativeUsage = native?.['usage'] as JsonObject | undefined;
  const body: JsonObject = {
    ...(native ?? {
      id: '',
      object: 'chat.completion',
      created: envelope.createdSeconds,
      model: answer.model,
      choices: [encodeChoice(answer)],
    }),
    id: envelope.id,
    ...(answer.usage === null ? {} : { usage: encodeUsage(answer.usage, nativeUsage, envelope) }),
    ...(envelope.provenance === null ? {} : { candor: envelope.provenance as unknown as JsonObject }),
  };
  return Buffer.from(JSON.stringify(body));
}

function encodeChoice(answer: Answer): JsonObject {
  return {
    index: 0,
    message: {
      role: 'assistant',
      content: answer.text,
      refusal: answer.refusal,
      ...(answer.reasoning === null ? {} : { reasoning_content: answer.reasoning }),
      ...(answer.toolCalls.length === 0
        ? {}
        : {
            tool_calls: answer.toolCalls.map((call) => ({
              id: call.id,
              type: 'function',
              function: { name: call.name, arguments: call.arguments },
            })),
          }),
    },
    logprobs: null,
    finish_reason: answer.finishReason,
  };
}

/** Usage in the protocol's shape, over whatever else the vendor counted. Counts nobody gave are left out, never 0. */
export function encodeUsage(usage: Usage, native: JsonObject | undefined, envelope: AnswerEnvelope): JsonObject {
  const promptDetails = {
    ...(native?.['prompt_tokens_details'] as JsonObject | undefined),
    ...(usage.cachedTokens === null ? {} : { cached_tokens: usage.cachedTokens }),
    ...(usage.cacheWriteTokens === null ? {} : { cache_write_tokens: usage.cacheWriteTokens }),
  };
  const completionDetails = {
    ...(native?.['completion_tokens_details'] as JsonObject | undefined),
    ...(usage.reasoningTokens === null ? {} : { reasoning_tokens: usage.reasoningTokens }),
  };
  return {
    ...native,
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.totalTokens,
    ...(Object.keys(promptDetails).length === 0 ? {} : { prompt_tokens_details: promptDetails }),
    ...(Object.keys(completionDetails).length === 0 ? {} : { completion_tokens_details: completionDetails }),
    ...(envelope.provenance === null ? {} : { cost: envelope.costUsd }),
  };
}

/** The error in OpenAI's envelope, with Candor's facts inside `error`, where SDKs keep them. */
export function errorBody(error: ErrorReport): JsonObject {
  return {
    error: { message: error.message, type: error.type, param: error.param, code: error.code, candor: error.candor },
  };
}

/** OpenAI's Chat Completions, towards the client. */
export const openAiChatDialect: ClientDialect = {
  id: 'openai-chat',
  encodeAnswer,
  openStream: (start) => new ChunkStream(start),
  encodeError: (error) => Buffer.from(JSON.stringify(errorBody(error))),
};
