import type { Answer } from '../../core/answer.ts';
import type { AnswerEnvelope, ClientDialect } from '../../core/client-dialect.ts';
import type { JsonObject } from '../../core/json.ts';
import { candorMember } from '../candor-member.ts';
import { spliceMembers } from '../spliced-members.ts';
import { encodeChoice } from './choices.ts';
import { callForm, encodeUsage, errorBody } from './members.ts';
import { ChunkStream } from './stream.ts';

/** Encodes a whole `chat.completion`. Of a vendor's body of the same protocol every byte stays but for the members that are ours. */
function encodeAnswer(answer: Answer, envelope: AnswerEnvelope): Buffer {
  // Calls that are to be told in the older form are never in the vendor's body.
  const vendorBody = callForm(envelope.request) === 'tool_calls' ? envelope.vendorBody : null;
  const native = vendorBody === null ? null : answer.native;
  const nativeUsage = native?.['usage'] as JsonObject | null | undefined;
  const members: JsonObject = {
    id: envelope.id,
    model: answer.model,
    // Counts nobody gave, or that make no sense, are unknown.
    usage: answer.usage === null ? null : encodeUsage(answer.usage, nativeUsage ?? undefined, envelope),
    candor: candorMember(envelope),
  };
  const spliced = vendorBody === null ? null : spliceMembers(vendorBody, members);
  return spliced ?? Buffer.from(JSON.stringify({ ...(native ?? newBody(answer, envelope)), ...members }));
}

function newBody(answer: Answer, envelope: AnswerEnvelope): JsonObject {
  return {
    id: envelope.id,
    object: 'chat.completion',
    created: envelope.createdSeconds,
    model: answer.model,
    choices: [answer, ...answer.alternatives].map((choice, index) =>
      encodeChoice(choice, index, callForm(envelope.request)),
    ),
  };
}

/** OpenAI's Chat Completions, towards the client. */
export const openAiChatDialect: ClientDialect = {
  id: 'openai-chat',
  keepAlive: Buffer.from(': keep-alive\n\n'),
  encodeAnswer,
  openStream: (start) => new ChunkStream(start),
  encodeError: (error) => Buffer.from(JSON.stringify(errorBody(error))),
};
