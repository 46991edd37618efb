import { randomFrom } from './random.ts';
import { countTokens } from './tokens.ts';

/** Models that make embeddings say so in their names. */
export const EMBEDDING_MODEL = /embed/i;

/** A request for embeddings, as far as it decides the answer. */
export interface EmbeddingQuestion {
  /** Texts, or the tokens of texts. */
  readonly inputs: readonly (string | readonly number[])[];
  /** How long each vector shall be. */
  readonly dimensions: number;
  readonly format: 'float' | 'base64';
}

/** Vectors of length one, each made of the model and its input and of nothing else. */
export function vectorsFor(
  { inputs, dimensions }: EmbeddingQuestion,
  seed: number,
  model: string,
): readonly number[][] {
  return inputs.map((input) => {
    const random = randomFrom(seed, 'vector', model, JSON.stringify(input));
    const numbers = Array.from({ length: dimensions }, () => 2 * random.next() - 1);
    const norm = Math.hypot(...numbers);
    return numbers.map((number) => number / norm);
  });
}

/** How many tokens are read of one input. */
export function inputTokens(input: string | readonly number[]): number {
  return typeof input === 'string' ? countTokens(input) : input.length;
}
