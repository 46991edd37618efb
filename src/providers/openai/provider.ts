import { isReasoningModel, openAiCapabilities } from './capabilities.ts';
import { defineOpenAiCompatible } from '../openai-compatible/define.ts';
import { embeddingCapabilities } from '../openai-compatible/embedding-capabilities.ts';

/** OpenAI, Chat Completions. */
export const openai = defineOpenAiCompatible({
  kind: 'openai',
  defaultUrl: 'https://api.openai.com/v1',
  capabilities: (modelId) => embeddingCapabilities(modelId) ?? openAiCapabilities(modelId),
  encodeOptions: (modelId) => ({
    path: '/chat/completions',
    outputCap: isReasoningModel(modelId) ? 'max_completion_tokens' : null,
    leavesOutNeutral: false,
    developerRole: true,
    takesReasoning: false,
    takesParts: true,
    cacheBreakpoints: true,
  }),
  requestIdHeader: 'x-request-id',
});
