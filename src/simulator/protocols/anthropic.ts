import type { JsonObject } from '../../core/json.ts';
import type { AnthropicBlock, AnthropicUsage } from '../../wire/anthropic.ts';
import type { Frame } from '../delivery.ts';
import type { Reply } from '../reply.ts';
import { splitTokens } from '../tokens.ts';
import { readAnthropicRequest } from './anthropic-request.ts';
import { signatureOf } from './anthropic-signature.ts';
import { locateAt, retryAfterHeader } from './openai.ts';
import { type AnswerHead, type Protocol, vendorError } from './protocol.ts';
import { argumentsObject } from './read.ts';

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

/** Anthropic Messages. */
export const anthropic: Protocol = {
  kind: 'anthropic',
  basePath: '',
  streamContentType: 'text/event-stream; charset=utf-8',
  keepAlive: { stream: '', body: '' },
  refusalText: 'This request was declined under the usage policy.',
  refusesInWords: false,
  locate: (method, url) => locateAt('/v1/messages', method, url),
  read: readAnthropicRequest,
  body: (replies, head) => JSON.stringify(message(onlyReply(replies), head)),
  frames: (replies, head) => frames(onlyReply(replies), head),
  headers: (serial) => ({ 'request-id': requestId(serial) }),
  errorBody: (error, serial) =>
    JSON.stringify({
      type: 'error',
      error: { type: error.code ?? ERROR_TYPES[error.status] ?? 'api_error', message: error.message },
      request_id: requestId(serial),
    }),
  errorHeaders: (error) => ({
    ...retryAfterHeader(error),
    'x-should-retry': String(error.status === 429 || error.status >= 500),
  }),
  outageMessage: (status) =>
    status === 429
      ? 'This request would exceed the rate limit of requests per minute.'
      : status === 529
        ? 'Overloaded'
        : status === 503
          ? 'Service unavailable'
          : 'Internal server error',
  unknownModel: (modelId) => vendorError(404, `model: ${modelId}`),
  tooLong: (promptTokens, persona) =>
    vendorError(400, `prompt is too long: ${promptTokens} tokens > ${persona.contextTokens} maximum`),
};

function requestId(serial: number): string {
  return `req_sim${String(serial).padStart(8, '0')}`;
}

function onlyReply(replies: readonly Reply[]): Reply {
  const reply = replies[0];
  if (reply === undefined) throw new RangeError('an answer has at least one choice');
  return reply;
}

function message(reply: Reply, head: AnswerHead): JsonObject {
  return {
    id: messageId(head),
    type: 'message',
    role: 'assistant',
    model: head.model,
    content: blocks(reply, head),
    ...ending(reply),
    usage: usage(reply, head),
  };
}

function messageId(head: AnswerHead): string {
  return `msg_sim${String(head.serial).padStart(8, '0')}`;
}

function blocks(reply: Reply, head: AnswerHead): readonly AnthropicBlock[] {
  return [
    ...(reply.reasoning === ''
      ? []
      : [
          { type: 'thinking' as const, thinking: shownReasoning(reply, head), signature: signatureOf(reply.reasoning) },
        ]),
    ...(reply.text === '' ? [] : [{ type: 'text' as const, text: reply.text }]),
    ...reply.calls.map((call) => ({
      type: 'tool_use' as const,
      id: `toolu_${call.id}`,
      name: call.name,
      input: argumentsObject(call),
    })),
  ];
}

function shownReasoning(reply: Reply, head: AnswerHead): string {
  return head.question.reasoning === 'shown' ? reply.reasoning : '';
}

function ending(reply: Reply): JsonObject {
  if (reply.refusal !== null) {
    return {
      stop_reason: 'refusal',
      stop_sequence: null,
      stop_details: { type: 'refusal', category: 'general_harms', explanation: reply.refusal },
    };
  }
  const reason =
    reply.finish === 'length'
      ? 'max_tokens'
      : reply.finish === 'tool_calls'
        ? 'tool_use'
        : reply.stopSequence === null
          ? 'end_turn'
          : 'stop_sequence';
  return { stop_reason: reason, stop_sequence: reply.stopSequence };
}

function usage(reply: Reply, head: AnswerHead): AnthropicUsage {
  return {
    input_tokens: head.promptTokens - head.cachedTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: head.cachedTokens,
    output_tokens: reply.reasoningTokens + reply.answerTokens,
    ...(head.question.reasoning === 'none'
      ? {}
      : { output_tokens_details: { thinking_tokens: reply.reasoningTokens } }),
  };
}

function frames(reply: Reply, head: AnswerHead): readonly Frame[] {
  const started = {
    ...message({ ...reply, reasoning: '', text: '', calls: [] }, head),
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    usage: { ...usage(reply, head), output_tokens: 1 },
  };
  const found: Frame[] = [event({ type: 'message_start', message: started }), event({ type: 'ping' })];
  let index = 0;
  const block = (opening: JsonObject, deltas: readonly (readonly [JsonObject, number])[]): void => {
    found.push(event({ type: 'content_block_start', index, content_block: opening }));
    for (const [delta, tokens] of deltas) found.push(event({ type: 'content_block_delta', index, delta }, tokens));
    found.push(event({ type: 'content_block_stop', index }));
    index += 1;
  };
  if (reply.reasoning !== '') {
    const thoughts = splitTokens(shownReasoning(reply, head)).map(
      (token) => [{ type: 'thinking_delta', thinking: token }, 1] as const,
    );
    block({ type: 'thinking', thinking: '', signature: '' }, [
      ...thoughts,
      [{ type: 'signature_delta', signature: signatureOf(reply.reasoning) }, 0],
    ]);
  }
  if (reply.text !== '')
    block(
      { type: 'text', text: '' },
      splitTokens(reply.text).map((token) => [{ type: 'text_delta', text: token }, 1] as const),
    );
  for (const call of reply.calls) {
    const fragments = splitTokens(call.arguments).map(
      (token) => [{ type: 'input_json_delta', partial_json: token }, 1] as const,
    );
    block({ type: 'tool_use', id: `toolu_${call.id}`, name: call.name, input: {} }, [
      [{ type: 'input_json_delta', partial_json: '' }, 0],
      ...fragments,
    ]);
  }
  found.push(
    event({ type: 'message_delta', delta: ending(reply), usage: usage(reply, head) }, 0, true),
    event({ type: 'message_stop' }, 0, true),
  );
  return found;
}

function event(data: JsonObject & { readonly type: string }, tokens = 0, isClosing = false): Frame {
  return { text: `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`, tokens, closing: isClosing };
}
