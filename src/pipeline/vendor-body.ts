import type { Answer } from '../core/answer.ts';
import { editAt } from '../core/json-edit.ts';
import { bytesUnder } from '../core/json-scan.ts';
import { isJsonObject, parseJson, type JsonValue } from '../core/json.ts';
import type { TextEdit } from '../validation/run.ts';
import type { Attempt } from './attempt.ts';

/**
 * The vendor's own body for a client of its protocol, with the texts changed that were changed in the answer and every other
 * byte as it came; and the answer, whose `native` is that body. Where a text does not stand in the body in one piece,
 * so that it cannot be changed there, there is no body: the dialect then writes the answer anew.
 */
export function vendorBody(
  answer: Answer,
  attempt: Pick<Attempt, 'received' | 'edits'> | null,
): { readonly answer: Answer; readonly body: Buffer | null } {
  if (answer.native === null || attempt === null) return { answer, body: null };
  const received = attempt.received.bytes;
  if (attempt.edits.length === 0) return { answer, body: received };
  const body = withTexts(received, attempt.edits);
  const native = body === null ? undefined : parseJson(body.toString('utf8'));
  return isJsonObject(native)
    ? { answer: { ...answer, native }, body }
    : { answer: { ...answer, native: null }, body: null };
}

function withTexts(body: Buffer, edits: readonly TextEdit[]): Buffer | null {
  const json = parseJson(body.toString('utf8'));
  if (json === undefined) return null;
  let changed = body;
  for (const from of new Set(edits.map((edit) => edit.from))) {
    const own = edits.filter((edit) => edit.from === from);
    const paths = pathsTo(json, from);
    // The text may stand elsewhere too, where it means something else, or under a key that stands twice.
    if (paths.length !== own.length || paths.some((path) => bytesUnder(body, path) === null)) return null;
    const to = Buffer.from(JSON.stringify(own[0]?.to));
    for (const path of paths) changed = editAt(changed, path, to);
  }
  return changed;
}

/** Where in the JSON this very string stands. */
function pathsTo(json: JsonValue, text: string): readonly (readonly string[])[] {
  if (json === text) return [[]];
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json).flatMap(([key, value]) =>
    pathsTo(value as JsonValue, text).map((path) => [key, ...path]),
  );
}
