import { choiceOf, type Answer, type AnswerPart, type Logprobs, type ToolCallStart } from '../../core/answer.ts';
import { joinedLogprobs, mergeExtra } from '../../core/answer-assembler.ts';
import type { ExtraContent } from '../../core/chat.ts';
import type { AnswerEnvelope } from '../../core/client-dialect.ts';
import type { JsonObject } from '../../core/json.ts';
import { candorMember } from '../candor-member.ts';
import { encodeCalls, endMembers, signatureOf, textPart } from './answer-parts.ts';
import { usageMembers } from './members.ts';

interface OpenCall {
  readonly start: ToolCallStart;
  readonly fragments: string[];
  extra: ExtraContent | null;
}

/** What of one candidate can be said only when it is whole. */
class OpenCandidate {
  readonly calls: OpenCall[] = [];
  extra: ExtraContent | null = null;
  readonly logprobs: Logprobs[] = [];
  isRefused = false;
}

/**
 * Chunks written for an answer of another protocol. Text goes as it comes; calls and signatures, which
 * this protocol has whole or not at all, go with the last chunk.
 */
export class WrittenChunks {
  readonly #id: string;
  #model: string | null = null;
  readonly #candidates: OpenCandidate[] = [];

  constructor(id: string) {
    this.#id = id;
  }

  /** The chunks that may go now. */
  take(parts: readonly AnswerPart[]): readonly (readonly Buffer[])[] {
    const chunks: (readonly Buffer[])[] = [];
    for (const part of parts) {
      if (part.type === 'model') this.#model = part.model;
      const text = this.#takePart(part);
      if (text === null) continue;
      const candidate = `{"content":{"role":"model","parts":[${text}]},"index":${choiceOf(part)}}`;
      chunks.push([this.#chunk([candidate], {})]);
    }
    return chunks;
  }

  #candidate(index: number): OpenCandidate {
    return (this.#candidates[index] ??= new OpenCandidate());
  }

  /** The text part it becomes at once; `null` for what waits and for what is not content. */
  #takePart(part: AnswerPart): string | null {
    const candidate = this.#candidate(choiceOf(part));
    switch (part.type) {
      case 'text':
        return part.text === '' ? null : textPart(part.text);
      case 'reasoning':
        return part.text === '' ? null : textPart(part.text, { thought: true });
      case 'refusal':
        candidate.isRefused = true;
        return part.text === '' ? null : textPart(part.text);
      case 'tool-call-start':
        candidate.calls[part.index] = { start: part, fragments: [], extra: null };
        return null;
      case 'tool-call-arguments':
        candidate.calls[part.index]?.fragments.push(part.fragment);
        return null;
      case 'extra':
        this.#takeExtra(candidate, part.toolCall, part.content);
        return null;
      case 'logprobs':
        candidate.logprobs.push(part.logprobs);
        return null;
      default:
        return null;
    }
  }

  #takeExtra(candidate: OpenCandidate, toolCall: number | null, content: ExtraContent): void {
    const call = toolCall === null ? null : candidate.calls[toolCall];
    if (call === null) candidate.extra = mergeExtra(candidate.extra, content);
    else if (call !== undefined) call.extra = mergeExtra(call.extra, content);
  }

  /** The last chunk: what waited, how each candidate ended, the counts and the provenance. */
  finish(answer: Answer, envelope: AnswerEnvelope): Buffer {
    const candidates = [answer, ...answer.alternatives].map(({ finishReason }, index) => {
      const open = this.#candidate(index);
      const { parts, broken } = encodeCalls(
        open.calls.map(({ start, fragments, extra }) => ({
          id: start.id,
          name: start.name,
          arguments: fragments.join(''),
          ...(extra === null ? {} : { extraContent: extra }),
        })),
      );
      const signature = signatureOf(open.extra);
      // As the vendor does it: the signature rides on an empty text. SDKs take a chunk without parts for a broken one.
      const signed = signature === null ? [] : [textPart('', { thoughtSignature: signature })];
      const content = [...signed, ...parts];
      if (content.length === 0) content.push(textPart(''));
      const { isRefused } = open;
      const logprobs = open.logprobs.length === 0 ? {} : { logprobs: joinedLogprobs(open.logprobs) };
      const ending = endMembers({ finishReason, isRefused, ...logprobs }, broken);
      return `{"content":{"role":"model","parts":[${content.join(',')}]},${ending.join(',')},"index":${index}}`;
    });
    return this.#chunk(candidates, {
      ...usageMembers(answer, null, envelope),
      candor: candorMember(envelope),
    });
  }

  #chunk(candidates: readonly string[], members: JsonObject): Buffer {
    const head = { ...(this.#model === null ? {} : { modelVersion: this.#model }), responseId: this.#id };
    return Buffer.from(`{"candidates":[${candidates.join(',')}],${JSON.stringify({ ...members, ...head }).slice(1)}`);
  }
}
