import type { Answer } from '../../core/answer.ts';
import type { AnswerEnvelope, ClientDialect } from '../../core/client-dialect.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { encodeUsage, errorBody } from './members.ts';
import { ChunkStream } from './stream.ts';

/** Encodes a whole `chat.completion`. A vendor's body of the same protocol keeps what else it holds. */
function encodeAnswer(answer: Answer, envelope: AnswerEnvelope): Buffer {
  const native = envelope.sameProtocol ? answer.native : null;
  const body: Record<string, JsonValue | undefined> = native === null ? newBody(answer, envelope) : { ...native };
  body['id'] = envelope.id;
  body['model'] = answer.model;
  // Counts nobody gave, or that make no sense, are unknown.
  body['usage'] =
    answer.usage === null ? null : encodeUsage(answer.usage, native?.['usage'] as JsonObject | undefined, envelope);
  body['candor'] = envelope.provenance === null ? undefined : (envelope.provenance as unknown as JsonObject);
  return Buffer.from(JSON.stringify(body));
}

function newBody(answer: Answer, envelope: AnswerEnvelope): Record<string, JsonValue> {
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

/** OpenAI's Chat Completions, towards the client. */
export const openAiChatDialect: ClientDialect = {
  id: 'openai-chat',
  encodeAnswer,
  openStream: (start) => new ChunkStream(start),
  encodeError: (error) => Buffer.from(JSON.stringify(errorBody(error))),
};
