import { isJsonObject, parseJson, type JsonValue } from '../core/json.ts';

const CODE = /```[^]*?(?:```|$)|~~~[^]*?(?:~~~|$)|`[^`\n]*`/g;
const ADDRESS = /\b(?:https?:\/\/|www\.)\S+|[^\s@]{1,64}@\S+/g;

/** What of a text is language: no code, no addresses; of JSON its texts, not the names of its members. */
export function spokenText(text: string): string {
  const value = /^\s*[{[]/.test(text) ? parseJson(text) : undefined;
  const spoken = value === undefined ? text : textsIn(value).join('\n');
  return spoken.replaceAll(CODE, ' ').replaceAll(ADDRESS, ' ');
}

function textsIn(value: JsonValue): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return (value as readonly JsonValue[]).flatMap(textsIn);
  return isJsonObject(value) ? Object.values(value).flatMap((item) => (item === undefined ? [] : textsIn(item))) : [];
}
