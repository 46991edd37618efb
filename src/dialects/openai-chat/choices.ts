import type { AnswerChoice, AnswerPart, FinishReason } from '../../core/answer.ts';
import type { ExtraContent, ToolCall } from '../../core/chat.ts';
import type { JsonObject } from '../../core/json.ts';

/** How tools are spoken of: as `tool_calls`, or as the `function_call` of the protocol's first years. */
export type CallForm = 'tool_calls' | 'function_call';

/** The protocol's word for how a choice ended. */
export function finishWord(reason: FinishReason, form: CallForm): string {
  return reason === 'tool_calls' ? form : reason;
}

/** One choice of a whole answer. */
export function encodeChoice(choice: AnswerChoice, index: number, form: CallForm): JsonObject {
  const { text, refusal, reasoning, extraContent, logprobs } = choice;
  return {
    index,
    message: {
      role: 'assistant',
      content: text,
      refusal,
      ...(reasoning === null ? {} : { reasoning_content: reasoning }),
      ...encodeCalls(choice.toolCalls, form),
      ...(extraContent === null ? {} : { extra_content: extraContent }),
    },
    logprobs: logprobs === undefined ? null : { ...logprobs },
    finish_reason: finishWord(choice.finishReason, form),
  };
}

function encodeCalls(calls: readonly ToolCall[], form: CallForm): JsonObject {
  const [first] = calls;
  if (first === undefined) return {};
  if (form === 'function_call') return { function_call: { name: first.name, arguments: first.arguments } };
  return {
    tool_calls: calls.map(({ id, name, arguments: written, kind, extraContent }) => ({
      id,
      ...(kind === 'custom'
        ? { type: 'custom', custom: { name, input: written } }
        : { type: 'function', function: { name, arguments: written } }),
      ...(extraContent === undefined ? {} : { extra_content: extraContent }),
    })),
  };
}

/** What a part adds to the message of its choice, beside what vendors want back; `null`: nothing. */
export function deltaOf(part: AnswerPart, form: CallForm, isCustom: boolean): JsonObject | null {
  switch (part.type) {
    case 'text':
      return { content: part.text };
    case 'reasoning':
      return { reasoning_content: part.text };
    case 'refusal':
      return { refusal: part.text };
    case 'tool-call-start': {
      const { index, id, name } = part;
      if (form === 'function_call') return { function_call: { name, arguments: '' } };
      const call = isCustom
        ? { type: 'custom', custom: { name, input: '' } }
        : { type: 'function', function: { name, arguments: '' } };
      return { tool_calls: [{ index, id, ...call }] };
    }
    case 'tool-call-arguments': {
      const { index, fragment } = part;
      if (form === 'function_call') return { function_call: { arguments: fragment } };
      const call = isCustom ? { custom: { input: fragment } } : { function: { arguments: fragment } };
      return { tool_calls: [{ index, ...call }] };
    }
    default:
      return null;
  }
}

/** What vendors want back, as the last thing a stream adds to a message. */
export function extraDelta(message: ExtraContent | null, calls: ReadonlyMap<number, ExtraContent>): JsonObject {
  const toolCalls = [...calls].map(([index, content]) => ({ index, extra_content: content }));
  return {
    ...(message === null ? {} : { extra_content: message }),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
  };
}
