import { parseJson, type JsonValue } from '../../core/json.ts';
import { placeIn } from '../judged-text.ts';
import type { Subject } from '../validator.ts';

/** A text of an answer, with how a place in it is told. */
export interface AnswerText {
  readonly text: string;
  /** Of offsets in this text, `end` excluded. */
  readonly place: (start: number, end: number) => string;
}

/** The texts an answer is made of: its strings and numbers where it is JSON, each placed by its JSON pointer; else all of it. */
export function answerTexts({ answer, request, json }: Subject): readonly AnswerText[] {
  const { text } = answer;
  if (text === null) return [];
  const value = jsonOf(text, request.responseFormat?.type === 'text' ? undefined : request.responseFormat?.type, json);
  if (typeof value === 'object' && value !== null) return leavesOf(value, '');
  return [{ text, place: (start, end) => placeIn('text', start, end) }];
}

/** What the text is as JSON. It is read leniently only where JSON was asked for, since it is then judged and delivered so. */
function jsonOf(text: string, format: string | undefined, json: Subject['json']): JsonValue | undefined {
  if (format === undefined) return /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
  const reading = json();
  return 'value' in reading ? reading.value : undefined;
}

function leavesOf(value: JsonValue | undefined, pointer: string): readonly AnswerText[] {
  if (typeof value === 'string' || typeof value === 'number') return [{ text: String(value), place: () => pointer }];
  if (typeof value !== 'object' || value === null) return [];
  const members: readonly (readonly [string, JsonValue])[] = Object.entries(
    value as Readonly<Record<string, JsonValue>>,
  );
  return members.flatMap(([key, member]) =>
    leavesOf(member, `${pointer}/${key.replace(/~/g, '~0').replace(/\//g, '~1')}`),
  );
}
