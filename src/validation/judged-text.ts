import type { AnswerChoice } from '../core/answer.ts';
import type { Verdict } from '../core/record.ts';
import { abstain, fail } from './validator.ts';

/** The text that a validator judges; or its verdict, where the answer holds none. */
export function judgedText(validator: string, answer: AnswerChoice): { readonly text: string } | Verdict {
  if (answer.refusal !== null || answer.finishReason === 'content_filter')
    return abstain(validator, 'the model refused to answer');
  if (answer.text !== null && answer.text.trim() !== '') return { text: answer.text };
  return answer.toolCalls.length > 0
    ? abstain(validator, 'the model called tools instead')
    : fail(validator, 'the answer is empty');
}

/** The texts of an answer with their places: what it says, and the arguments of its tool calls. */
export function writtenTexts(answer: AnswerChoice): readonly { readonly place: string; readonly text: string }[] {
  const calls = answer.toolCalls.map((call, index) => ({
    place: `tool_calls[${index}].arguments`,
    text: call.arguments,
  }));
  return [...(answer.text === null ? [] : [{ place: 'text', text: answer.text }]), ...calls];
}

/** Where in such a text something is, in UTF-16 offsets, `end` excluded: `text:120-141`. */
export function placeIn(text: string, start: number, end: number): string {
  return `${text}:${start}-${end}`;
}
