import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Frame } from '../delivery.ts';
import { randomFrom } from '../random.ts';
import type { Reply } from '../reply.ts';
import { splitTokens } from '../tokens.ts';
import { type AnswerHead, framing, oneToken } from './protocol.ts';

/** What OpenAI and DeepSeek do differently in answers of one shape. */
export interface OpenAiHand {
  readonly id: (serial: number) => string;
  readonly fingerprint: string;
  readonly extra: JsonObject;
  readonly usage: (replies: readonly Reply[], head: AnswerHead) => JsonObject;
  /** Where a stream tells its usage. */
  readonly usageChunk: 'own' | 'finish';
  readonly hasReasoning: boolean;
}

/** A whole answer as one body. */
export function openAiBody(replies: readonly Reply[], head: AnswerHead, hand: OpenAiHand): string {
  return JSON.stringify({
    ...envelope('chat.completion', head, hand),
    choices: replies.map((reply, index) => ({
      index,
      message: {
        role: 'assistant',
        content: contentOf(reply),
        ...(hand.hasReasoning
          ? head.question.reasoning === 'none'
            ? {}
            : { reasoning_content: reply.reasoning }
          : { refusal: reply.refusal, annotations: [] }),
        ...(reply.calls.length === 0
          ? {}
          : {
              tool_calls: reply.calls.map((call) => ({
                id: `call_${call.id}`,
                type: 'function',
                function: { name: call.name, arguments: call.arguments },
              })),
            }),
      },
      logprobs: head.question.logprobs
        ? { content: splitTokens(reply.text).map((token, at) => logprob(token, at)), refusal: null }
        : null,
      finish_reason: finishReason(reply),
    })),
    usage: hand.usage(replies, head),
  });
}

/** A whole answer as the events of a stream. */
export function openAiFrames(replies: readonly Reply[], head: AnswerHead, hand: OpenAiHand): readonly Frame[] {
  const asksUsage = head.question.streamUsage;
  const chunk = (choices: JsonValue, usage?: JsonValue): JsonObject => ({
    ...envelope('chat.completion.chunk', head, hand),
    choices,
    ...(usage === undefined ? (asksUsage || hand.usageChunk === 'finish' ? { usage: null } : {}) : { usage }),
  });
  const frames: Frame[] = [];
  replies.forEach((reply, index) => {
    const delta = (content: JsonObject, logprobs: JsonValue = null): JsonObject =>
      chunk([{ index, delta: content, logprobs, finish_reason: null }]);
    frames.push(framing(delta(openingDelta(head, hand))));
    for (const token of splitTokens(reply.reasoning))
      frames.push(oneToken(delta({ content: null, reasoning_content: token })));
    splitTokens(reply.text).forEach((token, at) => {
      const content =
        hand.hasReasoning && reply.reasoning !== '' ? { content: token, reasoning_content: null } : { content: token };
      frames.push(
        oneToken(delta(content, head.question.logprobs ? { content: [logprob(token, at)], refusal: null } : null)),
      );
    });
    for (const token of splitTokens(reply.refusal ?? '')) frames.push(oneToken(delta({ refusal: token })));
    frames.push(...callFrames(reply, delta));
    const isLast = index === replies.length - 1;
    const usage = hand.usageChunk === 'finish' && isLast ? hand.usage(replies, head) : undefined;
    frames.push(
      framing(
        chunk(
          [
            {
              index,
              delta: hand.hasReasoning ? { content: '' } : {},
              logprobs: null,
              finish_reason: finishReason(reply),
            },
          ],
          usage,
        ),
        isLast,
      ),
    );
  });
  if (asksUsage && hand.usageChunk === 'own') frames.push(framing(chunk([], hand.usage(replies, head)), true));
  frames.push({ text: 'data: [DONE]\n\n', tokens: 0, closing: true });
  return frames;
}

function callFrames(reply: Reply, delta: (content: JsonObject) => JsonObject): readonly Frame[] {
  return reply.calls.flatMap((call, index) => [
    framing(
      delta({
        tool_calls: [{ index, id: `call_${call.id}`, type: 'function', function: { name: call.name, arguments: '' } }],
      }),
    ),
    ...splitTokens(call.arguments).map((token) =>
      oneToken(delta({ tool_calls: [{ index, function: { arguments: token } }] })),
    ),
  ]);
}

function openingDelta(head: AnswerHead, hand: OpenAiHand): JsonObject {
  if (!hand.hasReasoning) return { role: 'assistant', content: '', refusal: null };
  return head.question.reasoning === 'none'
    ? { role: 'assistant', content: '' }
    : { role: 'assistant', content: null, reasoning_content: '' };
}

function envelope(object: string, head: AnswerHead, hand: OpenAiHand): JsonObject {
  return {
    id: hand.id(head.serial),
    object,
    created: Math.floor(head.createdMs / 1_000),
    model: head.model,
    ...hand.extra,
    system_fingerprint: hand.fingerprint,
  };
}

function contentOf(reply: Reply): string | null {
  return reply.text === '' && (reply.calls.length > 0 || reply.refusal !== null) ? null : reply.text;
}

function finishReason(reply: Reply): string {
  return reply.finish === 'refusal' ? 'stop' : reply.finish;
}

/** A made-up log probability: near zero, repeatable, of no meaning. */
function logprob(token: string, at: number): JsonObject {
  return {
    token,
    logprob: -Math.round(randomFrom(token, at).next() * 1e4) / 1e5,
    bytes: [...Buffer.from(token)],
    top_logprobs: [],
  };
}
