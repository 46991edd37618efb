import type { Answer } from '../../core/answer.ts';
import type { AnswerEnvelope, ClientDialect } from '../../core/client-dialect.ts';
import type { OpenAiToolCall } from '../../wire/openai-chat.ts';
import type { JsonObject } from '../../core/json.ts';
import { editMembers } from '../../core/json-edit.ts';
import { scanJson } from '../../core/json-scan.ts';
import { encodeUsage, errorBody } from './members.ts';
import { ChunkStream } from './stream.ts';

/** The answer has been parsed already: what is nested deeper is written anew, not refused. */
const LIMITS = { maxDepth: 256, maxStructuralCharacters: Number.POSITIVE_INFINITY };

/** Encodes a whole `chat.completion`. Of a vendor's body of the same protocol every byte stays but for the members that are ours. */
function encodeAnswer(answer: Answer, envelope: AnswerEnvelope): Buffer {
  const native = envelope.vendorBody === null ? null : answer.native;
  const nativeUsage = native?.['usage'] as JsonObject | null | undefined;
  const members: JsonObject = {
    id: envelope.id,
    model: answer.model,
    // Counts nobody gave, or that make no sense, are unknown.
    usage: answer.usage === null ? null : encodeUsage(answer.usage, nativeUsage ?? undefined, envelope),
    candor: envelope.provenance === null ? undefined : (envelope.provenance as unknown as JsonObject),
  };
  const spliced = envelope.vendorBody === null ? null : spliceMembers(envelope.vendorBody, members);
  return spliced ?? Buffer.from(JSON.stringify({ ...(native ?? newBody(answer, envelope)), ...members }));
}

/** The vendor's object with our members in it, and every other byte as it came; `null` where it holds a key twice or the like. */
function spliceMembers(object: Buffer, members: JsonObject): Buffer | null {
  const scan = scanJson(object, LIMITS);
  if (scan.problem !== null) return null;
  const changes = new Map<string, Buffer | null>();
  for (const [name, value] of Object.entries(members)) {
    changes.set(name, value === undefined ? null : Buffer.from(JSON.stringify(value)));
  }
  return editMembers(object, scan.spans, changes);
}

function newBody(answer: Answer, envelope: AnswerEnvelope): JsonObject {
  return {
    id: envelope.id,
    object: 'chat.completion',
    created: envelope.createdSeconds,
    model: answer.model,
    choices: [encodeChoice(answer)],
  };
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
            tool_calls: answer.toolCalls.map((call): OpenAiToolCall => ({
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

/** OpenAI's Chat Completions, towards the client. */
export const openAiChatDialect: ClientDialect = {
  id: 'openai-chat',
  keepAlive: Buffer.from(': keep-alive\n\n'),
  encodeAnswer,
  openStream: (start) => new ChunkStream(start),
  encodeError: (error) => Buffer.from(JSON.stringify(errorBody(error))),
};
