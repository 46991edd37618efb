import type { Answer } from '../../core/answer.ts';
import type { AnswerEnvelope, ClientDialect } from '../../core/client-dialect.ts';
import { objectMember, type JsonObject } from '../../core/json.ts';
import { candorMember } from '../candor-member.ts';
import { spliceMembers } from '../spliced-members.ts';
import { encodeCandidate } from './answer-parts.ts';
import { ARRAY_FRAMING, SSE_FRAMING } from './framing.ts';
import { errorBody, usageMembers } from './members.ts';
import { GenerateStream } from './stream.ts';

/** Encodes a whole answer. Of a vendor's body of the same protocol every byte stays but for the members that are ours. */
function encodeAnswer(answer: Answer, envelope: AnswerEnvelope): Buffer {
  const native = envelope.vendorBody === null ? null : answer.native;
  const members = answerMembers(answer, native, envelope);
  if (envelope.vendorBody !== null) {
    const spliced = spliceMembers(envelope.vendorBody, members);
    if (spliced !== null) return spliced;
  }
  if (native !== null) return Buffer.from(JSON.stringify({ ...native, ...members }));
  const candidates = [answer, ...answer.alternatives].map((choice, index) => {
    const { parts, members: ending } = encodeCandidate(choice);
    // A candidate without content has none, as the vendor's own has when it was stopped.
    const content = parts.length === 0 ? [] : [`"content":{"role":"model","parts":[${parts.join(',')}]}`];
    return `{${[...content, ...ending, `"index":${index}`].join(',')}}`;
  });
  return Buffer.from(`{"candidates":[${candidates.join(',')}],${JSON.stringify(members).slice(1)}`);
}

/** The members beside the candidates. */
function answerMembers(answer: Answer, native: JsonObject | null, envelope: AnswerEnvelope): JsonObject {
  const nativeUsage = native === null ? null : objectMember(native, 'usageMetadata');
  return {
    ...usageMembers(answer, nativeUsage, envelope),
    ...(native === null && answer.model !== null ? { modelVersion: answer.model } : {}),
    responseId: envelope.id,
    candor: candorMember(envelope),
  };
}

const BASE = {
  id: 'gemini-generate',
  encodeAnswer,
  encodeError: (error) => Buffer.from(JSON.stringify(errorBody(error))),
} as const satisfies Partial<ClientDialect>;

/** Google's generateContent, towards the client; a stream is server-sent events. */
export const geminiDialect: ClientDialect = {
  ...BASE,
  // The SDK reads blocks that begin with `data:` and passes over every other one.
  keepAlive: Buffer.from(': keep-alive\n\n'),
  openStream: (start) => new GenerateStream(start, SSE_FRAMING),
};

/** The same, where a stream is one JSON array that is written item by item. */
export const geminiArrayDialect: ClientDialect = {
  ...BASE,
  // White space between items means nothing.
  keepAlive: Buffer.from('\n'),
  streamContentType: 'application/json; charset=utf-8',
  openStream: (start) => new GenerateStream(start, ARRAY_FRAMING),
};
