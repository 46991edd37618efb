import type { Answer } from '../../core/answer.ts';
import type { AnswerEnvelope, ClientDialect } from '../../core/client-dialect.ts';
import type { JsonObject } from '../../core/json.ts';
import { encodeUsage, errorBody } from './members.ts';
import { ChunkStream } from './stream.ts';

/** Encodes a whole `chat.completion`. A vendor's body of the same protocol keeps what else it holds. */
function encodeAnswer(answer: Answer, envelope: AnswerEnvelope): Buffer {
  const native = envelope.sameProtocol ? answer.native : null;
  const nativeUsage = native?.['usage'] as JsonObject | undefined;
  const body: JsonObject = {
    ...(native ?? {
      id: '',
      object: 'chat.completion',
      created: envelope.createdSeconds,
      model: answer.model,
      choices: [encodeChoice(answer)],
    }),
    id: envelope.id,
    ...(answer.usage === null ? {} : { usage: encodeUsage(answer.usage, nativeUsage, envelope) }),
    ...(envelope.provenance === null ? {} : { candor: envelope.provenance as unknown as JsonObject }),
  };
  return Buffer.from(JSON.stringify(body));
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
