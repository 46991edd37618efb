/** Any value JSON can hold. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A JSON object; reading an absent member gives `undefined`. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** True for a JSON object: not `null`, not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member if it is a string, else `null`. For reading what others wrote, where a wrong type is as good as absent. */
export function stringMember(object: JsonObject, key: string): string | null {
  const value = object[key];
  return typeof value === 'string' ? value : null;
}

/** The member if it is a finite number, else `null`. */
export function numberMember(object: JsonObject, key: string): number | null {
  const value = object[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** The member if it is an object, else `null`. */
export function objectMember(object: JsonObject, key: string): JsonObject | null {
  const value = object[key];
  return isJsonObject(value) ? value : null;
}

/** The member if it is an array, else an empty one. */
export function arrayMember(object: JsonObject, key: string): readonly JsonValue[] {
  const value = object[key];
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}

/** How deep a value may be nested: deeper ones parse, and then fill the stack of whoever walks through them. */
const MAX_DEPTH = 1000;

/** The parsed value, or `undefined` when the text is not JSON, or is nested beyond all use (1000 levels). */
export function parseJson(text: string): JsonValue | undefined {
  if (isTooDeep(text)) return undefined;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

function isTooDeep(text: string): boolean {
  // Whatever is so deep has as many brackets and as many again: few texts have, and all others are told by a glance.
  if (text.length <= 2 * MAX_DEPTH || !hasManyOpenings(text)) return false;
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isInString && character === '\\') at++;
    else if (character === '"') isInString = !isInString;
    else if (isInString) continue;
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

function hasManyOpenings(text: string): boolean {
  let count = 0;
  for (const opening of ['[', '{']) {
    for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, at + 1)) {
      if (++count > MAX_DEPTH) return true;
    }
  }
  return false;
}

/**
 * Canonical JSON (RFC 8785): members sorted by UTF-16 code units, no white space.
 * @throws TypeError for numbers JSON cannot hold and for text with lone surrogates.
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new TypeError('canonical JSON holds finite numbers only');
  }
  if (typeof value === 'string') return canonicalString(value);
  if (Array.isArray(value)) {
    return `[${(value as readonly JsonValue[]).map(canonicalJson).join(',')}]`;
  }
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined) members.push(`${canonicalString(key)}:${canonicalJson(member)}`);
  }
  return `{${members.join(',')}}`;
}

function canonicalString(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('canonical JSON holds well-formed Unicode only');
  return JSON.stringify(text);
}
