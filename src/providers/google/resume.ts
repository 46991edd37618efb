import type { JsonValue } from '../../core/json.ts';
import { editMembers } from '../../core/json-edit.ts';
import { locateMembers } from '../../core/json-scan.ts';
import type { EncodedRequest } from '../provider.ts';

/** The same request once more, with the token of the pause: the vendor goes on where it stopped. */
export function resumeRequest(encoded: EncodedRequest, token: JsonValue): EncodedRequest {
  const spans = locateMembers(encoded.body);
  const name = spans.has('continuation_token') ? 'continuation_token' : 'continuationToken';
  const changes = new Map([[name, Buffer.from(JSON.stringify(token))]]);
  return { ...encoded, body: editMembers(encoded.body, spans, changes) };
}
