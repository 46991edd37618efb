import type { Answer } from '../core/answer.ts';
import type { ChatRequest } from '../core/chat.ts';
import { failure, type Failure } from '../core/failure.ts';

/** The answer, or what is wrong with it where vectors were asked for: one for each input, of one length, of the length that was asked. */
export function checkVectors(answer: Answer, { embedding }: ChatRequest): Answer | Failure {
  if (embedding === null) return answer;
  const { inputs, dimensions } = embedding;
  const vectors = answer.embeddings ?? [];
  if (vectors.length !== inputs.length) {
    return failure('invalid_answer', `the vendor sent ${vectors.length} vectors for ${inputs.length} inputs`);
  }
  const length = dimensions ?? vectors[0]?.length ?? 0;
  const odd = vectors.find((vector) => vector.length !== length || length === 0);
  if (odd === undefined) return answer;
  return failure('invalid_answer', `the vendor sent a vector of ${odd.length} numbers where ${length} were expected`);
}
