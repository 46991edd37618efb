import type { JsonObject } from '../core/json.ts';
import type { Deployment } from '../core/deployment.ts';
import type { ListedModel } from '../core/model-list.ts';

/** Nobody told us when the model was released; the protocol says that an epoch stands for that. */
const RELEASE_UNKNOWN = '1970-01-01T00:00:00Z';
/** What a model that chats can be asked with at the gateway. */
const GEMINI_METHODS = ['generateContent', 'streamGenerateContent', 'countTokens'];

/**
 * An entry of the list of models in Anthropic's shape. What is not known is `null`.
 * @param deployments those behind its name
 */
export function anthropicModel(model: ListedModel, deployments: readonly Deployment[]): JsonObject {
  return {
    type: 'model',
    id: model.id,
    display_name: model.id,
    created_at: RELEASE_UNKNOWN,
    max_input_tokens: commonLimit(deployments, 'contextTokens'),
    max_tokens: commonLimit(deployments, 'outputTokens'),
    capabilities: null,
    candor: model.candor,
  };
}

/** The same in Gemini's shape, where what is not known is left out. */
export function geminiModel(model: ListedModel, deployments: readonly Deployment[]): JsonObject {
  const chats = deployments.some(({ capabilities }) => capabilities.features.has('chat'));
  return {
    name: `models/${model.id}`,
    displayName: model.id,
    inputTokenLimit: commonLimit(deployments, 'contextTokens') ?? undefined,
    outputTokenLimit: commonLimit(deployments, 'outputTokens') ?? undefined,
    supportedGenerationMethods: chats ? GEMINI_METHODS : [],
    candor: model.candor,
  };
}

/** A limit that whoever serves the name has; `null` where they differ or one is not known. */
function commonLimit(deployments: readonly Deployment[], limit: 'contextTokens' | 'outputTokens'): number | null {
  const limits = new Set(deployments.map(({ capabilities }) => capabilities.limits[limit]));
  const [only] = limits;
  return limits.size === 1 ? (only ?? null) : null;
}
