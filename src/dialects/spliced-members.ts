import type { JsonObject } from '../core/json.ts';
import { editMembers } from '../core/json-edit.ts';
import { scanJson } from '../core/json-scan.ts';

/** The answer has been parsed already: what is nested deeper is written anew, not refused. */
const LIMITS = { maxDepth: 256, maxStructuralCharacters: Number.POSITIVE_INFINITY };

/** The vendor's object with our members in it, and every other byte as it came; `null` where it holds a key twice or the like. */
export function spliceMembers(object: Buffer, members: JsonObject): Buffer | null {
  const scan = scanJson(object, LIMITS);
  if (scan.problem !== null) return null;
  const changes = new Map<string, Buffer | null>();
  for (const [name, value] of Object.entries(members)) {
    changes.set(name, value === undefined ? null : Buffer.from(JSON.stringify(value)));
  }
  return editMembers(object, scan.spans, changes);
}
