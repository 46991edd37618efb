import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Facts } from './facts.ts';
import { wordsOf } from './text.ts';

/** A JSON object of what the text says, for prompts that want JSON and name no shape. */
export function objectOf(facts: Facts): JsonObject {
  const object: Record<string, JsonValue> = {};
  const put = (key: string, value: JsonValue | undefined): void => {
    if (key !== '' && value !== undefined && object[key] === undefined) object[key] = value;
  };
  for (const fact of facts.labelled) put(wordsOf(fact.label).join('_'), readScalar(fact.text));
  for (const fact of facts.identifiers) put(wordsOf(fact.label).join('_'), fact.text);
  const money = facts.numbers.filter((number) => number.currency !== null);
  put('total', money.length > 0 ? Math.max(...money.map((number) => number.value)) : undefined);
  put('currency', money[0]?.currency ?? undefined);
  put('date', facts.dates[0]?.iso);
  put('email', facts.emails[0]?.text);
  put('url', facts.urls[0]?.text);
  put('names', listOrNothing(facts.names.map((name) => name.text)));
  const counted = facts.numbers.filter(
    (number) => number.counted !== null && !facts.identifiers.some((fact) => fact.at === number.at),
  );
  put('items', listOrNothing(counted.map((number) => ({ quantity: number.value, item: number.counted ?? '' }))));
  put('text', Object.keys(object).length === 0 ? facts.text.trim().slice(0, 200) : undefined);
  return object;
}

function listOrNothing(values: readonly JsonValue[]): JsonValue | undefined {
  return values.length === 0 ? undefined : values;
}

function readScalar(text: string): JsonValue {
  const plain = text.replace(/[.,]$/, '');
  if (/^-?\d+(?:\.\d+)?$/.test(plain)) return Number(plain);
  return plain === 'true' ? true : plain === 'false' ? false : plain;
}
