import type { Answer, AnswerChoice, AnswerPart } from '../core/answer.ts';

/** The answer as a stream would have brought it, all at once. */
export function partsOf(answer: Answer): readonly AnswerPart[] {
  const parts: AnswerPart[] = answer.model === null ? [] : [{ type: 'model', model: answer.model }];
  [answer, ...answer.alternatives].forEach((choice, index) =>
    parts.push(...partsOfChoice(choice, index === 0 ? {} : { choice: index })),
  );
  return parts;
}

function partsOfChoice(answer: AnswerChoice, of: { readonly choice?: number }): readonly AnswerPart[] {
  const parts: AnswerPart[] = [];
  if (answer.reasoning !== null) parts.push({ type: 'reasoning', text: answer.reasoning, ...of });
  if (answer.text !== null) parts.push({ type: 'text', text: answer.text, ...of });
  if (answer.refusal !== null) parts.push({ type: 'refusal', text: answer.refusal, ...of });
  if (answer.logprobs !== undefined) parts.push({ type: 'logprobs', logprobs: answer.logprobs, ...of });
  answer.toolCalls.forEach((call, index) => {
    const kind = call.kind === undefined ? {} : { kind: call.kind };
    parts.push({ type: 'tool-call-start', index, id: call.id, name: call.name, ...kind, ...of });
    parts.push({ type: 'tool-call-arguments', index, fragment: call.arguments, ...of });
    if (call.extraContent) parts.push({ type: 'extra', toolCall: index, content: call.extraContent, ...of });
  });
  if (answer.extraContent !== null) parts.push({ type: 'extra', toolCall: null, content: answer.extraContent, ...of });
  return parts;
}
