import type { Capabilities, Feature } from '../../core/capabilities.ts';
import type { HintRule } from '../../core/hint-rule.ts';
import { NO_LIMITS } from '../../core/model-limits.ts';
import { NO_SUCH_PARAMETER } from '../hint-rules.ts';

/** Models that make embeddings say so in their names, whoever serves them. */
const EMBEDDING_MODEL = /embed/i;
/** OpenAI's own take tokens and write base64; of them, the third generation shortens its vectors. */
const OPENAI_MODEL = /^text-embedding-/;
const SHORTENING_MODEL = /^text-embedding-3-/;

const FEATURES: readonly Feature[] = [
  'embeddings',
  'embedding_batch',
  'unknown_fields',
  'protocol_fields',
  'exact_numbers',
];
const OPENAI_HINTS: Readonly<Record<string, HintRule>> = {
  user: { kind: 'pass', field: 'user' },
  encoding_format: { kind: 'pass', field: 'encoding_format' },
};

/** What the model can do, if it makes embeddings; `null` for one that chats. */
export function embeddingCapabilities(modelId: string): Capabilities | null {
  if (!EMBEDDING_MODEL.test(modelId)) return null;
  const isOpenAi = OPENAI_MODEL.test(modelId);
  const features = new Set(FEATURES);
  if (isOpenAi) features.add('embedding_tokens');
  if (SHORTENING_MODEL.test(modelId)) features.add('embedding_dimensions');
  return {
    protocol: 'openai-embeddings',
    features,
    emulates: new Set(),
    fitSchema: () => ({ schema: null, changes: [] }),
    hints: isOpenAi ? OPENAI_HINTS : { user: NO_SUCH_PARAMETER },
    exclusiveHints: [],
    defaultOutputTokens: null,
    limits: NO_LIMITS,
    reasoning: null,
    source: isOpenAi ? 'OpenAI API reference, 2026-11' : 'what servers of the protocol have in common, 2026-11',
  };
}
