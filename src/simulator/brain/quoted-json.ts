import { type JsonObject, type JsonValue, isJsonObject, parseJson } from '../../core/json.ts';
import { looksLikeSchema } from './schema-shape.ts';
import { wordsOf } from './text.ts';

const LONGEST_PROMPT = 200_000;
const MOST_BRACES = 200;

/** A JSON object quoted in a prompt: where it stands and what it holds. */
interface QuotedObject {
  readonly start: number;
  readonly end: number;
  readonly value: JsonObject;
}

/** The outermost JSON objects quoted in the text, among its first two hundred braces. */
export function quotedObjects(text: string): readonly QuotedObject[] {
  const found: QuotedObject[] = [];
  let at = text.indexOf('{');
  for (let tries = 0; at !== -1 && at < LONGEST_PROMPT && tries < MOST_BRACES; tries++) {
    const end = balancedEnd(text, at);
    const value = end === null ? undefined : parseJson(text.slice(at, end));
    if (end !== null && isJsonObject(value)) found.push({ start: at, end, value });
    at = text.indexOf('{', end !== null && isJsonObject(value) ? end : at + 1);
  }
  return found;
}

function balancedEnd(text: string, start: number): number | null {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') depth += 1;
    else if (character === '}' && --depth === 0) return at + 1;
  }
  return null;
}

/** The JSON Schema a prompt quotes as the shape of its answer; `null` when it quotes none. */
export function quotedSchema(text: string): JsonObject | null {
  return quotedObjects(text).find((quoted) => looksLikeSchema(quoted.value))?.value ?? null;
}

/** A schema for the shape a prompt describes by an example object or by a list of keys; `null` when it does neither. */
export function describedSchema(text: string): JsonObject | null {
  const example = quotedObjects(text).find(
    (quoted) => !looksLikeSchema(quoted.value) && Object.keys(quoted.value).length > 0,
  );
  if (
    example !== undefined &&
    /\b(?:format|shape|like|example|form|schema|structure|json)\b/i.test(
      text.slice(Math.max(0, example.start - 160), example.start),
    )
  ) {
    return schemaOfExample(example.value);
  }
  const listed =
    /\b(?:keys?|fields?|properties|members|attributes)\b\s*(?:are|named|called|exactly)?\s*:?\s*([^.:\n]{2,200})/i
      .exec(text)?.[1]
      ?.split(/\b(?:as|from|for|with|in|of|to)\b/)[0];
  const names = (listed ?? '')
    .replace(/\b(?:and|or|only|the)\b/g, ',')
    .split(',')
    .map((name) => name.replace(/["'`()]/g, '').trim())
    .filter((name) => /^[A-Za-z][\w-]{0,40}$/.test(name));
  if (names.length === 0) return null;
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, typeOfName(name)])),
    required: names,
  };
}

function schemaOfExample(value: JsonValue): JsonObject {
  if (Array.isArray(value))
    return {
      type: 'array',
      items: value.length === 0 ? {} : schemaOfExample((value as readonly JsonValue[])[0] ?? null),
    };
  if (isJsonObject(value)) {
    const members = Object.entries(value).map(([name, member]) => [name, schemaOfExample(member ?? null)] as const);
    return {
      type: 'object',
      properties: Object.fromEntries(members),
      required: members.map(([name]) => name),
      additionalProperties: false,
    };
  }
  if (typeof value === 'number') return { type: 'number' };
  if (typeof value === 'boolean') return { type: 'boolean' };
  // Examples often name the type in place of a value: {"total": "number"}.
  if (typeof value === 'string' && /^<?(?:number|integer|boolean)>?$/i.test(value))
    return { type: value.replace(/[<>]/g, '').toLowerCase() };
  return { type: 'string' };
}

function typeOfName(name: string): JsonObject {
  const words = wordsOf(name);
  return words.some((word) => /^(?:total|amount|price|sum|cost|quantity|count|age|year)$/.test(word))
    ? { type: 'number' }
    : { type: 'string' };
}

/** The text without the JSON objects it quotes. */
export function withoutQuotedObjects(text: string): string {
  let rest = '';
  let from = 0;
  for (const quoted of quotedObjects(text)) {
    rest += text.slice(from, quoted.start);
    from = quoted.end;
  }
  return rest + text.slice(from);
}
