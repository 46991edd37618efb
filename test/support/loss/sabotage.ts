import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import { lossesOf, type Passage } from './losses.ts';
import type { DialectRules } from './dialect-rules.ts';
import { marksOf } from './request-maker.ts';
import { SentBody } from './sent-body.ts';

/** The losses that the search finds once the passage has been spoilt. */
export function lossesWith(
  passage: Passage,
  rules: DialectRules,
  changes: Partial<Pick<Passage, 'adjustments'>> & { readonly json?: JsonObject },
): readonly string[] {
  const { json, ...rest } = changes;
  return lossesOf({ ...passage, ...rest, ...(json === undefined ? {} : { sent: new SentBody(json) }) }, rules);
}

/** The marks in texts of the sent body, each of which stands there once. */
export function sentMarks({ sent }: Passage): readonly string[] {
  const marks = marksOf(JSON.stringify(sent.json)).filter((mark) => mark.startsWith('¤'));
  return marks.filter((mark) => marks.indexOf(mark) === marks.lastIndexOf(mark));
}

/** The body without the texts that hold the mark. */
export function withoutText(value: JsonValue, mark: string): JsonValue {
  return mapTexts(value, (text) => (text.includes(mark) ? 'gone' : text));
}

/** The body with what is told in the other role: users' messages are the model's, and the other way round. */
export function withOtherRoles(value: JsonObject): JsonObject {
  const others: Readonly<Record<string, string>> = { user: 'assistant', assistant: 'user', model: 'user' };
  const swap = (message: JsonValue): JsonValue => {
    const { role, ...rest } = message as JsonObject;
    return { ...rest, role: typeof role === 'string' ? (others[role] ?? role) : 'assistant' };
  };
  const swapped = ['messages', 'contents'].flatMap((list) => {
    const found = value[list];
    return Array.isArray(found) ? [[list, (found as readonly JsonValue[]).map(swap)] as const] : [];
  });
  return { ...value, ...Object.fromEntries(swapped) };
}

/** The body with nothing at the pointer any more. */
export function withoutPointer(value: JsonObject, pointer: string): JsonObject {
  const body = structuredClone(value);
  const steps = pointer.split('/').slice(1);
  const name = steps.pop() ?? '';
  let node: Record<string, JsonValue> | undefined = body as Record<string, JsonValue>;
  for (const step of steps) node = node?.[step] as Record<string, JsonValue> | undefined;
  if (node !== undefined) delete node[name];
  return body;
}

function mapTexts(value: JsonValue, change: (text: string) => string): JsonValue {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value as JsonObject).map(([key, member]) => [
    key,
    mapTexts(member as JsonValue, change),
  ]);
  return Object.fromEntries(members) as JsonObject;
}
