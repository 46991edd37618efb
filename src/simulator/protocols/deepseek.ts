import { type JsonObject, objectMember, stringMember } from '../../core/json.ts';
import type { Persona } from '../persona.ts';
import type { AnswerFormat, Question } from '../question.ts';
import type { Reply } from '../reply.ts';
import { locateAt, retryAfterHeader } from './openai.ts';
import { type OpenAiHand, openAiBody, openAiFrames } from './openai-answer.ts';
import { readMessages } from './openai-messages.ts';
import { mentionsJson, readStop, readToolChoice, readTools } from './openai-request.ts';
import { type AnswerHead, type Protocol, RequestRefused, vendorError } from './protocol.ts';
import { integerBetween, namesOf, numberBetween, objectsOf, shown, unknownName } from './read.ts';

const KNOWN = namesOf(
  'model messages frequency_penalty presence_penalty max_tokens response_format stop stream stream_options temperature top_p tools tool_choice ' +
    'logprobs top_logprobs thinking reasoning_effort user_id n',
);
const MOST_CHOICES = 1;

const HAND: OpenAiHand = {
  id: (serial) => `00000000-0000-4000-8000-${String(serial).padStart(12, '0')}`,
  fingerprint: 'fp_simulated',
  extra: {},
  usage: (replies, head) => deepSeekUsage(replies, head),
  usageChunk: 'finish',
  hasReasoning: true,
};

/** DeepSeek's chat completions: OpenAI's shape with reasoning, cache counts and refusals of its own. */
export const deepSeek: Protocol = {
  kind: 'deepseek',
  basePath: '',
  streamContentType: 'text/event-stream; charset=utf-8',
  keepAlive: { stream: ': keep-alive\n\n', body: '\n' },
  refusalText: "I'm sorry, but I can't help with that.",
  refusesInWords: true,
  // The beta address goes on from a prefix; for all else it is the same.
  locate: (method, url) =>
    locateAt('/chat/completions', method, url) ?? locateAt('/beta/chat/completions', method, url),
  read: (body, persona) => readDeepSeekRequest(body, persona),
  body: (replies, head) => openAiBody(replies, head, HAND),
  frames: (replies, head) => openAiFrames(replies, head, HAND),
  headers: (serial) => ({ 'x-ds-trace-id': `sim${String(serial).padStart(29, '0')}` }),
  errorBody: (error) =>
    JSON.stringify({
      error: {
        message: error.message,
        type: errorType(error.status),
        param: error.param,
        code: error.code ?? errorType(error.status),
      },
    }),
  errorHeaders: (error) => retryAfterHeader(error),
  outageMessage: (status) =>
    status === 429
      ? 'Rate limit reached'
      : status === 503
        ? 'Service is too busy. We advise users to temporarily switch to alternative LLM API service providers.'
        : 'Internal server error',
  unknownModel: () => vendorError(404, 'Model Not Exist'),
  tooLong: (promptTokens, persona) =>
    vendorError(
      400,
      `This model's maximum context length is ${persona.contextTokens} tokens. However, you requested ${promptTokens} tokens. Please reduce the length of the messages or completion.`,
    ),
};

function errorType(status: number): string {
  if (status === 429) return 'rate_limit_error';
  if (status === 503) return 'service_unavailable_error';
  return status >= 500 ? 'internal_error' : 'invalid_request_error';
}

function readDeepSeekRequest(body: JsonObject, persona: Persona): Question {
  const unknown = unknownName(body, KNOWN);
  if (unknown !== null) throw new RequestRefused(400, `${unknown} is not supported`);
  integerBetween(body, 'n', 1, MOST_CHOICES);
  numberBetween(body, 'temperature', 0, 2);
  numberBetween(body, 'top_p', 0, 1);
  const userId = stringMember(body, 'user_id');
  if (userId !== null && !/^[\w-]{1,512}$/.test(userId))
    throw new RequestRefused(400, 'Invalid user_id: it must match ^[a-zA-Z0-9_-]{1,512}$');
  checkMessages(body);
  const isThinking = thinks(body, persona);
  if (isThinking) checkReasoningGivenBack(body);
  const tools = readTools(body['tools']);
  if (objectsOf(body['tools']).some((tool) => objectMember(tool, 'function')?.['strict'] === true)) {
    throw new RequestRefused(400, 'strict tools are available on the beta base URL only');
  }
  return {
    ...readMessages(body),
    tools,
    toolUse: readToolChoice(tools.length === 0 ? null : body['tool_choice'], tools),
    parallelCalls: true,
    format: readFormat(body),
    maxTokens: integerBetween(body, 'max_tokens', 1, persona.outputTokens),
    stop: readStop(body['stop']),
    reasoning: isThinking ? 'shown' : 'none',
    choices: 1,
    stream: body['stream'] === true,
    streamUsage: objectMember(body, 'stream_options')?.['include_usage'] === true,
    logprobs: body['logprobs'] === true,
  };
}

/** Models of the fourth generation think unless they are told not to. */
function thinks(body: JsonObject, persona: Persona): boolean {
  const type = objectMember(body, 'thinking')?.['type'];
  const byDefault = persona.name === 'deepseek-reasoner' || /-(?:v4|flash)/.test(stringMember(body, 'model') ?? '');
  return type === undefined ? byDefault : type === 'enabled';
}

/** The vendor's text models know no picture, and no role of OpenAI's newer ones. */
function checkMessages(body: JsonObject): void {
  objectsOf(body['messages']).forEach((message, index) => {
    if (message['role'] === 'developer') {
      throw new RequestRefused(
        400,
        `Failed to deserialize the JSON body into the target type: messages[${index}].role: unknown variant \`developer\`, expected one of \`system\`, \`user\`, \`assistant\`, \`tool\``,
      );
    }
    const odd = objectsOf(message['content']).find((part) => part['type'] !== 'text');
    if (odd !== undefined) {
      throw new RequestRefused(
        400,
        `Failed to deserialize the JSON body into the target type: messages[${index}]: unknown variant \`${shown(odd['type'])}\`, expected \`text\``,
      );
    }
  });
}

function checkReasoningGivenBack(body: JsonObject): void {
  const lacks = objectsOf(body['messages']).some(
    (message) => Array.isArray(message['tool_calls']) && typeof message['reasoning_content'] !== 'string',
  );
  if (lacks)
    throw new RequestRefused(400, 'The `reasoning_content` in the thinking mode must be passed back to the API.');
}

function readFormat(body: JsonObject): AnswerFormat {
  const type = objectMember(body, 'response_format')?.['type'];
  if (type === undefined || type === 'text') return { type: 'text' };
  if (type !== 'json_object') throw new RequestRefused(400, 'This response_format type is unavailable now');
  if (!mentionsJson(body))
    throw new RequestRefused(
      400,
      "Prompt must contain the word 'json' in some form to use 'response_format' of type 'json_object'.",
    );
  return { type };
}

function deepSeekUsage(replies: readonly Reply[], head: AnswerHead): JsonObject {
  const reasoning = replies.reduce((sum, reply) => sum + reply.reasoningTokens, 0);
  const completion = replies.reduce((sum, reply) => sum + reply.answerTokens, reasoning);
  return {
    prompt_tokens: head.promptTokens,
    completion_tokens: completion,
    total_tokens: head.promptTokens + completion,
    prompt_tokens_details: { cached_tokens: head.cachedTokens },
    ...(head.question.reasoning === 'none' ? {} : { completion_tokens_details: { reasoning_tokens: reasoning } }),
    prompt_cache_hit_tokens: head.cachedTokens,
    prompt_cache_miss_tokens: head.promptTokens - head.cachedTokens,
  };
}
