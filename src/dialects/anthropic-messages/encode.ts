import type { Answer } from '../../core/answer.ts';
import type { ToolCall } from '../../core/chat.ts';
import type { AnswerEnvelope, ClientDialect } from '../../core/client-dialect.ts';
import { isJsonObject, parseJson, type JsonObject } from '../../core/json.ts';
import { candorMember } from '../candor-member.ts';
import { spliceMembers } from '../spliced-members.ts';
import { encodeEnding, encodeUsage, errorBody } from './members.ts';
import { sealedSignature, UNSIGNED } from './sealed-thinking.ts';
import { MessageEventStream, PING } from './stream.ts';

/** Encodes a whole message. Of a vendor's body of the same protocol every byte stays but for the members that are ours. */
function encodeAnswer(answer: Answer, envelope: AnswerEnvelope): Buffer {
  const candor = candorMember(envelope);
  const ours: JsonObject = { id: envelope.id, candor };
  if (envelope.vendorBody !== null) {
    const spliced = spliceMembers(envelope.vendorBody, ours);
    return spliced ?? Buffer.from(JSON.stringify({ ...answer.native, ...ours }));
  }
  const head = { id: envelope.id, type: 'message', role: 'assistant', model: answer.model };
  const tail = {
    container: null,
    diagnostics: null,
    ...encodeEnding(answer, answer.toolCalls.length > 0),
    usage: encodeUsage(answer.usage),
    candor,
  };
  const content = `"content":[${encodeBlocks(answer).join(',')}]`;
  return Buffer.from(`{${JSON.stringify(head).slice(1, -1)},${content},${JSON.stringify(tail).slice(1)}`);
}

/** The blocks as JSON texts: the arguments of a tool keep the digits the model wrote. */
function encodeBlocks(answer: Answer): readonly string[] {
  const signature = sealedSignature(answer.extraContent, answer.toolCalls);
  const blocks: string[] = [];
  if (answer.reasoning !== null || signature !== null) {
    const thinking = answer.reasoning ?? '';
    blocks.push(JSON.stringify({ type: 'thinking', thinking, signature: signature ?? UNSIGNED }));
  }
  if (answer.text !== null && answer.text !== '') {
    blocks.push(JSON.stringify({ type: 'text', text: answer.text, citations: null }));
  }
  return [...blocks, ...answer.toolCalls.map(encodeToolUse)];
}

/** Arguments that are no JSON object, as those of an answer that was cut, are told as the text they are; none at all are none. */
function encodeToolUse(call: ToolCall): string {
  const written = call.arguments === '' ? '{}' : call.arguments;
  const input = isJsonObject(parseJson(written)) ? written : JSON.stringify(written);
  const head = JSON.stringify({ type: 'tool_use', id: call.id, name: call.name, caller: { type: 'direct' } });
  return `${head.slice(0, -1)},"input":${input}}`;
}

/** Anthropic's Messages, towards the client. */
export const anthropicMessagesDialect: ClientDialect = {
  id: 'anthropic-messages',
  keepAlive: PING,
  encodeAnswer,
  openStream: (start) => new MessageEventStream(start),
  encodeError: (error) => Buffer.from(JSON.stringify(errorBody(error))),
};
