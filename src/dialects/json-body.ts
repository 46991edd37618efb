import { isUtf8 } from 'node:buffer';

import type { OriginalRequest } from '../core/chat.ts';
import { GatewayError, type ErrorCode } from '../core/errors.ts';
import { isJsonObject, type JsonValue } from '../core/json.ts';
import { scanJson, type JsonScanProblem } from '../core/json-scan.ts';

/** Bounds a client's body must keep, so that no body can hold up the process. */
const LIMITS = { maxDepth: 64, maxStructuralCharacters: 200_000 };

/**
 * The one parse of a client's body, with the places of its outermost members.
 * @throws GatewayError with the code of what is wrong; the body itself is never quoted back
 */
export function parseJsonBody(raw: Buffer): OriginalRequest {
  const bytes = raw.length >= 3 && raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf ? raw.subarray(3) : raw;
  if (bytes.length === 0) throw new GatewayError('missing_body', 'the request has no body');
  if (!isUtf8(bytes)) throw new GatewayError('invalid_utf8', 'the body is not valid UTF-8');
  const scan = scanJson(bytes, LIMITS);
  if (scan.problem !== null) throw problemError(scan);
  let json: JsonValue;
  try {
    json = JSON.parse(bytes.toString('utf8')) as JsonValue;
  } catch (error) {
    const at = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
    throw new GatewayError(
      'invalid_json',
      `the body is not JSON${at === undefined ? '' : ` (it breaks at character ${at})`}`,
    );
  }
  if (!isJsonObject(json)) throw new GatewayError('body_must_be_object', 'the body must be a JSON object');
  // Only an escape can smuggle a lone surrogate into text that is valid UTF-8.
  if (bytes.includes('\\u') && !isWellFormed(json)) {
    throw new GatewayError('invalid_unicode', 'a text in the body holds half of a surrogate pair');
  }
  return { bytes, json, spans: scan.spans, inexact: scan.inexact };
}

function problemError(scan: JsonScanProblem): GatewayError {
  const sentences: Record<JsonScanProblem['problem'], string> = {
    invalid_json: `the body is not JSON (a text opened at byte ${scan.offset} never ends)`,
    json_too_deep: `the body is nested deeper than ${LIMITS.maxDepth} levels`,
    json_too_complex: `the body has more than ${LIMITS.maxStructuralCharacters} structural characters`,
    duplicate_key: `the key at byte ${scan.offset} stands twice in one object`,
    number_out_of_range: `the number at byte ${scan.offset} is larger than any program can hold`,
    forbidden_key: `the key at byte ${scan.offset} is not allowed`,
  };
  const code: ErrorCode = scan.problem;
  return new GatewayError(code, sentences[scan.problem], scan.key === null ? {} : { param: scan.key });
}

function isWellFormed(value: JsonValue): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (Array.isArray(value)) return (value as readonly JsonValue[]).every(isWellFormed);
  if (!isJsonObject(value)) return true;
  return Object.entries(value).every(
    ([key, member]) => key.isWellFormed() && (member === undefined || isWellFormed(member)),
  );
}
