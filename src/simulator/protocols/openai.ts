import type { JsonObject } from '../../core/json.ts';
import type { Reply } from '../reply.ts';
import { type OpenAiHand, openAiBody, openAiFrames } from './openai-answer.ts';
import { openAiEmbeddings } from './openai-embeddings.ts';
import { readOpenAiRequest } from './openai-request.ts';
import { type AnswerHead, type Call, type Protocol, type VendorError, vendorError } from './protocol.ts';

const HAND: OpenAiHand = {
  id: (serial) => `chatcmpl-sim${String(serial).padStart(8, '0')}`,
  fingerprint: 'fp_simulated',
  extra: { service_tier: 'default' },
  usage: (replies, head) => openAiUsage(replies, head),
  usageChunk: 'own',
  hasReasoning: false,
};

/** OpenAI Chat Completions. */
export const openAi: Protocol = {
  kind: 'openai',
  basePath: '/v1',
  streamContentType: 'text/event-stream; charset=utf-8',
  keepAlive: { stream: '', body: '' },
  refusalText: "I'm sorry, but I can't assist with that request.",
  refusesInWords: false,
  locate: (method, url) => locateAt('/v1/chat/completions', method, url),
  embeddings: openAiEmbeddings,
  read: (body, persona) => readOpenAiRequest(body, persona),
  body: (replies, head) => openAiBody(replies, head, HAND),
  frames: (replies, head) => openAiFrames(replies, head, HAND),
  headers: (serial) => ({
    'x-request-id': `req_sim${String(serial).padStart(8, '0')}`,
    'openai-version': '2020-10-01',
    'openai-processing-ms': '1',
  }),
  errorBody: (error) =>
    JSON.stringify({
      error: {
        message: error.message,
        type: errorType(error),
        param: error.param,
        code: error.code ?? errorCode(error.status),
      },
    }),
  errorHeaders: (error) => retryAfterHeader(error),
  outageMessage: (status) =>
    status === 429
      ? 'Rate limit reached for this model on requests per min (RPM).'
      : status === 503
        ? 'The engine is currently overloaded, please try again later.'
        : 'The server had an error while processing your request. Sorry about that!',
  unknownModel: (modelId) =>
    vendorError(404, `The model \`${modelId}\` does not exist or you do not have access to it.`, {
      code: 'model_not_found',
    }),
  tooLong: (promptTokens, persona) =>
    vendorError(
      400,
      `This model's maximum context length is ${persona.contextTokens} tokens. However, your messages resulted in ${promptTokens} tokens. Please reduce the length of the messages.`,
      {
        param: 'messages',
        code: 'context_length_exceeded',
      },
    ),
};

/** A chat call when it is a POST of this path. */
export function locateAt(path: string, method: string, url: URL): Call | null {
  return method === 'POST' && url.pathname === path ? { modelId: null, stream: null, framing: 'sse' } : null;
}

/** `retry-after`, where the vendor says how long to wait. */
export function retryAfterHeader(error: VendorError): Readonly<Record<string, string>> {
  return error.retryAfterSeconds === null ? {} : { 'retry-after': String(error.retryAfterSeconds) };
}

function errorType(error: VendorError): string {
  if (error.status === 429) return 'requests';
  return error.status >= 500 ? 'server_error' : 'invalid_request_error';
}

function errorCode(status: number): string | null {
  return status === 429 ? 'rate_limit_exceeded' : null;
}

function openAiUsage(replies: readonly Reply[], head: AnswerHead): JsonObject {
  const completion = replies.reduce((sum, reply) => sum + reply.answerTokens + reply.reasoningTokens, 0);
  return {
    prompt_tokens: head.promptTokens,
    completion_tokens: completion,
    total_tokens: head.promptTokens + completion,
    prompt_tokens_details: { cached_tokens: head.cachedTokens, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
