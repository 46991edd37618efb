import { locateMembers, type Span } from './json-scan.ts';
import { splice, type Edit } from './splice.ts';

/** What becomes of members of an object: the JSON that takes the value's place, or `null` where the member goes. */
export type MemberChanges = ReadonlyMap<string, Buffer | null>;

/**
 * An object's JSON with members replaced, removed and appended. Every other byte stays as it was, and
 * with it every digit of every number.
 * @param spans where the object's values stand, in their order, as a scan of `bytes` gives them
 */
export function editMembers(bytes: Buffer, spans: ReadonlyMap<string, Span>, changes: MemberChanges): Buffer {
  const edits: Edit[] = [];
  const open = bytes.indexOf('{') + 1;
  let position = open;
  let removedFrom: number | null = null;
  for (const [name, [start, end]] of spans) {
    const change = changes.get(name);
    if (change === null) {
      removedFrom ??= position;
    } else {
      if (removedFrom !== null) edits.push(removal(bytes, removedFrom, position, open));
      removedFrom = null;
      if (change !== undefined) edits.push({ start, end, bytes: change });
    }
    position = end;
  }
  if (removedFrom !== null) edits.push({ start: removedFrom, end: position, bytes: EMPTY });
  edits.push(...appended(bytes, spans, changes));
  return splice(bytes, edits);
}

const EMPTY = Buffer.alloc(0);

/** Takes out what lies between two values, with the comma behind it if nothing stands before, else with the one in front. */
function removal(bytes: Buffer, from: number, lastEnd: number, open: number): Edit {
  return { start: from, end: from === open ? bytes.indexOf(',', lastEnd) + 1 : lastEnd, bytes: EMPTY };
}

function appended(bytes: Buffer, spans: ReadonlyMap<string, Span>, changes: MemberChanges): readonly Edit[] {
  let isFirst = [...spans.keys()].every((name) => changes.get(name) === null);
  const pieces: Buffer[] = [];
  for (const [name, value] of changes) {
    if (value === null || spans.has(name)) continue;
    pieces.push(Buffer.from(`${isFirst ? '' : ','}${JSON.stringify(name)}:`), value);
    isFirst = false;
  }
  if (pieces.length === 0) return [];
  const close = bytes.lastIndexOf('}');
  return [{ start: close, end: close, bytes: Buffer.concat(pieces) }];
}

/**
 * JSON with one value changed, however deep: every other byte stays as it was.
 * @param path keys of objects and indices of arrays; objects on the way that are missing are made
 * @param value the JSON that takes its place; `null`: the member goes
 */
export function editAt(bytes: Buffer, path: readonly string[], value: Buffer | null): Buffer {
  const [key, ...rest] = path;
  if (key === undefined) return value ?? bytes;
  const spans = locateMembers(bytes);
  const span = spans.get(key);
  if (span === undefined && value === null) return bytes;
  const inner = span === undefined ? EMPTY_OBJECT : bytes.subarray(...span);
  const changed = rest.length === 0 ? value : editAt(inner, rest, value);
  return editMembers(bytes, spans, new Map([[key, changed]]));
}

const EMPTY_OBJECT = Buffer.from('{}');

/** The items of an array's JSON, each as it is written there. */
export function itemsOf(list: Buffer): readonly Buffer[] {
  return [...locateMembers(list).values()].map(([start, end]) => list.subarray(start, end));
}

/** The JSON of an array of what is JSON already. */
export function listOf(items: readonly Buffer[]): Buffer {
  const pieces = items.flatMap((item, index) => (index === 0 ? [item] : [COMMA, item]));
  return Buffer.concat([OPEN_LIST, ...pieces, CLOSE_LIST]);
}

const OPEN_LIST = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSE_LIST = Buffer.from(']');
