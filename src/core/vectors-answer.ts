import type { Answer } from './answer.ts';
import type { JsonObject } from './json.ts';
import type { TokenCounts } from './usage.ts';

/** What a vendor sent that was asked for embeddings. */
interface Vectors {
  readonly model: string | null;
  /** In the order of the inputs. */
  readonly vectors: readonly (readonly number[])[];
  readonly counts: TokenCounts;
  /** Of `counts`; `null`: it does not say how much was read. */
  readonly promptTokens: number | null;
  /** The vendor's own total; `null`: it does not say. */
  readonly totalTokens: number | null;
  readonly native: JsonObject;
}

/** An answer that is vectors, and nothing a chat would have. */
export function vectorsAnswer({ model, vectors, counts, promptTokens, totalTokens, native }: Vectors): Answer {
  const report =
    promptTokens === null
      ? counts.unknown()
      : counts.known({
          promptTokens,
          // Nothing is written for embeddings: what was read is all there is to count.
          completionTokens: 0,
          totalTokens: totalTokens ?? promptTokens,
          cachedTokens: null,
          cacheWriteTokens: null,
          reasoningTokens: null,
        });
  return {
    model,
    text: null,
    reasoning: null,
    refusal: null,
    toolCalls: [],
    extraContent: null,
    alternatives: [],
    embeddings: vectors,
    // Vectors come whole or not at all, and no vendor has a word for it.
    finishReason: 'stop',
    finishNative: '',
    usage: report.usage,
    native,
    flags: report.flags,
  };
}
