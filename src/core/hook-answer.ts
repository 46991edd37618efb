import type { AnswerChoice } from './answer.ts';
import { frozenCopy } from './frozen-copy.ts';
import type { HookAnswer } from './hook-functions.ts';
import type { JsonValue } from './json.ts';

/** The answer for hooks to read, frozen. @param json its text as JSON, `undefined` where it is none; asked at most once */
export function hookAnswer(answer: AnswerChoice, json: () => JsonValue | undefined): HookAnswer {
  let read: { readonly value: JsonValue | undefined } | null = null;
  const { text, toolCalls, finishReason } = answer;
  return Object.freeze({
    text,
    get json(): JsonValue | undefined {
      read ??= { value: frozenCopy(json()) };
      return read.value;
    },
    toolCalls: frozenCopy(toolCalls.map((call) => ({ id: call.id, name: call.name, arguments: call.arguments }))),
    finish: finishReason,
  });
}
