import { isJsonObject, parseJson, type JsonValue } from '../core/json.ts';

const CODE = /```[^]*?(?:```|$)|~~~[^]*?(?:~~~|$)|`[^`\n]*`/g;
const ADDRESS = /\b(?:https?:\/\/|www\.)\S+|[^\s@]{1,64}@\S+/g;

/** What hardly stands in a sentence; so many of them, and one in so many characters, make a line code. */
const CODE_MARK = /[{}=<>;]|\w\(/g;
const LEAST_MARKS = 3;
const CHARACTERS_PER_MARK = 25;

/** What of a text is language: no code, no addresses; of JSON its texts, not the names of its members. */
export function spokenText(text: string): string {
  const value = /^\s*[{[]/.test(text) ? parseJson(text) : undefined;
  const spoken = value === undefined ? text : textsIn(value).join('\n');
  const lines = spoken.replaceAll(CODE, ' ').replaceAll(ADDRESS, ' ').split('\n');
  return lines.filter((line) => !isCode(line)).join('\n');
}

function isCode(line: string): boolean {
  const marks = line.match(CODE_MARK)?.length ?? 0;
  return marks >= LEAST_MARKS && marks * CHARACTERS_PER_MARK > line.length;
}

function textsIn(value: JsonValue): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return (value as readonly JsonValue[]).flatMap(textsIn);
  return isJsonObject(value) ? Object.values(value).flatMap((item) => (item === undefined ? [] : textsIn(item))) : [];
}
