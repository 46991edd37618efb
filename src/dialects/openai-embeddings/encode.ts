import type { Answer } from '../../core/answer.ts';
import type { EmbeddingInput } from '../../core/chat.ts';
import type { AnswerEnvelope, ClientDialect } from '../../core/client-dialect.ts';
import { encodeVector } from '../../core/float-vector.ts';
import { arrayMember, isJsonObject, objectMember, type JsonObject } from '../../core/json.ts';
import { candorMember } from '../candor-member.ts';
import { openAiChatDialect } from '../openai-chat/encode.ts';
import { spliceMembers } from '../spliced-members.ts';

/**
 * Encodes the list of vectors, in the order of the inputs. Of a vendor's list in that order and in the format the client reads,
 * every byte stays but for the members that are ours.
 */
function encodeAnswer(answer: Answer, envelope: AnswerEnvelope): Buffer {
  const format = envelope.request.embedding?.encodingFormat ?? 'float';
  const { vendorBody } = envelope;
  const native = vendorBody !== null && answer.native !== null && isOf(format, answer.native) ? answer.native : null;
  const members: JsonObject = {
    model: answer.model,
    // Counts nobody gave, or that make no sense, are unknown.
    usage: encodeUsage(answer, objectMember(native ?? {}, 'usage'), envelope),
    candor: candorMember(envelope),
  };
  const spliced = native === null || vendorBody === null ? null : spliceMembers(vendorBody, members);
  return spliced ?? Buffer.from(JSON.stringify({ ...(native ?? newBody(answer, format)), ...members }));
}

/** Whether the list is in that format, and in order: clients take the first vector for that of the first input. */
function isOf(format: EmbeddingInput['encodingFormat'], native: JsonObject): boolean {
  const isText = (entry: JsonObject): boolean => typeof entry['embedding'] === 'string';
  return arrayMember(native, 'data').every(
    (entry, position) => isJsonObject(entry) && entry['index'] === position && isText(entry) === (format === 'base64'),
  );
}

function newBody(answer: Answer, format: EmbeddingInput['encodingFormat']): JsonObject {
  const vectors = answer.embeddings ?? [];
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: format === 'base64' ? encodeVector(vector) : vector,
    })),
  };
}

function encodeUsage({ usage }: Answer, native: JsonObject | null, envelope: AnswerEnvelope): JsonObject | null {
  if (usage === null) return null;
  const counts = { ...native, prompt_tokens: usage.promptTokens, total_tokens: usage.totalTokens };
  return envelope.provenance === null ? counts : { ...counts, cost: envelope.costUsd };
}

/** OpenAI's embeddings, towards the client. They are never streamed. */
export const openAiEmbeddingsDialect: ClientDialect = {
  ...openAiChatDialect,
  id: 'openai-embeddings',
  encodeAnswer,
};
