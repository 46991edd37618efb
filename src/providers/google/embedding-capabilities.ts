import type { Capabilities, Feature } from '../../core/capabilities.ts';
import { NO_LIMITS } from '../../core/model-limits.ts';

/** Google's Gemini API reference of `batchEmbedContents`, read 2026-11. */
const SOURCE = 'Gemini API reference, 2026-11';

const EMBEDDING_MODEL = /embedding/;
/** The first generation cannot shorten its vectors. */
const FIRST_GENERATION = /^embedding-001$/;

/** What the model can do, if it makes embeddings; `null` for one that chats. */
export function googleEmbeddingCapabilities(modelId: string): Capabilities | null {
  if (!EMBEDDING_MODEL.test(modelId)) return null;
  const features: readonly Feature[] = FIRST_GENERATION.test(modelId)
    ? ['embeddings']
    : ['embeddings', 'embedding_dimensions'];
  return {
    protocol: 'gemini-generate',
    features: new Set(features),
    emulates: new Set(),
    fitSchema: (schema) => ({ schema, changes: [] }),
    hints: { user: { kind: 'drop', reason: 'this vendor takes no user identifier' } },
    exclusiveHints: [],
    defaultOutputTokens: null,
    limits: NO_LIMITS,
    reasoning: null,
    source: SOURCE,
  };
}
