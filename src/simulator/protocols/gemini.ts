import type { JsonObject } from '../../core/json.ts';
import type { GeminiPart, GeminiUsage } from '../../wire/gemini.ts';
import type { Frame } from '../delivery.ts';
import { tokenFrom } from '../random.ts';
import type { Reply } from '../reply.ts';
import { splitTokens } from '../tokens.ts';
import { geminiEmbeddings } from './gemini-embeddings.ts';
import { readGeminiRequest } from './gemini-request.ts';
import { type AnswerHead, type Call, type Protocol, type VendorError, vendorError } from './protocol.ts';
import { argumentsObject } from './read.ts';

const CALL_PATH =
  /^(?:\/v1beta|\/v1\/projects\/[^/]+\/locations\/[^/]+\/publishers\/google)\/models\/([^/:]+):(generateContent|streamGenerateContent)$/;
const STATUS_WORDS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
};

/** Gemini generateContent. */
export const gemini: Protocol = {
  kind: 'google',
  basePath: '/v1beta',
  streamContentType: 'text/event-stream',
  keepAlive: { stream: '', body: '' },
  refusalText: 'SAFETY',
  refusesInWords: false,
  locate,
  embeddings: geminiEmbeddings,
  read: (body, persona) => readGeminiRequest(body, persona),
  body: (replies, head) => JSON.stringify(whole(replies, head), null, 2),
  frames: (replies, head, framing) =>
    framing === 'sse' ? sse(chunks(replies, head)) : jsonArray(chunks(replies, head)),
  headers: () => ({ vary: 'Origin, X-Origin, Referer', server: 'scaffolding on HTTPServer2' }),
  errorBody,
  errorHeaders: () => ({}),
  outageMessage: (status) =>
    status === 429
      ? 'Resource has been exhausted (e.g. check quota).'
      : status === 503 || status === 529
        ? 'The model is overloaded. Please try again later.'
        : 'An internal error has occurred. Please retry.',
  unknownModel: (modelId) =>
    vendorError(
      404,
      `models/${modelId} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.`,
    ),
  tooLong: (promptTokens, persona) =>
    vendorError(
      400,
      `The input token count (${promptTokens}) exceeds the maximum number of tokens allowed (${persona.contextTokens}).`,
    ),
};

/** The same under Vertex's addresses, which name a project and a place. */
export const vertexGemini: Protocol = {
  ...gemini,
  kind: 'vertex',
  basePath: '/v1/projects/sim/locations/global/publishers/google',
};

function locate(method: string, url: URL): Call | null {
  const match = CALL_PATH.exec(url.pathname);
  if (match === null || method !== 'POST') return null;
  const stream = match[2] === 'streamGenerateContent';
  return {
    modelId: decodeURIComponent(match[1] ?? ''),
    stream,
    framing: url.searchParams.get('alt') === 'sse' ? 'sse' : 'json-array',
  };
}

function errorBody(error: VendorError): string {
  const details: JsonObject[] = [];
  if (error.retryAfterSeconds !== null)
    details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${error.retryAfterSeconds}s` });
  if (error.param !== null) {
    details.push({
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field: error.param, description: error.message }],
    });
  }
  const status = STATUS_WORDS[error.status] ?? 'UNAVAILABLE';
  return JSON.stringify(
    { error: { code: error.status, message: error.message, status, ...(details.length === 0 ? {} : { details }) } },
    null,
    2,
  );
}

interface Chunk {
  readonly data: JsonObject;
  readonly tokens: number;
  readonly closing: boolean;
}

/** A model blocks either the prompt, with no candidate at all, or its own answer. */
function blocksPrompt(head: AnswerHead): boolean {
  return !head.model.includes('pro');
}

function whole(replies: readonly Reply[], head: AnswerHead): JsonObject {
  const refused = replies.some((reply) => reply.refusal !== null);
  if (refused && blocksPrompt(head))
    return {
      ...blockedPrompt(),
      ...tail(head, { promptTokenCount: head.promptTokens, totalTokenCount: head.promptTokens }),
    };
  const candidates = replies.map((reply, index) => ({
    ...(reply.refusal === null ? { content: { role: 'model', parts: parts(reply, head) } } : {}),
    finishReason: finishReason(reply),
    index,
    ...(reply.refusal === null ? {} : { safetyRatings: ratings(true) }),
  }));
  return { candidates, ...tail(head, usage(replies, head)) };
}

function parts(reply: Reply, head: AnswerHead): readonly GeminiPart[] {
  return [
    ...(reply.reasoning === '' || head.question.reasoning === 'hidden'
      ? []
      : [{ text: reply.reasoning, thought: true }]),
    ...(reply.text === '' ? [] : [{ text: reply.text, ...signature(reply) }]),
    ...callParts(reply),
  ];
}

/** A model that has thought signs the last of its text, and each of its calls. */
function signature(reply: Reply, of = ''): { readonly thoughtSignature?: string } {
  return reply.reasoning === '' ? {} : { thoughtSignature: tokenFrom(64, 'signature', reply.reasoning, of) };
}

/** Whole calls only: this protocol has no cut ones. */
function callParts(reply: Reply): readonly GeminiPart[] {
  const calls = reply.finish === 'length' ? reply.calls.slice(0, -1) : reply.calls;
  return calls.map((call) => ({
    functionCall: { name: call.name, args: argumentsObject(call) },
    ...signature(reply, call.id),
  }));
}

function chunks(replies: readonly Reply[], head: AnswerHead): readonly Chunk[] {
  if (replies.some((reply) => reply.refusal !== null))
    return [{ data: whole(replies, head), tokens: 0, closing: true }];
  const found: Chunk[] = [];
  let answered = 0;
  let thought = 0;
  const add = (index: number, part: GeminiPart, finish: string | null, tokens: number): void => {
    const content = { role: 'model', parts: [part] };
    const candidate = { content, ...(finish === null ? {} : { finishReason: finish }), index };
    found.push({
      data: { candidates: [candidate], ...tail(head, counts(head, answered, thought)) },
      tokens,
      closing: finish !== null,
    });
  };
  replies.forEach((reply, index) => {
    if (head.question.reasoning === 'hidden') thought += reply.reasoningTokens;
    for (const token of head.question.reasoning === 'shown' ? splitTokens(reply.reasoning) : []) {
      thought += 1;
      add(index, { text: token, thought: true }, null, 1);
    }
    for (const token of splitTokens(reply.text)) {
      answered += 1;
      add(index, { text: token }, null, 1);
    }
    const calls = callParts(reply);
    const callTokens =
      calls.length === 0
        ? 0
        : Math.max(1, Math.round((reply.answerTokens - splitTokens(reply.text).length) / calls.length));
    for (const call of calls) {
      answered += callTokens;
      add(index, call, null, callTokens);
    }
    // The signature of a text rides on an empty one.
    add(index, { text: '', ...(reply.text === '' ? {} : signature(reply)) }, finishReason(reply), 0);
  });
  return found;
}

function sse(found: readonly Chunk[]): readonly Frame[] {
  return found.map((chunk) => ({
    text: `data: ${JSON.stringify(chunk.data)}\r\n\r\n`,
    tokens: chunk.tokens,
    closing: chunk.closing,
  }));
}

function jsonArray(found: readonly Chunk[]): readonly Frame[] {
  const frames = found.map((chunk, index) => ({
    text: `${index === 0 ? '[' : ',\r\n'}${JSON.stringify(chunk.data, null, 2)}`,
    tokens: chunk.tokens,
    closing: chunk.closing,
  }));
  return [...frames, { text: '\n]', tokens: 0, closing: true }];
}

function finishReason(reply: Reply): string {
  if (reply.refusal !== null) return 'SAFETY';
  return reply.finish === 'length' ? 'MAX_TOKENS' : 'STOP';
}

function blockedPrompt(): JsonObject {
  return { promptFeedback: { blockReason: 'SAFETY', safetyRatings: ratings(true) } };
}

function ratings(isBlocked: boolean): readonly JsonObject[] {
  return [
    {
      category: 'HARM_CATEGORY_DANGEROUS_CONTENT',
      probability: isBlocked ? 'HIGH' : 'NEGLIGIBLE',
      ...(isBlocked ? { blocked: true } : {}),
    },
  ];
}

function usage(replies: readonly Reply[], head: AnswerHead): GeminiUsage {
  return counts(
    head,
    replies.reduce((sum, reply) => sum + (reply.refusal === null ? reply.answerTokens : 0), 0),
    replies.reduce((sum, reply) => sum + reply.reasoningTokens, 0),
  );
}

function counts(head: AnswerHead, answered: number, thought: number): GeminiUsage {
  return {
    promptTokenCount: head.promptTokens,
    ...(head.cachedTokens === 0 ? {} : { cachedContentTokenCount: head.cachedTokens }),
    ...(answered === 0 ? {} : { candidatesTokenCount: answered }),
    ...(thought === 0 ? {} : { thoughtsTokenCount: thought }),
    totalTokenCount: head.promptTokens + answered + thought,
  };
}

function tail(head: AnswerHead, usageMetadata: GeminiUsage): JsonObject {
  return { usageMetadata, modelVersion: head.model, responseId: `sim${String(head.serial).padStart(8, '0')}` };
}
