import {
  arrayMember,
  isJsonObject,
  numberMember,
  objectMember,
  stringMember,
  type JsonObject,
} from '../../core/json.ts';
import { costText, durationText } from '../format.ts';

/** What a chunk of a stream adds to the answer's text (a refusal is text too). */
export function deltaText(chunk: JsonObject): string {
  return choiceTexts(chunk, 'delta');
}

/** The text of a whole answer. */
export function messageText(answer: JsonObject): string {
  return choiceTexts(answer, 'message');
}

/** Whether the chunk says that the answer has ended. */
export function isFinish(chunk: JsonObject): boolean {
  return arrayMember(chunk, 'choices').some(
    (choice) => isJsonObject(choice) && stringMember(choice, 'finish_reason') !== null,
  );
}

function choiceTexts(chunk: JsonObject, member: 'delta' | 'message'): string {
  const texts: string[] = [];
  for (const choice of arrayMember(chunk, 'choices')) {
    const body = isJsonObject(choice) ? objectMember(choice, member) : null;
    if (body === null) continue;
    texts.push(stringMember(body, 'content') ?? '', stringMember(body, 'refusal') ?? '', ...toolCallTexts(body));
  }
  return texts.join('');
}

/** Arguments of tool calls, so that an answer without text does not look empty. */
function toolCallTexts(body: JsonObject): readonly string[] {
  return arrayMember(body, 'tool_calls').map((call) => {
    const called = isJsonObject(call) ? objectMember(call, 'function') : null;
    return called === null ? '' : `${stringMember(called, 'name') ?? ''}${stringMember(called, 'arguments') ?? ''}`;
  });
}

/** One line that says who answered, why, after what, and at what cost. */
export function provenanceLine(id: string | null, candor: JsonObject, usage: JsonObject | null): string {
  const attempts = arrayMember(candor, 'attempts').filter(isJsonObject);
  const fallback = objectMember(candor, 'fallback');
  const degraded = objectMember(candor, 'degraded');
  const validation = objectMember(candor, 'validation');
  const validationStatus = validation === null ? null : stringMember(validation, 'status');
  const adjustments = arrayMember(candor, 'adjustments').length;
  const totalMs = attempts.reduce((sum, attempt) => sum + (numberMember(attempt, 'ms') ?? 0), 0);
  const parts = [
    `${stringMember(candor, 'asked') ?? '?'} → ${stringMember(candor, 'served_by') ?? 'nobody'}`,
    candor['simulated'] === true ? 'SIMULATED' : null,
    fallback === null ? null : `FALLBACK ${stringMember(fallback, 'reason') ?? ''}`,
    degraded === null ? null : `DEGRADED ${stringMember(degraded, 'reason') ?? ''}`,
    attempts.length === 0
      ? null
      : `${attempts.length} attempt${attempts.length === 1 ? '' : 's'} in ${durationText(totalMs)}`,
    costText(usage === null ? costOfAttempts(attempts) : numberMember(usage, 'cost')),
    validationStatus === null || validationStatus === 'none' ? null : `validation ${validationStatus}`,
    adjustments === 0 ? null : `${adjustments} adjustment${adjustments === 1 ? '' : 's'}`,
    id,
  ];
  return parts.filter((part) => part !== null).join('  ');
}

/** The sum over the attempts; `null` when one of them is unknown. */
function costOfAttempts(attempts: readonly JsonObject[]): number | null {
  let sum = 0;
  for (const attempt of attempts) {
    const cost = numberMember(attempt, 'cost');
    if (cost === null) return null;
    sum += cost;
  }
  return attempts.length === 0 ? null : sum;
}
