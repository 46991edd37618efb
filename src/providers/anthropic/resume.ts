import type { JsonValue } from '../../core/json.ts';
import { editAt } from '../../core/json-edit.ts';
import { bytesUnder, locateMembers } from '../../core/json-scan.ts';
import type { EncodedRequest } from '../provider.ts';

/** The request once more, with the answer so far as its last turn: the vendor goes on from there (API reference, `pause_turn`). */
export function resumeRequest(encoded: EncodedRequest, content: JsonValue): EncodedRequest {
  const messages = bytesUnder(encoded.body, ['messages']) ?? Buffer.from('[]');
  const turns = [...locateMembers(messages).values()].map((span) => messages.subarray(...span));
  turns.push(Buffer.from(JSON.stringify({ role: 'assistant', content })));
  const list = turns.flatMap((turn, index) => [Buffer.from(index === 0 ? '[' : ','), turn]);
  return { ...encoded, body: editAt(encoded.body, ['messages'], Buffer.concat([...list, Buffer.from(']')])) };
}
