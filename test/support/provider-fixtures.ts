import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Answer, AnswerPart } from '../../src/core/answer.ts';
import { AnswerAssembler } from '../../src/core/answer-assembler.ts';
import { failure, isFailure, type Failure } from '../../src/core/failure.ts';
import type { JsonValue } from '../../src/core/json.ts';
import type { ExpectedAnswer, Provider } from '../../src/providers/provider.ts';
import { SseDecoder } from '../../src/transport/sse.ts';

const PROVIDERS = join(import.meta.dirname, '..', '..', 'src', 'providers');

/** What most requests expect: one answer of a chat. */
export const ONE_CHAT: ExpectedAnswer = { choices: 1, embeddings: false };

/** The text of one of a provider's fixtures. @throws Error with the name of a file that is not there */
export function fixtureText(kind: string, name: string): string {
  return readFileSync(join(PROVIDERS, kind, 'fixtures', name), 'utf8');
}

/** One of a provider's fixtures as JSON. */
export function fixture(kind: string, name: string): JsonValue {
  return JSON.parse(fixtureText(kind, name)) as JsonValue;
}

/** What a stream came to: its parts, and the answer or why there is none. */
export interface DecodedStream {
  readonly parts: readonly AnswerPart[];
  readonly result: Answer | Failure;
}

/** Decodes a stream that arrives in these chunks, from its bytes to the assembled answer. */
export function decodeChunks(provider: Provider, chunks: readonly Buffer[]): DecodedStream {
  const sse = new SseDecoder();
  const decoder = provider.streamDecoder(ONE_CHAT);
  const assembler = new AnswerAssembler();
  const parts: AnswerPart[] = [];
  const take = (events: ReturnType<SseDecoder['push']>): Failure | null => {
    if (isFailure(events)) return events;
    for (const event of events) {
      const decoded = decoder.decode(event);
      if (isFailure(decoded)) return decoded;
      parts.push(...decoded.parts);
      for (const part of decoded.parts) assembler.add(part);
    }
    return null;
  };
  for (const chunk of chunks) {
    const problem = take(sse.push(chunk));
    if (problem !== null) return { parts, result: problem };
  }
  const rest = sse.end();
  if (isFailure(rest)) return { parts, result: rest };
  const problem = take(rest.events);
  if (problem !== null) return { parts, result: problem };
  const flags = decoder.end(rest.stray);
  if (isFailure(flags)) return { parts, result: flags };
  return { parts, result: assembler.answer(flags) ?? failure('truncated', 'the stream had no finish') };
}
