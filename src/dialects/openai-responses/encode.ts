import type { Answer } from '../../core/answer.ts';
import type { AnswerEnvelope, ClientDialect } from '../../core/client-dialect.ts';
import { stringMember } from '../../core/json.ts';
import type { ResponsesItem, ResponsesItemStatus } from '../../wire/openai-responses.ts';
import { errorBody } from '../openai-chat/members.ts';
import { callItem, itemId, messageContent, messageItem, reasoningItem } from './items.ts';
import { encodeUsage, incompleteReason, responseObject } from './response-object.ts';
import { ResponseEvents } from './stream.ts';

/** Encodes a whole response. */
function encodeAnswer(answer: Answer, envelope: AnswerEnvelope): Buffer {
  const reason = incompleteReason(answer.finishReason);
  const response = responseObject(envelope.request, envelope, {
    status: reason === null ? 'completed' : 'incomplete',
    model: answer.model,
    output: outputOf(answer, envelope.id, reason === null ? 'completed' : 'incomplete'),
    incompleteReason: reason,
    error: null,
    usage: encodeUsage(answer.usage, envelope.provenance === null ? null : envelope),
    serviceTier: stringMember(answer.native ?? {}, 'service_tier'),
    provenance: envelope.provenance,
  });
  return Buffer.from(JSON.stringify(response));
}

/** The items of an answer: what was thought, then what was said, then what was called. The last one has the answer's own status. */
function outputOf(answer: Answer, generationId: string, last: ResponsesItemStatus): readonly ResponsesItem[] {
  type Make = (outputIndex: number, status: ResponsesItemStatus) => ResponsesItem;
  const makers: Make[] = [];
  const { reasoning, extraContent, toolCalls } = answer;
  if (reasoning !== null || extraContent !== null) {
    makers.push((index) => reasoningItem(itemId('reasoning', generationId, index), reasoning, extraContent));
  }
  const content = messageContent(answer.text, answer.refusal, answer.logprobs);
  if (content.length > 0) {
    makers.push((index, status) => messageItem(itemId('message', generationId, index), status, content));
  }
  for (const call of toolCalls) {
    makers.push((index, status) => callItem(itemId('function_call', generationId, index), status, call));
  }
  return makers.map((make, index) => make(index, index === makers.length - 1 ? last : 'completed'));
}

/** OpenAI's Responses, towards the client. */
export const openAiResponsesDialect: ClientDialect = {
  id: 'openai-responses',
  keepAlive: Buffer.from(': keep-alive\n\n'),
  encodeAnswer,
  openStream: (start) => new ResponseEvents(start),
  encodeError: (error) => Buffer.from(JSON.stringify(errorBody(error))),
};
